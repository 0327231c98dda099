//! The input of the model: the SHA tags of an environment, and how completely each place was read.

use super::CopyTime;

/// A SHA tag as it was read. SHAs, places and contents are numbers that the caller assigns.
#[derive(Debug, Clone, Copy)]
pub struct ShaTag {
    /// Its SHA, by index among the distinct SHAs.
    pub sha: u32,
    /// Its place, by index among the environment's places.
    pub place: u32,
    /// The content that it points to; equal numbers are one digest in one place.
    pub content: u32,
    /// Its time.
    pub time: CopyTime,
}

impl ShaTag {
    /// The content of a tag that could not be read.
    pub const UNREAD: u32 = u32::MAX;
}

/// How completely a place was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRead {
    /// Everything was read.
    Complete,
    /// All tags are known, but not the digests of all.
    TagsOnly,
    /// The tags are not known.
    Unlisted,
}

/// A place of the environment: one image in one registry.
#[derive(Debug, Clone, Copy)]
pub struct ReleasePlace {
    /// The number of its image.
    pub image: u32,
    /// How completely it was read.
    pub read: PlaceRead,
}
