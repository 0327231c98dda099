//! Brace expansion: `app:{amd64,arm64}` is two words.
//!
//! <https://www.gnu.org/software/bash/manual/html_node/Brace-Expansion.html>; ranges such as `{1..3}`
//! stay as they are.

use super::lex::skip;
use crate::lint::position::SourceChar;

/// How many words one may become.
const MOST: usize = 64;

/// The words that a word becomes; itself, where it has no list in braces.
pub(super) fn braced(word: &[SourceChar]) -> Vec<Vec<SourceChar>> {
    let mut words = vec![word.to_vec()];
    // Each round replaces the first list of every word.
    while let Some(at) = words.iter().position(|word| first_list(word).is_some()) {
        let Some((start, commas, end)) = first_list(&words[at]) else { break };
        if words.len() + commas.len() > MOST {
            break;
        }
        let word = words.remove(at);
        let starts = std::iter::once(start).chain(commas.iter().copied());
        let ends = commas.iter().copied().chain([end]);
        for (number, (from, to)) in starts.zip(ends).enumerate() {
            let parts = [&word[..start], &word[from + 1..to], &word[end + 1..]];
            words.insert(at + number, parts.concat());
        }
    }
    words
}

/// The first list in braces outside of quotes: where it begins, its commas, and where it ends.
fn first_list(word: &[SourceChar]) -> Option<(usize, Vec<usize>, usize)> {
    let mut at = 0;
    while at < word.len() {
        if word[at].c == '{'
            && let Some((commas, end)) = list(word, at)
        {
            return Some((at, commas, end));
        }
        at = skip(word, at).max(at + 1);
    }
    None
}

fn list(word: &[SourceChar], start: usize) -> Option<(Vec<usize>, usize)> {
    let (mut depth, mut commas, mut at) = (0_usize, Vec::new(), start);
    while let Some(ch) = word.get(at) {
        match ch.c {
            '{' => depth += 1,
            '}' if depth == 1 => return (!commas.is_empty()).then_some((commas, at)),
            '}' => depth -= 1,
            ',' if depth == 1 => commas.push(at),
            _ => {}
        }
        at = skip(word, at).max(at + 1);
    }
    None
}
