//! What was seen of one release in one place: its two tags and its content.

use super::{ContentReport, Digest, Sha, TagReference, Unread};

/// A tag that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagObservation {
    /// It points to this digest.
    Found(Digest),
    /// The registry was asked and does not have it.
    Missing,
    /// The registry could not be asked.
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

/// Everything seen in one place.
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
    /// The release that the latest tag points to, when it is another and was looked for.
    pub latest_release: Option<Sha>,
    /// The content below the SHA tag, unless only the tags were asked for.
    pub content: Option<ContentReport>,
}
