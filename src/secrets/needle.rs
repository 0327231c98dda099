//! Searches for many byte strings in one pass.
//!
//! A bit set of first pairs of bytes rules most positions out; a map from the first four bytes
//! gives the candidates for the rest. Adding is cheap, since tokens are added during a run.

use std::collections::HashMap;
use std::ops::Range;

const HEAD: usize = 4;

/// Where a match counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchContext {
    /// Everywhere.
    Anywhere,
    /// Where no letter, digit, hyphen or underscore is next to it.
    Alone,
    /// Everywhere; the base64 digits next to it contain bits of it too.
    WithinBase64,
}

/// A byte string to search for, at least four bytes long.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    pub(super) context: MatchContext,
}

/// All byte strings to search for.
#[derive(Default)]
pub(super) struct Needles {
    by_head: HashMap<[u8; HEAD], Vec<Needle>>,
    /// A bit for each pair of bytes that a needle begins with; empty until there is one.
    pairs: Vec<u64>,
    /// Whether a secret contains an escape.
    has_escapes: bool,
    /// Whether a needle contains a line break.
    have_lines: bool,
}

impl Needles {
    pub(super) fn is_empty(&self) -> bool {
        self.by_head.is_empty()
    }

    pub(super) fn note_escapes(&mut self) {
        self.has_escapes = true;
    }

    pub(super) fn has_escapes(&self) -> bool {
        self.has_escapes
    }

    pub(super) fn have_lines(&self) -> bool {
        self.have_lines
    }

    pub(super) fn add(&mut self, needle: Needle) {
        let Some(head) = needle.bytes.first_chunk::<HEAD>() else {
            return;
        };
        let bucket = self.by_head.entry(*head).or_default();
        if bucket.contains(&needle) {
            return;
        }
        self.have_lines |= needle.bytes.contains(&b'\n');
        self.pairs.resize((1 << 16) / 64, 0);
        let pair = pair(head[0], head[1]);
        self.pairs[pair / 64] |= 1 << (pair % 64);
        bucket.push(needle);
    }

    /// The ranges of all matches; they may overlap.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        for (at, two) in text.windows(2).enumerate() {
            let pair = pair(two[0], two[1]);
            if self.pairs[pair / 64] & (1 << (pair % 64)) == 0 {
                continue;
            }
            let bucket = text[at..].first_chunk::<HEAD>().and_then(|head| self.by_head.get(head));
            for needle in bucket.into_iter().flatten() {
                if text[at..].starts_with(&needle.bytes) {
                    found.extend(needle.counted(text, at..at + needle.bytes.len()));
                }
            }
        }
        found
    }
}

impl Needle {
    /// The range to replace for a match; none if it does not count here.
    fn counted(&self, text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
        let before = found.start.checked_sub(1).map(|at| text[at]);
        let after = text.get(found.end).copied();
        match self.context {
            MatchContext::Anywhere => Some(found),
            MatchContext::Alone => {
                let is_word =
                    |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                (!before.is_some_and(is_word) && !after.is_some_and(is_word)).then_some(found)
            }
            MatchContext::WithinBase64 => {
                let start = found.start - usize::from(before.is_some_and(is_digit));
                let mut end = found.end + usize::from(after.is_some_and(is_digit));
                end += text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
                Some(start..end)
            }
        }
    }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}
