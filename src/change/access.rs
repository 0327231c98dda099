//! What deleting and undoing need of one registry, whatever its kind.

use super::journal::JournalStep;
use super::result::FailureCause;
use crate::model::{Digest, RegistryName, RepositoryPath, TagName};
use crate::registry::{
    Connections, ContentCache, Delete, ErrorKind, ManifestList, ManifestSelector, OciPush,
    PushRefusal, PushedManifest, Registry, RegistryError, Restore, tag_digest,
};

/// A registry; an operation that it does not have is none.
#[derive(Clone, Copy)]
pub(super) struct RegistryAccess<'a> {
    pub(super) registry: &'a dyn Registry,
    pub(super) delete: Option<&'a dyn Delete>,
    pub(super) restore: Option<&'a dyn Restore>,
    pub(super) manifest_list: Option<&'a dyn ManifestList>,
    push: Option<&'a OciPush>,
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
            push,
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

    /// Pushes the manifest of a step again, byte for byte: under its digest, or under a tag. What
    /// was accepted is not there until it was read again.
    pub(super) async fn push(
        &self,
        step: &JournalStep,
        tag: Option<&TagName>,
    ) -> Result<(), PushFailure> {
        let Some(push) = self.push else {
            let message = "there is no way to push to this registry".to_owned();
            return Err(PushFailure { refusal: PushRefusal::Other, message });
        };
        let to = tag.map_or(ManifestSelector::Digest(&step.digest), ManifestSelector::Tag);
        let (media_type, bytes) = (step.media_type.as_str(), step.manifest.as_bytes());
        let pushed = push
            .manifest_put(&step.repository.path, to, PushedManifest { media_type, bytes })
            .await;
        pushed
            .map_err(|error| PushFailure { refusal: error.refusal(), message: error.explanation() })
    }
}

/// Why a manifest was not taken.
#[derive(Debug)]
pub(super) struct PushFailure {
    pub(super) refusal: PushRefusal,
    pub(super) message: String,
}

/// Why an entry could not be done, for its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: FailureCause,
    pub(super) message: String,
}

impl Failure {
    /// One that no missing permission caused.
    pub(super) fn registry(message: impl Into<String>) -> Self {
        Self { cause: FailureCause::Registry, message: message.into() }
    }

    /// A registry that nothing can be deleted from.
    pub(super) fn no_deletion() -> Self {
        Self::registry("there is no way to delete from this registry")
    }

    /// One that a missing permission caused.
    pub(super) fn rights(message: impl Into<String>) -> Self {
        Self { cause: FailureCause::Rights, message: message.into() }
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
