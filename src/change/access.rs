//! The requests to one registry that deleting and undoing need, for every kind.

use super::journal::JournalStep;
use super::result::FailureCause;
use crate::model::{Digest, RegistryName, RepositoryPath, TagName};
use crate::registry::{
    Backend, Connections, ContentCache, ErrorKind, ManifestSelector, PushError, PushedManifest,
    RequestError, tag_digest,
};

/// A registry, with the cache of its content.
#[derive(Clone, Copy)]
pub(super) struct RegistryAccess<'a> {
    pub(super) registry: &'a Backend,
    pub(super) cache: &'a ContentCache,
}

impl<'a> RegistryAccess<'a> {
    /// A registry of the policy; none when the policy has no such registry.
    pub(super) fn of(connections: &'a Connections, name: &RegistryName) -> Option<Self> {
        Some(Self { registry: connections.registry(name)?, cache: connections.cache() })
    }

    /// Whether it lists its manifests, also those without a tag.
    pub(super) fn lists_manifests(&self) -> bool {
        self.registry.capabilities().lists_manifests
    }

    /// What a tag points to.
    pub(super) async fn tag_find(
        &self,
        path: &RepositoryPath,
        tag: &TagName,
    ) -> Result<Option<Digest>, RequestError> {
        tag_digest(self.registry, path, tag).await
    }

    /// Whether a manifest exists, by its digest.
    pub(super) async fn has(
        &self,
        path: &RepositoryPath,
        digest: &Digest,
    ) -> Result<bool, RequestError> {
        let selector = ManifestSelector::Digest(digest);
        Ok(self.registry.manifest_head(path, selector).await?.is_some())
    }

    /// Pushes the manifest of a step again, byte for byte: under its digest, or under a tag. An accepted
    /// push must be confirmed by reading it again.
    pub(super) async fn push(
        &self,
        step: &JournalStep,
        tag: Option<&TagName>,
    ) -> Result<(), PushError> {
        let to = tag.map_or(ManifestSelector::Digest(&step.digest), ManifestSelector::Tag);
        let (media_type, bytes) = (step.media_type.as_str(), step.manifest.as_bytes());
        let manifest = PushedManifest { media_type, bytes };
        self.registry.manifest_put(&step.repository.path, to, manifest).await
    }
}

/// Why an entry could not be carried out, for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: FailureCause,
    pub(super) message: String,
}

impl Failure {
    /// A failure that was not caused by a missing permission.
    pub(super) fn registry(message: impl Into<String>) -> Self {
        Self { cause: FailureCause::Registry, message: message.into() }
    }

    /// A failure that was caused by a missing permission.
    pub(super) fn rights(message: impl Into<String>) -> Self {
        Self { cause: FailureCause::Rights, message: message.into() }
    }
}

impl From<&RequestError> for Failure {
    fn from(error: &RequestError) -> Self {
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

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::from(&error)
    }
}
