//! A commit SHA in a tag: 7 to 64 lower-case hex digits.
//!
//! SHAs can be compared, so that they can be used as keys. Their order says nothing about age.

use std::fmt;

/// A commit SHA, or a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha(Box<str>);

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
        let hex = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if hex && (7..=64).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidSha(text.chars().take(80).collect()))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the other begins with this.
    #[must_use]
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.0.starts_with(&*self.0)
    }

    /// Whether both may name the same commit: one begins with the other.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.is_prefix_of(other) || other.is_prefix_of(self)
    }

    /// Whether this is a full SHA-1 or SHA-256 commit id, not a shortened one.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.0.len(), 40 | 64)
    }

    /// The first twelve digits, for columns that a person reads.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(12)]
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
