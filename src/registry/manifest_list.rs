//! What a management API lists of manifests, those without a tag too; the OCI API lists only tags.

use chrono::{DateTime, Utc};

use super::RequestError;
use crate::model::{Contradiction, Digest, TagPush, VersionId};

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
    pub broken: Option<RequestError>,
}

impl ManifestListing {
    /// A listing of which nothing could be read.
    pub(crate) fn broken(error: RequestError) -> Self {
        Self { broken: Some(error), ..Self::default() }
    }
}
