//! The manifests of a repository as a management API lists them, also those without a tag. The OCI API lists
//! only tags.

use chrono::{DateTime, Utc};

use super::RequestError;
use crate::model::{Contradiction, Digest, TagPush, VersionId};

/// A manifest as a management API lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its tags. A tag on two manifests moved during the listing, or the API contradicts itself.
    pub tags: Vec<TagPush>,
    /// When it was pushed or last changed, whichever is newer.
    pub pushed: Option<DateTime<Utc>>,
    /// Its compressed size with all layers, if the API returns one that is not 0.
    pub bytes: Option<u64>,
    /// Its version number; only GHCR has them.
    pub version: Option<VersionId>,
}

/// The manifests of a repository, as far as they could be listed.
#[derive(Debug, Default)]
pub struct ManifestListing {
    /// What was listed; each digest once.
    pub manifests: Vec<ListedManifest>,
    /// Tags with contradicting statements; each is on every manifest that is named for it.
    pub contradictions: Vec<Contradiction>,
    /// Why the listing is incomplete, if it is: then more manifests may exist.
    pub broken: Option<RequestError>,
}

impl ManifestListing {
    /// A listing that could not be read at all.
    pub(crate) fn broken(error: RequestError) -> Self {
        Self { broken: Some(error), ..Self::default() }
    }
}
