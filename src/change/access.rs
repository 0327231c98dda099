//! One registry by all that applying and undoing need of it, whatever its kind.

use futures_util::future::BoxFuture;

use super::FailureCause;
use crate::model::{Digest, RegistryName, RepositoryPath, TagName};
use crate::registry::{
    Connections, ContentCache, Delete, ErrorKind, ManifestList, ManifestSelector, OciPush,
    PushRefusal, PushedManifest, Registry, RegistryError, Restore, tag_digest,
};

/// A registry; what it cannot do is none.
#[derive(Clone, Copy)]
pub(super) struct RegistryAccess<'a> {
    pub(super) registry: &'a dyn Registry,
    pub(super) delete: Option<&'a dyn Delete>,
    pub(super) restore: Option<&'a dyn Restore>,
    pub(super) manifest_list: Option<&'a dyn ManifestList>,
    pub(super) put: Option<&'a dyn ManifestPut>,
    pub(super) cache: &'a ContentCache,
}

impl<'a> RegistryAccess<'a> {
    /// A registry of the policy; none when the policy has no such registry.
    pub(super) fn of(
        connections: &'a Connections,
        name: &RegistryName,
        push: Option<&'a OciPush>,
    ) -> Option<Self> {
        Some(Self {
            registry: connections.registry(name)?.as_ref(),
            delete: connections.delete(name).map(AsRef::as_ref),
            restore: connections.restore(name).map(AsRef::as_ref),
            manifest_list: connections.manifest_list(name).map(AsRef::as_ref),
            put: push.map(|push| push as &dyn ManifestPut),
            cache: connections.cache(),
        })
    }

    /// What a tag points to.
    pub(super) async fn tag_find(
        &self,
        path: &RepositoryPath,
        tag: &TagName,
    ) -> Result<Option<Digest>, RegistryError> {
        tag_digest(self.registry, path, tag).await
    }

    /// Whether a manifest is there, by its digest.
    pub(super) async fn has(
        &self,
        path: &RepositoryPath,
        digest: &Digest,
    ) -> Result<bool, RegistryError> {
        let selector = ManifestSelector::Digest(digest);
        Ok(self.registry.manifest_head(path, selector).await?.is_some())
    }
}

/// A manifest to put back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced<'a> {
    pub(super) digest: &'a Digest,
    pub(super) media_type: &'a str,
    pub(super) text: &'a str,
    /// The tag, or none to put it under its digest.
    pub(super) tag: Option<&'a TagName>,
}

/// A registry that takes manifests.
pub(super) trait ManifestPut: Send + Sync {
    /// Puts a manifest, byte for byte. What was accepted is not yet there.
    fn manifest_put<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: Replaced<'a>,
    ) -> BoxFuture<'a, Result<(), PutError>>;
}

/// Why a manifest was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PutError {
    pub(super) refusal: PushRefusal,
    pub(super) message: String,
}

impl ManifestPut for OciPush {
    fn manifest_put<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        manifest: Replaced<'a>,
    ) -> BoxFuture<'a, Result<(), PutError>> {
        let to = match manifest.tag {
            Some(tag) => ManifestSelector::Tag(tag),
            None => ManifestSelector::Digest(manifest.digest),
        };
        let (media_type, bytes) = (manifest.media_type, manifest.text.as_bytes());
        Box::pin(async move {
            let pushed = PushedManifest { media_type, bytes };
            Self::manifest_put(self, repository, to, pushed).await.map_err(|error| PutError {
                refusal: error.refusal(),
                message: error.explanation(),
            })
        })
    }
}

/// Something that could not be done, in the words of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: FailureCause,
    pub(super) message: String,
}

impl Failure {
    /// One that is not about rights.
    pub(super) fn registry(message: impl Into<String>) -> Self {
        Self { cause: FailureCause::Registry, message: message.into() }
    }
}

impl From<&RegistryError> for Failure {
    fn from(error: &RegistryError) -> Self {
        let unread = error.to_unread();
        let message = match unread.hint {
            Some(hint) => format!("{} ({hint})", unread.message),
            None => unread.message,
        };
        let rights = error.kind() == ErrorKind::Credentials;
        let cause = if rights { FailureCause::Rights } else { FailureCause::Registry };
        Self { cause, message }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::from(&error)
    }
}
