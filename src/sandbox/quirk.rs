//! Behaviours of real servers that contradict what they document, switched on by name.
//!
//! What goes wrong now and then is a fault; a quirk is how a server always is. A new one takes a
//! variant here and a check at the place where it acts.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use axum::http::StatusCode;

use crate::model::Digest;

/// A behaviour that contradicts the documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Quirk {
    /// A deletion is answered as done, and nothing happens.
    DeleteDoesNothing,
    /// A manifest is deleted by its digest, and its tags stay listed and found by HEAD, as
    /// go-containerregistry does.
    TagsOutliveManifests,
    /// To delete a manifest with tags takes the tags off, answers 400 and leaves the manifest, as
    /// Cloudflare's registry does with many tags.
    DeleteOnlyRemovesTags,
    /// The deletion of this manifest is refused with this status.
    Locked(Digest, u16),
    /// A push of a manifest is answered as done, and nothing happens.
    PushDoesNothing,
    /// The answer to a push does not say where the manifest is.
    PushWithoutLocation,
    /// A manifest whose subject is not there is refused.
    SubjectRequired,
    /// Pages of a management API never have more entries than this, whatever was asked for.
    MaxPageEntries(usize),
}

/// The quirks that a registry has at the moment.
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

    /// Whether the registry has this one.
    #[must_use]
    pub fn has(&self, quirk: &Quirk) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(quirk)
    }

    /// How many entries a page of a management API has at most.
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

    /// What is taken from the first quirk that has it, for those with values of their own.
    pub fn find<T>(&self, take: impl FnMut(&Quirk) -> Option<T>) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find_map(take)
    }
}
