//! The enum of registries: what can be asked of every kind, and which folder answers.
//!
//! A new kind needs its folder, a variant with its match arms here and in `repositories`, and its row in
//! the policy's table of kinds. Callers ask for [`Capabilities`], never for the kind.
//!
//! What takes much code is boxed: the compiler would write it again for each caller.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::auth::Authenticator;
use super::docr::DocrRegistry;
#[cfg(test)]
use super::fake::FakeRegistry;
use super::ghcr::GhcrRegistry;
use super::oci::OciRegistry;
use super::{
    DeletionAnswer, DeletionTarget, FetchedManifest, GarbageCollect, ManifestListing,
    ManifestSelector, ManifestToDelete, Presence, ReadyDeletion, TagListing,
};
use crate::http::{Http, RequestError};
use crate::model::{
    Capabilities, Descriptor, Diagnosis, Digest, RepositoryPath, TagName, TagReference, VersionId,
};
use crate::policy::{RegistryKind, RegistrySettings};

/// A registry of any kind. A 404 for a tag, a manifest or a blob is an answer (`None`,
/// [`Presence::Missing`]); for a listing it is an error.
pub enum Backend {
    /// Any registry with the OCI API.
    Oci(OciRegistry),
    /// DigitalOcean's.
    Docr(DocrRegistry),
    /// GitHub's.
    Ghcr(GhcrRegistry),
    /// A registry in memory, for unit tests; it shows what a new kind needs.
    #[cfg(test)]
    Fake(FakeRegistry),
}

