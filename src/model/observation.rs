//! One release in one place, as it was read: its two tags and its content.

use super::{ContentReport, Digest, Sha, TagReference, Unread};

/// A tag, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagObservation {
    /// It points to this digest.
    Found(Digest),
    /// The registry does not have it.
    Missing,
    /// It could not be read.
    Unread(Unread),
}

impl TagObservation {
    /// The digest, if the tag was found.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Found(digest) => Some(digest),
            Self::Missing | Self::Unread(_) => None,
        }
    }
}

/// Everything that was read in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceObservation {
    /// The SHA tag.
    pub sha_reference: TagReference,
    /// What it points to.
    pub sha_tag: TagObservation,
    /// The latest tag.
    pub latest_reference: TagReference,
    /// What it points to.
    pub latest_tag: TagObservation,
    /// The release that the latest tag points to, if it is another one and was searched for.
    pub latest_release: Option<Sha>,
    /// The content of the SHA tag, unless only the tags were read.
    pub content: Option<ContentReport>,
}
