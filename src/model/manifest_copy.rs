//! A manifest with its exact text and its media type: what a push needs to make the same digest.

use super::{ByteCheck, Digest};

/// A manifest's exact text, with the media type that it is pushed as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestCopy {
    /// The digest of the text.
    pub digest: Digest,
    /// The media type, as the registry declares it.
    pub media_type: String,
    /// The text, byte for byte.
    pub text: String,
}

impl ManifestCopy {
    /// Whether the text has the digest.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.digest.check(self.text.as_bytes()) == ByteCheck::Match
    }
}
