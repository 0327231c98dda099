//! What a registry can delete, and what it answers. Deletions are sent by `apply` alone, from an
//! approved plan.

use futures_util::future::BoxFuture;

use super::RegistryError;
use crate::model::{Digest, RepositoryPath, TagName, VersionId};

/// A manifest to delete.
#[derive(Debug, Clone, Copy)]
pub struct DoomedManifest<'a> {
    /// Its digest.
    pub digest: &'a Digest,
    /// Its number, as the registry's own listing has it; only GHCR needs one.
    pub version: Option<VersionId>,
}

/// What a registry answered to a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted.
    Done,
    /// 404: it is gone, or the token may not see it; only a listing can tell.
    NotFound,
    /// The registry keeps this one by a rule of its own (the last tagged version, more than 5,000
    /// downloads, an immutable tag), in its own words.
    Retained(String),
    /// The registry cannot delete single tags, in its own words.
    Unsupported(String),
}

/// A registry from which something can be deleted.
pub trait Delete: Send + Sync {
    /// Takes a tag off; its manifest and other tags stay.
    ///
    /// # Errors
    /// [`RegistryError`] when it was refused (deletion switched off is
    /// [`ErrorKind::Credentials`](super::ErrorKind::Credentials)), or when nobody can tell
    /// whether it was done.
    fn tag_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        tag: &'a TagName,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>>;

    /// Deletes a manifest with every tag that points to it. Its children and referrers stay.
    ///
    /// # Errors
    /// [`RegistryError`] when it was refused, or when nobody can tell whether it was done.
    fn manifest_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: DoomedManifest<'a>,
    ) -> BoxFuture<'a, Result<Deletion, RegistryError>>;
}

/// A registry that brings back what was deleted (GHCR, within 30 days).
pub trait Restore: Send + Sync {
    /// Brings back a version; `false` when there is no such version to bring back.
    ///
    /// # Errors
    /// [`RegistryError`] when it was refused, or when nobody can tell whether it was done.
    fn version_restore<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        version: VersionId,
    ) -> BoxFuture<'a, Result<bool, RegistryError>>;
}
