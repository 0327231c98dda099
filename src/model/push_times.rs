//! Whether push times are those of tags or of manifests.

/// Whether the push times of a registry are those of tags or of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PushTimes {
    /// Each tag has the time at which it was set (DOCR).
    OfTags,
    /// Each digest has the time at which it was first pushed; setting a tag on it later does not change
    /// that (GHCR).
    OfDigests,
    /// There are none (plain OCI); only the image config has a build time.
    #[default]
    Unknown,
}
