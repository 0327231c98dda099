//! Breaks lines for the width of a terminal: between words only. A word that is longer than the line
//! stays whole, so that it can be copied; so does a command between back-quotes that fits a line.

use unicode_width::UnicodeWidthStr as _;

use super::block::Tone;

/// A line in pieces, already escaped.
pub(super) type Pieces = Vec<(Tone, String)>;

/// How many columns a line takes.
pub(super) fn width_of(pieces: &[(Tone, String)]) -> usize {
    pieces.iter().map(|(_, text)| text.width()).sum()
}

/// The width of the longest word.
pub(super) fn longest_word(pieces: &[(Tone, String)]) -> usize {
    words(pieces).iter().map(|word| width_of(&word.pieces)).max().unwrap_or(0)
}

/// The lines of a text; those after the first begin with `hang` blanks.
pub(super) fn wrapped(pieces: &[(Tone, String)], width: usize, hang: usize) -> Vec<Pieces> {
    if width_of(pieces) <= width {
        return vec![pieces.to_vec()];
    }
    let mut lines: Vec<Pieces> = Vec::new();
    let mut line: Pieces = Vec::new();
    let mut used = 0;
    for word in joined_commands(words(pieces), width.saturating_sub(hang)) {
        let size = width_of(&word.pieces);
        let is_first = lines.is_empty() && line.is_empty();
        // At the beginning of a line this would be a command to a CI runner.
        let may_begin = !word.pieces.first().is_some_and(|(_, text)| text.starts_with("::"));
        if !is_first && may_begin && used > hang && used + word.blanks + size > width {
            lines.push(std::mem::take(&mut line));
            line.push((Tone::Plain, " ".repeat(hang)));
            used = hang;
        } else {
            line.push((Tone::Plain, " ".repeat(word.blanks)));
            used += word.blanks;
        }
        line.extend(word.pieces);
        used += size;
    }
    lines.push(line);
    lines
}

/// A word, which may have pieces of several tones, and the blanks before it.
#[derive(Default)]
struct Word {
    blanks: usize,
    pieces: Pieces,
}

fn words(pieces: &[(Tone, String)]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut blanks = 0;
    let mut is_inside = false;
    for (tone, text) in pieces {
        for part in text.split_inclusive(' ') {
            let word = part.trim_end_matches(' ');
            if !word.is_empty() {
                if !is_inside {
                    words.push(Word { blanks: std::mem::take(&mut blanks), pieces: Vec::new() });
                }
                is_inside = true;
                if let Some(last) = words.last_mut() {
                    last.pieces.push((*tone, word.to_owned()));
                }
            }
            if part.ends_with(' ') {
                is_inside = false;
                blanks += part.len() - word.len();
            }
        }
    }
    words
}

/// Joins the words between two back-quotes where they fit into a line.
fn joined_commands(words: Vec<Word>, room: usize) -> Vec<Word> {
    let marks = |word: &Word| -> usize {
        word.pieces.iter().map(|(_, text)| text.matches('`').count()).sum()
    };
    let mut joined = Vec::with_capacity(words.len());
    let mut rest = words.into_iter().peekable();
    while let Some(mut word) = rest.next() {
        let mut open = marks(&word) % 2 == 1;
        let mut parts = Vec::new();
        let mut size = width_of(&word.pieces);
        while open && let Some(next) = rest.next() {
            open = marks(&next) % 2 == 0;
            size += next.blanks + width_of(&next.pieces);
            parts.push(next);
        }
        if !open && size <= room {
            for part in parts {
                word.pieces.push((Tone::Plain, " ".repeat(part.blanks)));
                word.pieces.extend(part.pieces);
            }
            joined.push(word);
        } else {
            joined.push(word);
            joined.extend(parts);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize, hang: usize) -> Vec<String> {
        let lines = wrapped(&[(Tone::Plain, text.to_owned())], width, hang);
        let text = |line: &Pieces| line.iter().map(|(_, text)| text.as_str()).collect();
        lines.iter().map(text).collect()
    }

    #[test]
    fn lines_break_between_words_and_words_stay_whole() {
        assert_eq!(lines("  one two three", 10, 4), ["  one two", "    three"]);
        assert_eq!(lines("a sha256:0123456789 b", 8, 0), ["a", "sha256:0123456789", "b"]);
        assert_eq!(lines("fits", 4, 2), ["fits"]);
        assert_eq!(lines("", 4, 2), [""]);
    }

    #[test]
    fn a_command_stays_on_one_line_where_it_fits() {
        assert_eq!(
            lines("to apply: `tags apply plan.json`, now", 26, 2),
            ["to apply:", "  `tags apply plan.json`,", "  now"][..].to_vec()
        );
        assert_eq!(lines("a `b c d` e", 6, 0), ["a `b c", "d` e"]);
        assert_eq!(lines("it`s one", 5, 0), ["it`s", "one"]);
    }

    #[test]
    fn a_word_of_two_tones_is_one_word() {
        let pieces = [(Tone::Strong, "one".to_owned()), (Tone::Plain, ": two".to_owned())];
        assert_eq!(wrapped(&pieces, 5, 0).len(), 2);
        assert_eq!(longest_word(&pieces), 4);
    }
}
