//! What a registry can delete, and what it answers. Deletions are sent by `apply` alone, from an
//! approved plan.
//!
//! A deletion has two halves: all waiting comes first, so that a caller can look once more and
//! then send at once.

use futures_util::future::BoxFuture;

use super::RequestError;
use crate::model::{Digest, TagName, VersionId};

/// A manifest to delete.
#[derive(Debug, Clone, Copy)]
pub struct ManifestToDelete<'a> {
    /// Its digest.
    pub digest: &'a Digest,
    /// Its number, as the registry's own listing has it; only GHCR needs one.
    pub version: Option<VersionId>,
}

/// What is to be deleted.
#[derive(Debug, Clone, Copy)]
pub enum DeletionTarget<'a> {
    /// A tag is taken off; its manifest and other tags stay.
    Tag(&'a TagName),
    /// A manifest goes with every tag that points to it. Its children and referrers stay.
    Manifest(ManifestToDelete<'a>),
}

/// What a registry answered to a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionAnswer {
    /// It was accepted. Whether it was done, a look tells.
    Done,
    /// 404: it is gone, or the token may not see it; only a listing can tell.
    NotFound,
    /// The registry keeps this one by a rule of its own (the last tagged version, more than 5,000
    /// downloads, an immutable tag), in its own words.
    Retained(String),
    /// The registry cannot delete single tags, in words of ours.
    Unsupported(String),
    /// 403, 405, 409 or 412: it refuses this one for good. It may take another; if it takes none,
    /// a right is missing, or deletion is switched off.
    Refused(RequestError),
    /// It was not done: the token had expired, or was for less, and there is a new one now.
    Renewed,
}

/// A deletion that can be sent without waiting for anything: the token is there, a place at the
/// host is taken, its budget is paid, and it asked for no pause. It holds its place until it is
/// sent or dropped, and nothing is sent before its futures are awaited.
pub struct ReadyDeletion<'a> {
    /// What the registry says of this manifest by its number; none where no API tells the tags of
    /// one manifest.
    pub tags: Option<BoxFuture<'a, Result<VersionManifest, RequestError>>>,
    /// Sends it, once. An error says that it was refused, or that nobody can tell whether it was
    /// done.
    pub send: BoxFuture<'a, Result<DeletionAnswer, RequestError>>,
}

/// What a registry says of the manifest with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionManifest {
    /// There is none, or the token may not see it.
    NotFound,
    /// It has this digest and these tags, and no others.
    Found {
        /// Its digest.
        digest: Digest,
        /// All its tags.
        tags: Vec<TagName>,
    },
}
