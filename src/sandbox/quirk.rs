//! Permanent behaviours of real servers that contradict their documentation.
//!
//! What goes wrong only sometimes is a fault.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use axum::http::StatusCode;

use crate::model::Digest;

/// A behaviour that contradicts the documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Quirk {
    /// A deletion is answered with success, but nothing is deleted.
    DeleteDoesNothing,
    /// When a manifest is deleted by digest, its tags are still listed and found by HEAD, as in
    /// go-containerregistry.
    TagsOutliveManifests,
    /// Deleting a manifest that has tags removes only the tags and answers 400, as Cloudflare's
    /// registry does with many tags.
    DeleteOnlyRemovesTags,
    /// The deletion of this manifest is refused with this status.
    Locked(Digest, u16),
    /// A push of a manifest is answered with success, but nothing is stored.
    PushDoesNothing,
    /// The answer to a push has no `Location`.
    PushWithoutLocation,
    /// A manifest whose subject does not exist is refused.
    SubjectRequired,
    /// A chunk of an upload of more bytes than this is refused with 416, as by GHCR.
    MaxChunk(usize),
    /// Any request of more bytes than this is refused with 413, as by a proxy in front.
    MaxRequest(u64),
    /// A mount begins an upload instead, even if the registry has the blob.
    MountsNothing,
    /// A mount from another repository is refused with 401, as by Harbor where it does not know that
    /// repository: <https://github.com/google/go-containerregistry/issues/1393>.
    MountRefused,
    /// Where an upload goes on is told as an absolute URL.
    AbsoluteLocation,
    /// Where an upload goes on is told as an address on this other host.
    LocationElsewhere(String),
    /// Nothing can be pushed under a tag that exists: it is refused with 412, as by Harbor.
    ImmutableTags,
    /// Pages of a management API have at most this many entries, whatever was requested.
    MaxPageEntries(usize),
}

/// The quirks that are switched on.
#[derive(Debug, Default)]
pub struct Quirks(RwLock<BTreeSet<Quirk>>);

impl Quirks {
    pub(super) fn new(quirks: BTreeSet<Quirk>) -> Self {
        Self(RwLock::new(quirks))
    }

    /// Switches one on, from the next request on.
    pub fn switch_on(&self, quirk: Quirk) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(quirk);
    }

    /// Switches one off, from the next request on.
    pub fn switch_off(&self, quirk: &Quirk) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(quirk);
    }

    /// Whether this quirk is switched on.
    #[must_use]
    pub fn has(&self, quirk: &Quirk) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(quirk)
    }

    /// The maximum page size of a management API whose usual maximum is `most`.
    pub(super) fn max_page_size(&self, most: usize) -> usize {
        let few = |quirk: &Quirk| match quirk {
            Quirk::MaxPageEntries(few) => Some(*few),
            _ => None,
        };
        self.find(few).map_or(most, |few| few.clamp(1, most))
    }

    /// The status with which the deletion of a manifest is refused, if it is.
    pub(super) fn locked(&self, digest: &Digest) -> Option<StatusCode> {
        self.find(|quirk| match quirk {
            Quirk::Locked(locked, status) if locked == digest => StatusCode::from_u16(*status).ok(),
            _ => None,
        })
    }

    /// The first result of `take` over the quirks that are switched on.
    pub fn find<T>(&self, take: impl FnMut(&Quirk) -> Option<T>) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find_map(take)
    }
}
