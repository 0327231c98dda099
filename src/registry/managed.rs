//! A registry whose tags are listed by a management API, and whose content comes over the OCI API.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::oci::OciRegistry;
use super::{FetchedManifest, ManifestSelector, Presence, Registry, TagListing};
use crate::http::RegistryError;
use crate::model::{Digest, RepositoryPath};

/// Where tags are listed.
pub(crate) trait TagSource: Send + Sync {
    /// The tags of a repository.
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing>;
}

/// An OCI registry with another source of tags.
pub(crate) struct ManagedRegistry {
    pub(crate) oci: OciRegistry,
    pub(crate) tags: Arc<dyn TagSource>,
}

impl Registry for ManagedRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        self.tags.tag_list(repository)
    }

    fn manifest_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<Digest>, RegistryError>> {
        self.oci.manifest_head(repository, selector)
    }

    fn manifest_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<FetchedManifest>, RegistryError>> {
        self.oci.manifest_get(repository, selector)
    }

    fn blob_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Presence, RegistryError>> {
        self.oci.blob_head(repository, digest)
    }

    fn blob_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Arc<[u8]>>, RegistryError>> {
        self.oci.blob_get(repository, digest)
    }
}
