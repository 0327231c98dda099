//! Registries: one enum of backends. Its methods are named after the resource and the action
//! (`tag_list`, `manifest_get`).
//!
//! Each kind has a folder (`oci`, `docr`, `ghcr`); `backend` passes each call to its kind, and
//! `connect` makes the backend of each registry of a policy. Credentials and tokens are in `auth`.

mod auth;
mod backend;
mod cache;
mod connect;
mod credential;
mod deletion;
mod docr;
#[cfg(test)]
mod fake;
mod garbage;
mod ghcr;
mod management;
mod manifest_list;
mod oci;
mod pages;
mod push;
mod repositories;
mod tag;
mod transfer;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{Contradiction, Digest, TagName};

pub use crate::http::{ErrorKind, RequestError};
pub use backend::Backend;
pub use cache::ContentCache;
pub use connect::{ConnectSettings, Connections};
pub use credential::{
    Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain, anonymous,
};
pub use deletion::{
    DeletionAnswer, DeletionTarget, ManifestToDelete, ReadyDeletion, VersionManifest,
};
pub use garbage::GarbageCollect;
pub use manifest_list::{ListedManifest, ManifestListing};
pub use oci::{PushError, PushRefusal, Pushed, PushedManifest, RefusedPush};
pub use tag::{manifest_exists, tag_digest};
pub use transfer::{BlobArrival, BlobTransfer, CopySide, TransferError, blob_copy};

/// A tag in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTag {
    /// The tag.
    pub tag: TagName,
    /// What it points to, if the listing contains it.
    pub digest: Option<Digest>,
    /// When it was pushed, if the listing contains it.
    pub pushed: Option<DateTime<Utc>>,
}

/// The tags of a repository, as far as they could be listed.
#[derive(Debug, Default)]
pub struct TagListing {
    /// What was listed; each tag once.
    pub tags: Vec<ListedTag>,
    /// Tags with contradicting statements in the listing.
    pub contradictions: Vec<Contradiction>,
    /// Why the listing is incomplete, if it is: then more tags may exist.
    pub broken: Option<RequestError>,
}

/// A manifest by tag or by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestSelector<'a> {
    /// The manifest that the tag points to.
    Tag(&'a TagName),
    /// The manifest with this digest.
    Digest(&'a Digest),
}

impl std::fmt::Display for ManifestSelector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, "{tag}"),
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

/// A manifest's exact bytes with their digest.
#[derive(Debug, Clone)]
pub struct FetchedManifest {
    /// The digest, computed from the bytes.
    pub digest: Digest,
    /// The `Content-Type` of the answer.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl TagListing {
    /// A listing that could not be read at all.
    pub(crate) fn broken(error: RequestError) -> Self {
        Self { broken: Some(error), ..Self::default() }
    }
}

/// Whether content exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The registry has it.
    Present,
    /// The registry does not have it.
    Missing,
}