/// The part that reads and pushes manifests and blobs, for every kind over the OCI API.
pub(super) enum Content<'a> {
    Oci(&'a OciRegistry),
    #[cfg(test)]
    Fake(&'a FakeRegistry),
}

impl Backend {
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            Self::Oci(oci) => Content::Oci(oci),
            Self::Docr(docr) => Content::Oci(docr.oci()),
            Self::Ghcr(ghcr) => Content::Oci(ghcr.oci()),
            #[cfg(test)]
            Self::Fake(fake) => Content::Fake(fake),
        }
    }

    /// The backend of a registry's kind. Without an address for its management API a registry of any
    /// kind is a plain OCI registry.
    pub(super) fn connect(
        http: &Arc<Http>,
        authenticator: &Arc<Authenticator>,
        registry: &RegistrySettings,
    ) -> Self {
        let oci = || OciRegistry::new(Arc::clone(http), Arc::clone(authenticator), &registry.url);
        let (http, authenticator) = (Arc::clone(http), Arc::clone(authenticator));
        let managed = match registry.kind {
            RegistryKind::Oci => None,
            RegistryKind::Docr => {
                DocrRegistry::new(http, authenticator, oci(), registry).map(Self::Docr)
            }
            RegistryKind::Ghcr => {
                GhcrRegistry::new(http, authenticator, oci(), registry).map(Self::Ghcr)
            }
        };
        managed.unwrap_or_else(|| Self::Oci(oci()))
    }

    /// What this kind of registry can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match self {
            Self::Oci(_) => OciRegistry::CAPABILITIES,
            Self::Docr(_) => DocrRegistry::CAPABILITIES,
            Self::Ghcr(_) => GhcrRegistry::CAPABILITIES,
            #[cfg(test)]
            Self::Fake(_) => FakeRegistry::capabilities(),
        }
    }

    /// The tags of a repository, by the management API where there is one.
    pub fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        async move {
            match self {
                Self::Oci(oci) => oci.tag_list(repository).await,
                Self::Docr(docr) => docr.tag_list(repository).await,
                Self::Ghcr(ghcr) => ghcr.tag_list(repository).await,
                #[cfg(test)]
                Self::Fake(fake) => fake.tag_list(),
            }
        }
        .boxed()
    }

    /// The tags of a repository by the OCI API, even where there is a management API.
    pub async fn oci_tag_list(&self, repository: &RepositoryPath) -> TagListing {
        match self.content() {
            Content::Oci(oci) => oci.tag_list(repository).await,
            #[cfg(test)]
            Content::Fake(fake) => fake.tag_list(),
        }
    }

    /// The manifests of a repository, also those without a tag. None if the registry does not list
    /// manifests, or if there is no token for its management API.
    pub fn manifest_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>> {
        async move {
            match self {
                Self::Oci(_) => None,
                Self::Docr(docr) => docr.manifest_list(repository).await,
                Self::Ghcr(ghcr) => ghcr.manifest_list(repository).await,
                #[cfg(test)]
                Self::Fake(fake) => Some(fake.manifest_list()),
            }
        }
        .boxed()
    }

    /// The referrers of a manifest. None if the registry has no referrers API; then only the fallback tag
    /// may list them.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    pub async fn referrer_list(
        &self,
        repository: &RepositoryPath,
        subject: &Digest,
    ) -> Result<Option<Vec<Descriptor>>, RequestError> {
        match self {
            Self::Oci(oci) => oci.referrer_list(repository, subject).await,
            Self::Docr(_) | Self::Ghcr(_) => Ok(None),
            #[cfg(test)]
            Self::Fake(_) => Ok(None),
        }
    }

    /// The digest of a manifest, without reading it.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    pub async fn manifest_head(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<Digest>, RequestError> {
        match self.content() {
            Content::Oci(oci) => oci.manifest_head(repository, selector).await,
            #[cfg(test)]
            Content::Fake(fake) => Ok(fake.manifest_get(selector).map(|found| found.digest)),
        }
    }

    /// The bytes of a manifest, checked against its digest.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question, or answers with other bytes.
    pub async fn manifest_get(
        &self,
        repository: &RepositoryPath,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<FetchedManifest>, RequestError> {
        match self.content() {
            Content::Oci(oci) => oci.manifest_get(repository, selector).await,
            #[cfg(test)]
            Content::Fake(fake) => Ok(fake.manifest_get(selector)),
        }
    }

    /// Whether a blob exists.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    pub async fn blob_head(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Presence, RequestError> {
        match self.content() {
            Content::Oci(oci) => oci.blob_head(repository, digest).await,
            #[cfg(test)]
            Content::Fake(_) => Ok(Presence::Present),
        }
    }

    /// The bytes of a small blob (an image config), checked against its digest.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question, or answers with other bytes.
    pub async fn blob_get(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<Arc<[u8]>>, RequestError> {
        match self.content() {
            Content::Oci(oci) => oci.blob_get(repository, digest).await,
            #[cfg(test)]
            Content::Fake(_) => Ok(None),
        }
    }

    /// The OCI API of the registry; only the registry in memory has none.
    #[cfg_attr(
        not(test),
        expect(clippy::unnecessary_wraps, reason = "a kind for unit tests has none")
    )]
    pub(super) fn oci(&self) -> Option<&OciRegistry> {
        match self.content() {
            Content::Oci(oci) => Some(oci),
            #[cfg(test)]
            Content::Fake(_) => None,
        }
    }

    /// Waits for everything that a deletion may have to wait for. Nothing is deleted.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be sent: there is no token, or no version number is known.
    pub async fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> Result<ReadyDeletion<'a>, RequestError> {
        match self {
            Self::Oci(oci) => oci.deletion_prepare(repository, target).await,
            Self::Docr(docr) => docr.deletion_prepare(repository, target).await,
            Self::Ghcr(ghcr) => ghcr.deletion_prepare(repository, target).await,
            #[cfg(test)]
            Self::Fake(fake) => Ok(fake.deletion_prepare(target)),
        }
    }

    /// Deletes a tag, without any check.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused (with
    /// [`ErrorKind::Credentials`](crate::http::ErrorKind::Credentials) if deletion is disabled), or when it
    /// is unknown whether it was done.
    pub async fn tag_delete(
        &self,
        repository: &RepositoryPath,
        tag: &TagName,
    ) -> Result<DeletionAnswer, RequestError> {
        self.delete(repository, DeletionTarget::Tag(tag)).await
    }

    /// Deletes a manifest with every tag that points to it, without any check.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when it is unknown whether it was done.
    pub async fn manifest_delete(
        &self,
        repository: &RepositoryPath,
        manifest: ManifestToDelete<'_>,
    ) -> Result<DeletionAnswer, RequestError> {
        self.delete(repository, DeletionTarget::Manifest(manifest)).await
    }

    /// Prepares and sends a deletion, and sends it again if only the token was renewed.
    async fn delete(
        &self,
        repository: &RepositoryPath,
        target: DeletionTarget<'_>,
    ) -> Result<DeletionAnswer, RequestError> {
        let mut answer = self.deletion_prepare(repository, target).await?.send.await?;
        if matches!(answer, DeletionAnswer::Renewed) {
            answer = self.deletion_prepare(repository, target).await?.send.await?;
        }
        match answer {
            DeletionAnswer::Refused(error) => Err(error),
            answer => Ok(answer),
        }
    }

    /// Restores a deleted version (GHCR, within 30 days); `false` if the registry cannot restore versions, or
    /// has no such version.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when it is unknown whether it was done.
    pub async fn version_restore(
        &self,
        repository: &RepositoryPath,
        version: VersionId,
    ) -> Result<bool, RequestError> {
        match self {
            Self::Ghcr(ghcr) => ghcr.version_restore(repository, version).await,
            _ => Ok(false),
        }
    }

    /// The registry's garbage collection, if it can be started on demand.
    #[must_use]
    pub fn garbage_collect(&self) -> Option<&(impl GarbageCollect + use<>)> {
        match self {
            Self::Docr(docr) => Some(docr),
            _ => None,
        }
    }

    /// Reads facts about the registry and the token, without changing anything. `probe` is a tag of the
    /// policy in this registry; it need not exist.
    pub async fn diagnose(&self, probe: Option<&TagReference>) -> Diagnosis {
        match self {
            Self::Docr(docr) => docr.diagnose(probe).await,
            Self::Ghcr(ghcr) => ghcr.diagnose(probe).await,
            Self::Oci(oci) => oci.diagnose(probe).await,
            #[cfg(test)]
            Self::Fake(_) => FakeRegistry::diagnosis(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PushedManifest;
    use super::*;

    #[tokio::test]
    async fn a_kind_needs_nothing_but_its_arms_in_the_enum() {
        let backend = Backend::Fake(FakeRegistry::default());
        let path = RepositoryPath::parse("acme/app").expect("a path");
        let tag = TagName::parse("v1").expect("a tag");
        let (by_tag, bytes) = (ManifestSelector::Tag(&tag), b"{}".as_slice());
        let manifest = PushedManifest { media_type: "application/json", bytes };
        backend.manifest_put(&path, by_tag, manifest).await.expect("put");
        assert!(backend.capabilities().lists_manifests);
        let digest = backend.manifest_head(&path, by_tag).await.expect("an answer");
        assert_eq!(digest, Some(Digest::of(bytes)));
        assert_eq!(backend.tag_list(&path).await.tags[0].digest, digest);
        let listing = backend.manifest_list(&path).await.expect("a listing");
        let listed = &listing.manifests[0];
        let target = ManifestToDelete { digest: &listed.digest, version: None };
        let answer = backend.manifest_delete(&path, target).await.expect("an answer");
        assert_eq!(answer, DeletionAnswer::Accepted);
        assert_eq!(backend.manifest_head(&path, by_tag).await.expect("an answer"), None);
    }
}
