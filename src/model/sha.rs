//! A commit SHA in a tag: 7 to 64 lower-case hex digits.
//!
//! SHAs can be compared, so that they can be used as keys. Their order says nothing about age.

use std::cmp::Ordering;
use std::fmt;

use super::hex;

/// A commit SHA, or a prefix of one. Two digits a byte, since an environment may have a million releases;
/// SHAs are ordered as their texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sha {
    /// The digits, then zeros.
    digits: [u8; 32],
    /// How many digits there are.
    count: u8,
}

/// The text is not 7 to 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a commit SHA (7 to 64 lower-case hex digits)")]
pub struct InvalidSha(String);

impl Sha {
    /// Reads a SHA.
    ///
    /// # Errors
    /// [`InvalidSha`] for another length or other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidSha> {
        Self::read(text).ok_or_else(|| InvalidSha(text.chars().take(80).collect()))
    }

    /// Reads a SHA, without an error that quotes what is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let count = u8::try_from(text.len()).ok().filter(|count| (7..=64).contains(count))?;
        let digits = hex::bytes(text)?;
        Some(Self { digits, count })
    }

    /// How many digits it has.
    #[must_use]
    pub fn length(&self) -> usize {
        usize::from(self.count)
    }

    fn text(&self) -> String {
        let mut text = hex::digits(&self.digits);
        text.truncate(self.length());
        text
    }

    /// Whether the other begins with this.
    #[must_use]
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        let whole = usize::from(self.count / 2);
        let is_odd = self.count % 2 == 1;
        self.count <= other.count
            && self.digits[..whole] == other.digits[..whole]
            && (!is_odd || self.digits[whole] == other.digits[whole] & 0xf0)
    }

    /// Whether both may name the same commit: one begins with the other.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.is_prefix_of(other) || other.is_prefix_of(self)
    }

    /// Whether this is a full SHA-1 or SHA-256 commit id, not a shortened one.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.count, 40 | 64)
    }

    /// The first twelve digits, for columns that a person reads.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.text();
        text.truncate(12);
        text
    }
}

impl Ord for Sha {
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = || (self.digits, self.count).cmp(&(other.digits, other.count));
        hex::beginning(&self.digits).cmp(&hex::beginning(&other.digits)).then_with(rest)
    }
}

impl PartialOrd for Sha {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl fmt::Debug for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sha").field(&self.text()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shas_are_ordered_and_begin_as_their_texts_do() {
        let long = "0123456789abcdef".repeat(4);
        let texts = [
            "0000000",
            "00000000",
            "0000001",
            "00000010",
            "000000100",
            "00000011",
            "0123456",
            "01234567",
            "0123457",
            "abcdef0",
            "abcdef01",
            "abcdef0f",
            "fffffff",
            &long,
            &long[..40],
            &long[..63],
        ];
        for a in texts {
            let one = Sha::parse(a).expect("a SHA");
            assert_eq!(one.to_string(), a);
            assert_eq!(format!("{one:?}"), format!("Sha({a:?})"));
            assert_eq!(one.short(), a[..a.len().min(12)]);
            for b in texts {
                let other = Sha::parse(b).expect("a SHA");
                assert_eq!(one.cmp(&other), a.cmp(b), "{a} {b}");
                assert_eq!(one.is_prefix_of(&other), b.starts_with(a), "{a} {b}");
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "0".repeat(65);
        for text in ["", "abcdef", "abcdefg", "ABCDEF0", "abcdef0 ", "äöüabc0", &long] {
            assert!(Sha::parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
