//! `[ a = b ]`, `[[ a == b ]]` and `test`: true or false only if both sides are known.

use crate::lint::symbol::{Symbols, is_known, is_symbol};

/// Whether a command succeeds; none when that is not known.
pub(super) fn status(words: &[String], symbols: &Symbols) -> Option<bool> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["true" | ":"] => Some(true),
        ["false"] => Some(false),
        ["[", inner @ .., "]"] | ["[[", inner @ .., "]]"] | ["test", inner @ ..] => {
            decide(inner, symbols)
        }
        _ => None,
    }
}

fn decide(words: &[&str], symbols: &Symbols) -> Option<bool> {
    match words {
        ["!", rest @ ..] => decide(rest, symbols).map(|truth| !truth),
        ["-z", text] => is_empty(text),
        ["-n", text] => is_empty(text).map(|empty| !empty),
        [a, "=~", pattern] => matches_start(a, pattern),
        [a, sign @ ("=" | "==" | "!="), b] => {
            let equal = if a == b {
                Some(true)
            } else if let Some(start) = b.strip_suffix('*').filter(|start| is_plain(start)) {
                begins(a, start)
            } else if !is_plain(b) || symbols.may_equal(a, b) {
                None
            } else {
                Some(false)
            };
            equal.map(|equal| equal == (*sign != "!="))
        }
        _ => None,
    }
}

/// Whether a pattern is text alone.
fn is_plain(pattern: &str) -> bool {
    is_known(pattern) && !pattern.contains(['*', '?', '[', '\\'])
}

/// Whether a text begins with another one, as far as its known part tells.
fn begins(text: &str, start: &str) -> Option<bool> {
    if text.starts_with(start) {
        return Some(true);
    }
    let differ = text.chars().zip(start.chars()).find(|(a, b)| a != b);
    match differ {
        Some((c, _)) if is_symbol(c) => None,
        Some(_) => Some(false),
        None => is_known(text).then_some(false),
    }
}

/// Whether a regular expression surely does not match: by the text at its beginning.
fn matches_start(text: &str, pattern: &str) -> Option<bool> {
    let plain = pattern.strip_prefix('^')?;
    let end = plain.find(|c: char| !c.is_ascii_alphanumeric() && !"-_/:".contains(c));
    let start = &plain[..end.unwrap_or(plain.len())];
    // A sign of repetition belongs to the character before it.
    let repeats = end.is_some_and(|end| plain[end..].starts_with(['*', '?', '{']));
    let start = if repeats { &start[..start.len().saturating_sub(1)] } else { start };
    begins(text, start).filter(|begins| !begins)
}

fn is_empty(text: &str) -> Option<bool> {
    if is_known(text) {
        return Some(text.is_empty());
    }
    let known = text.chars().any(|c| !is_symbol(c));
    known.then_some(false)
}
