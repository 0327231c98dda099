//! The outside world: registries, behind one trait with methods named noun, then verb.
//!
//! Backends live in a folder each (`oci`), the transport below them in `http`, credentials and
//! tokens in `auth`; `connect` is the only file that names all backends.

mod auth;
mod cache;
mod connect;
mod credential;
mod deletion;
mod diagnose;
mod docr;
mod garbage;
mod ghcr;
mod managed;
mod management;
mod manifest_list;
mod memory;
mod oci;
mod pages;
mod tag;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::model::{Contradiction, Digest, RepositoryPath, TagName};

pub use crate::http::{ErrorKind, RegistryError};
pub use cache::ContentCache;
pub use connect::{ConnectSettings, Connections};
pub use credential::{
    Anonymous, Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain,
};
pub use deletion::{
    Delete, DeletionAnswer, DeletionTarget, ManifestToDelete, ReadyDeletion, Restore,
    VersionManifest,
};
pub use diagnose::Diagnose;
pub use garbage::GarbageCollect;
pub use manifest_list::{ListedManifest, ManifestList, ManifestListing, ReferrerList};
pub use memory::MemoryRegistry;
pub use oci::{OciPush, PushError, PushRefusal, Pushed, PushedManifest, RefusedPush};
pub use tag::{manifest_exists, tag_digest};

/// What a tag listing says of one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTag {
    /// The tag.
    pub tag: TagName,
    /// What it points to, where the listing says so.
    pub digest: Option<Digest>,
    /// When it was pushed, where the listing says so.
    pub pushed: Option<DateTime<Utc>>,
}

/// The tags of a repository, as far as they could be listed.
#[derive(Debug, Default)]
pub struct TagListing {
    /// What was listed; each tag once.
    pub tags: Vec<ListedTag>,
    /// Tags of which the listing itself says two things.
    pub contradictions: Vec<Contradiction>,
    /// Why the listing broke off, if it did: then more tags may exist.
    pub broken: Option<RegistryError>,
}

/// A manifest by tag or by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestSelector<'a> {
    /// Whatever the tag points to.
    Tag(&'a TagName),
    /// Exactly this one.
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

/// A manifest's exact bytes, with the digest that they have.
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
    /// A listing of which nothing could be read.
    pub(crate) fn broken(error: RegistryError) -> Self {
        Self { broken: Some(error), ..Self::default() }
    }
}

/// Whether content is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The registry has it.
    Present,
    /// The registry was asked and does not have it.
    Missing,
}

/// A registry, whatever its kind. A 404 on a tag, a manifest or a blob is an answer (`None`,
/// [`Presence::Missing`]); on a listing it is an error.
pub trait Registry: Send + Sync {
    /// The tags of a repository.
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing>;

    /// What a manifest's digest is, without reading it.
    ///
    /// # Errors
    /// [`RegistryError`] when the registry does not answer the question.
    fn manifest_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<Digest>, RegistryError>>;

    /// A manifest's bytes, checked against the digest.
    ///
    /// # Errors
    /// [`RegistryError`] when the registry does not answer the question, or with other bytes.
    fn manifest_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<FetchedManifest>, RegistryError>>;

    /// Whether a blob is there.
    ///
    /// # Errors
    /// [`RegistryError`] when the registry does not answer the question.
    fn blob_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Presence, RegistryError>>;

    /// A small blob's bytes (an image config), checked against the digest.
    ///
    /// # Errors
    /// [`RegistryError`] when the registry does not answer the question, or with other bytes.
    fn blob_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Arc<[u8]>>, RegistryError>>;
}
