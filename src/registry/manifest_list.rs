//! What a management API lists of manifests, those without a tag too; the OCI API lists only tags.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::RegistryError;
use crate::model::{Contradiction, Descriptor, Digest, RepositoryPath, TagPush, VersionId};

/// A manifest as a management API lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its tags. A tag that stands on two manifests moved meanwhile, or the API contradicts itself.
    pub tags: Vec<TagPush>,
    /// When it was pushed or changed last, whatever is newer.
    pub pushed: Option<DateTime<Utc>>,
    /// Its compressed size with all layers, if that is said and not nought.
    pub bytes: Option<u64>,
    /// Its number; only GHCR has them.
    pub version: Option<VersionId>,
}

/// The manifests of a repository, as far as they could be listed.
#[derive(Debug, Default)]
pub struct ManifestListing {
    /// What was listed; each digest once.
    pub manifests: Vec<ListedManifest>,
    /// Tags of which the API says two things; each is on every manifest that is named for it.
    pub contradictions: Vec<Contradiction>,
    /// Why the listing broke off, if it did: then more may exist.
    pub broken: Option<RegistryError>,
}

impl ManifestListing {
    /// A listing of which nothing could be read.
    pub(crate) fn broken(error: RegistryError) -> Self {
        Self { broken: Some(error), ..Self::default() }
    }
}

/// A registry that lists manifests.
pub trait ManifestList: Send + Sync {
    /// The manifests of a repository; none where there is no token for the management API, so that
    /// only tags can be listed.
    fn manifest_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>>;
}

/// A registry that can be asked what refers to a manifest.
///
/// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>
pub trait ReferrerList: Send + Sync {
    /// What refers to a manifest; none where the registry has no such API, so that only the
    /// fallback tag may know.
    ///
    /// # Errors
    /// [`RegistryError`] when the registry does not answer the question.
    fn referrer_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        subject: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Vec<Descriptor>>, RegistryError>>;
}
