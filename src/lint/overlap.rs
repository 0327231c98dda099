//! Whether two texts with unknown parts may be equal.

use super::symbol_kind::{Commit, WHOLE_SHA};

/// A character of a text, or what stands for several.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    Char(char),
    Sha(Option<u8>, Commit),
    Any,
}

impl Piece {
    /// Whether both may be the same text.
    fn may_equal(self, other: Self) -> bool {
        match (self, other) {
            (Self::Char(a), Self::Char(b)) => a == b,
            (Self::Sha(a, of), Self::Sha(b, other)) => {
                let short = |length: Option<u8>| length.is_none_or(|length| length < WHOLE_SHA);
                let lengths = match (a, b) {
                    (Some(a), Some(b)) => a == b,
                    _ => short(a) && short(b),
                };
                let apart = matches!(
                    (of, other),
                    (Commit::OfRun, Commit::OfHead) | (Commit::OfHead, Commit::OfRun)
                );
                lengths && !apart
            }
            _ => false,
        }
    }

    fn is_any(self) -> bool {
        matches!(self, Self::Any)
    }
}

/// Whether some text matches both patterns, by dynamic programming.
pub(super) fn overlap(a: &[Piece], b: &[Piece]) -> bool {
    let mut row = vec![false; b.len() + 1];
    let mut above = row.clone();
    for i in 0..=a.len() {
        std::mem::swap(&mut above, &mut row);
        for j in 0..=b.len() {
            row[j] = (i == 0 && j == 0)
                || (i > 0 && above[j] && a[i - 1].is_any())
                || (j > 0 && row[j - 1] && b[j - 1].is_any())
                || (i > 0 && j > 0 && above[j] && b[j - 1].is_any())
                || (i > 0 && j > 0 && row[j - 1] && a[i - 1].is_any())
                || (i > 0 && j > 0 && above[j - 1] && a[i - 1].may_equal(b[j - 1]));
        }
    }
    row[b.len()]
}
