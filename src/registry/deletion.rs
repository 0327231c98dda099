//! What a registry can delete, and what it answers. Deletions are sent by `apply` alone, from an
//! approved plan.
//!
//! A deletion has two halves: all waiting comes first, so that a caller can look once more and
//! then send at once.

use futures_util::future::BoxFuture;

use super::RegistryError;
use crate::model::{Digest, RepositoryPath, TagName, VersionId};

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
    Refused(RegistryError),
    /// It was not done: the token had expired, or was for less, and there is a new one now.
    Renewed,
}

/// A deletion that can be sent without waiting for anything: the token is there, a place at the
/// host is taken, its budget is paid, and it asked for no pause. It holds its place until it is
/// sent or dropped, and nothing is sent before its futures are awaited.
pub struct ReadyDeletion<'a> {
    /// What the registry says of this manifest by its number; none where no API tells the tags of
    /// one manifest.
    pub tags: Option<BoxFuture<'a, Result<VersionManifest, RegistryError>>>,
    /// Sends it, once. An error says that it was refused, or that nobody can tell whether it was
    /// done.
    pub send: BoxFuture<'a, Result<DeletionAnswer, RegistryError>>,
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

/// A registry from which something can be deleted.
pub trait Delete: Send + Sync {
    /// Waits for all that comes before a deletion. Nothing is deleted.
    ///
    /// # Errors
    /// [`RegistryError`] when it cannot be sent: no token is to be had, or no number is known.
    fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> BoxFuture<'a, Result<ReadyDeletion<'a>, RegistryError>>;

    /// Takes a tag off, without a look before.
    ///
    /// # Errors
    /// [`RegistryError`] when it was refused (deletion switched off is
    /// [`ErrorKind::Credentials`](super::ErrorKind::Credentials)), or when nobody can tell
    /// whether it was done.
    fn tag_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        tag: &'a TagName,
    ) -> BoxFuture<'a, Result<DeletionAnswer, RegistryError>> {
        Box::pin(async move {
            sent(|| self.deletion_prepare(repository, DeletionTarget::Tag(tag))).await
        })
    }

    /// Deletes a manifest with every tag that points to it, without a look before.
    ///
    /// # Errors
    /// [`RegistryError`] when it was refused, or when nobody can tell whether it was done.
    fn manifest_delete<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: ManifestToDelete<'a>,
    ) -> BoxFuture<'a, Result<DeletionAnswer, RegistryError>> {
        let target = DeletionTarget::Manifest(manifest);
        Box::pin(async move { sent(|| self.deletion_prepare(repository, target)).await })
    }
}

/// Prepares and sends, and once more with a new token.
async fn sent<'a>(
    prepare: impl Fn() -> BoxFuture<'a, Result<ReadyDeletion<'a>, RegistryError>>,
) -> Result<DeletionAnswer, RegistryError> {
    let mut answer = prepare().await?.send.await?;
    if matches!(answer, DeletionAnswer::Renewed) {
        answer = prepare().await?.send.await?;
    }
    match answer {
        DeletionAnswer::Refused(error) => Err(error),
        answer => Ok(answer),
    }
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
