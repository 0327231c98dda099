//! One registry by all that applying and undoing need of it, whatever its kind.

use futures_util::future::BoxFuture;

use super::FailureCause;
use crate::model::{RegistryName, RepositoryPath, TagName};
use crate::registry::{
    Connections, ContentCache, Delete, ErrorKind, ManifestList, OciPush, PushRefusal, Pushed,
    Registry, RegistryError, Restore,
};

/// A registry; what it cannot do is none.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) registry: &'a dyn Registry,
    pub(super) delete: Option<&'a dyn Delete>,
    pub(super) restore: Option<&'a dyn Restore>,
    pub(super) manifest_list: Option<&'a dyn ManifestList>,
    pub(super) put: Option<&'a dyn ManifestPut>,
    pub(super) cache: &'a ContentCache,
}

impl<'a> Site<'a> {
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
}

/// A manifest to put back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced<'a> {
    pub(super) media_type: &'a str,
    pub(super) text: &'a str,
    /// The tag, or none to put it under its digest.
    pub(super) tag: Option<&'a TagName>,
}

/// A registry that takes manifests.
pub(super) trait ManifestPut: Send + Sync {
    /// Puts a manifest, byte for byte.
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
        Box::pin(async move {
            let item = Pushed::Manifest {
                media_type: manifest.media_type,
                bytes: manifest.text.as_bytes(),
                tag: manifest.tag.map(TagName::as_str),
            };
            self.push(repository, &[item]).await.map_err(|error| PutError {
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
