//! Splits the bytes of a log into lines, and removes from a line what the runner put around its text.

use std::borrow::Cow;

/// What is kept of a line; the rest of a longer one is passed over.
pub(super) const LONGEST: usize = 8 << 10;

/// Splits bytes into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    is_cut: bool,
}

/// One line, of which the end may be missing.
pub(super) struct RawLine<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether the end was passed over.
    pub(super) is_cut: bool,
}

impl Lines {
    /// Takes in the next bytes, and hands on each line that they end.
    pub(super) fn read(&mut self, bytes: &[u8], mut each: impl FnMut(&RawLine<'_>)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            if self.begun.is_empty() && line.len() <= LONGEST {
                each(&RawLine { bytes: line, is_cut: false });
            } else {
                self.add(line);
                self.end(&mut each);
            }
            rest = after;
        }
        self.add(rest);
    }

    /// Hands on the last line, which has no line end.
    pub(super) fn end(&mut self, mut each: impl FnMut(&RawLine<'_>)) {
        each(&RawLine { bytes: &self.begun, is_cut: self.is_cut });
        self.begun.clear();
        self.is_cut = false;
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.begun.capacity()
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = LONGEST - self.begun.len();
        self.is_cut |= bytes.len() > room;
        self.begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// The text of a line: without byte order mark and time, and the colours still in it.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    // Each page of a log begins with a byte order mark.
    let mut bytes = bytes;
    while let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
        bytes = rest;
    }
    String::from_utf8_lossy(without_time(bytes))
}

/// Removes `2026-11-22T03:17:02.1234567Z `. A text with line breaks has a time on its first line only.
fn without_time(bytes: &[u8]) -> &[u8] {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let fits = |(b, form): (&u8, &u8)| if *form == b'0' { b.is_ascii_digit() } else { b == form };
    if bytes.len() <= FORM.len() || !bytes.iter().zip(FORM).all(fits) {
        return bytes;
    }
    let fraction = &bytes[FORM.len()..];
    let fraction = match fraction.strip_prefix(b".") {
        Some(digits) => &digits[digits.iter().take_while(|b| b.is_ascii_digit()).count()..],
        None => fraction,
    };
    match fraction.strip_prefix(b"Z") {
        Some(rest) => rest.strip_prefix(b" ").unwrap_or(rest),
        None => bytes,
    }
}

/// Removes the escape sequences of a terminal.
pub(super) fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            // Parameters, up to a letter or one of `@[\]^_`{|}~`.
            Some('[') => drop(rest.find(|c| matches!(c, '@'..='~'))),
            // A title or a link, up to a bell or the backslash of `ESC \`.
            Some(']') => drop(rest.find(|c| matches!(c, '\u{7}' | '\\'))),
            _ => {}
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        let mut lines = Lines::default();
        let mut keep = |line: &RawLine<'_>| {
            found.push((String::from_utf8_lossy(line.bytes).into_owned(), line.is_cut));
        };
        for piece in pieces {
            lines.read(piece, &mut keep);
        }
        lines.end(keep);
        found
    }

    #[test]
    fn lines_are_whole_wherever_a_piece_ends() {
        let whole = ["ab".to_owned(), "cd".to_owned(), "e".to_owned()];
        for pieces in [&[&b"ab\ncd\ne"[..]][..], &[b"a", b"b\nc", b"d", b"\n", b"e"]] {
            let found: Vec<String> = lines(pieces).into_iter().map(|(line, _)| line).collect();
            assert_eq!(found, whole);
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let long = vec![b'x'; 3 * LONGEST];
        let found = lines(&[&long, &long, b"\nshort\n"]);
        assert_eq!((found[0].0.len(), found[0].1), (LONGEST, true));
        assert_eq!(found[1], ("short".to_owned(), false));
        assert_eq!(lines(&[&long, b"\n"])[0].0.len(), LONGEST);
        assert_eq!(lines(&[b"\n", b"\n"]).len(), 3);
    }

    #[test]
    fn the_time_and_the_mark_go_and_the_rest_stays() {
        for (line, expected) in [
            ("2026-11-22T03:17:02.1234567Z text", "text"),
            ("\u{feff}2026-11-22T03:17:02.1234567Z text", "text"),
            ("2026-11-22T03:17:02Z text", "text"),
            ("2026-11-22T03:17:02.1234567Z", ""),
            ("2026-11-22T03:17:02.1234567Z  two blanks", " two blanks"),
            ("2026-11-22 03:17:02 UTC [7] text", "2026-11-22 03:17:02 UTC [7] text"),
            ("2026-11-22T03:17:02+00:00 text", "2026-11-22T03:17:02+00:00 text"),
            ("text", "text"),
            ("", ""),
        ] {
            assert_eq!(text(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn colours_and_links_go() {
        for (line, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{7}", "link"),
            ("\u{1b}[", ""),
            ("\u{1b}", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(without_colours(line), expected, "{line:?}");
        }
    }
}
