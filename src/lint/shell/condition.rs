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
        [a, sign @ ("=" | "==" | "!="), b] => {
            let equal = if a == b {
                Some(true)
            } else if b.contains(['*', '?', '[']) || symbols.may_equal(a, b) {
                None
            } else {
                Some(false)
            };
            equal.map(|equal| equal == (*sign != "!="))
        }
        _ => None,
    }
}

fn is_empty(text: &str) -> Option<bool> {
    if is_known(text) {
        return Some(text.is_empty());
    }
    let known = text.chars().any(|c| !is_symbol(c));
    known.then_some(false)
}
