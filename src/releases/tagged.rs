//! What the model is made from: the SHA tags of an environment, and how far each place was read.

use super::CopyTime;

/// A SHA tag as it was read. Places, SHAs and contents are numbers of whoever asks.
#[derive(Debug, Clone, Copy)]
pub struct ShaTag {
    /// Its SHA, by its place among the distinct SHAs.
    pub sha: u32,
    /// Where it is, by its place among the environment's places.
    pub place: u32,
    /// What it stands on; equal numbers are one digest in one place.
    pub content: u32,
    /// Its time.
    pub time: CopyTime,
}

impl ShaTag {
    /// The content of a tag of which nobody knows what it stands on.
    pub const UNREAD: u32 = u32::MAX;
}

/// How far a place was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRead {
    /// To the end.
    Whole,
    /// All tags are known, but not all that they stand on.
    InPart,
    /// Any tag may be there.
    Unlisted,
}

/// A place where the environment's releases belong: one image in one registry.
#[derive(Debug, Clone, Copy)]
pub struct ReleasePlace {
    /// The image, by number: places of one image have the same.
    pub image: u32,
    /// How far it was read.
    pub read: PlaceRead,
}
