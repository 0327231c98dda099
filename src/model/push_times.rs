//! What the push times that a source tells belong to.

/// What the push times that a source tells belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PushTimes {
    /// Each tag has the time at which it was set (DOCR).
    OfTags,
    /// Each digest has the time at which it was pushed first; a tag that is set on it later changes
    /// nothing (GHCR).
    OfDigests,
    /// The source tells none (plain OCI): only the image config says when the digest was built.
    #[default]
    Unknown,
}
