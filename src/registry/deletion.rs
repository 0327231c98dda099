//! Deletions and their answers. Only `apply` sends deletions, from an approved plan.
//!
//! A deletion has two steps: all waiting comes first, so that a caller can check once more and then send
//! without waiting.

use futures_util::future::BoxFuture;

use super::RequestError;
use crate::model::{Digest, TagName, VersionId};

/// A manifest to delete.
#[derive(Debug, Clone, Copy)]
pub struct ManifestToDelete<'a> {
    /// Its digest.
    pub digest: &'a Digest,
    /// Its version number from the registry's listing; only GHCR needs it.
    pub version: Option<VersionId>,
}

/// A tag or a manifest to delete.
#[derive(Debug, Clone, Copy)]
pub enum DeletionTarget<'a> {
    /// The tag only; its manifest and other tags are kept.
    Tag(&'a TagName),
    /// The manifest with every tag that points to it. Its children and referrers are kept.
    Manifest(ManifestToDelete<'a>),
}

/// The answer of a registry to a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionAnswer {
    /// It was accepted; whether it was carried out has to be read afterwards.
    Accepted,
    /// 404: it does not exist, or the token has no right to see it; only a listing shows which.
    NotFound,
    /// The registry keeps it by a rule of its own (the last tagged version, more than 5,000 downloads, an
    /// immutable tag), with its message.
    Retained(String),
    /// The registry cannot delete single tags, with a message of this program.
    Unsupported(String),
    /// 403, 405, 409 or 412: a permanent refusal. If the registry refuses all deletions, a permission is
    /// missing or deletion is disabled.
    Refused(RequestError),
    /// It was not done: the token had expired or lacked the scope, and was renewed.
    Renewed,
}

/// A deletion that can be sent without waiting: the token is there, a slot at the host is reserved, the
/// cost is deducted from its budget, and it asked for no pause. The slot is held until this is sent or
/// dropped. Nothing is sent before the futures are awaited.
pub struct ReadyDeletion<'a> {
    /// Reads the manifest by its version number; none where no API returns the tags of one manifest.
    pub tags: Option<BoxFuture<'a, Result<VersionManifest, RequestError>>>,
    /// Sends it, once. An error means that it was refused, or that it is unknown whether it was done.
    pub send: BoxFuture<'a, Result<DeletionAnswer, RequestError>>,
}

/// The manifest with a version number, as the registry returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionManifest {
    /// It does not exist, or the token has no right to see it.
    NotFound,
    /// It exists.
    Found {
        /// Its digest.
        digest: Digest,
        /// All its tags.
        tags: Vec<TagName>,
    },
}
