//! What `tags rollback-target` found: the target, or why there is none.

use std::collections::BTreeMap;

use crate::model::{
    Digest, EnvironmentName, Moment, Place, RegistryName, ReleaseOrder, Sha, TagReference, Unread,
    UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{Current, Skipped};

/// One image of the target, in one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetImage {
    /// Which.
    pub place: Place,
    /// Its tag.
    pub reference: TagReference,
    /// Its digest.
    pub digest: Digest,
}

/// The release to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The release.
    pub sha: Sha,
    /// Its time.
    pub time: Option<Moment>,
    /// Every copy that can surely be pulled.
    pub images: Vec<TargetImage>,
}

/// The answer, and all that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The environment.
    pub environment: EnvironmentName,
    /// What "previous" means there.
    pub order: ReleaseOrder,
    /// What could not be read, by registry.
    pub unread: BTreeMap<RegistryName, Unread>,
    /// The current release, if it is known.
    pub current: Option<CurrentRelease>,
    /// The target, if there is one.
    pub target: Option<Target>,
    /// Every release passed over on the way, in that order.
    pub skipped: Vec<Skipped>,
    /// Why there is no current release, if there is none.
    pub trouble: Option<String>,
    /// What kind of doubt that is, where it is one and not an answer.
    pub doubt: Option<UnreadCause>,
}

/// The current release as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRelease {
    /// The release.
    pub sha: Sha,
    /// Its time.
    pub time: Option<Moment>,
    /// How it is known to be current, and what to know about that.
    pub current: Current,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackVerdict {
    /// There is a target.
    Found,
    /// There is none.
    None,
    /// There may be one, but a registry could not be read.
    Unknown(UnreadCause),
}

impl Rollback {
    /// An answer in which nothing is known yet.
    pub(crate) fn of(environment: &Environment) -> Self {
        Self {
            environment: environment.name.clone(),
            order: environment.order,
            unread: BTreeMap::new(),
            current: None,
            target: None,
            skipped: Vec::new(),
            trouble: None,
            doubt: None,
        }
    }

    /// What came of it.
    #[must_use]
    pub fn verdict(&self) -> RollbackVerdict {
        if self.target.is_some() {
            return RollbackVerdict::Found;
        }
        match self.unread.values().map(|why| why.cause).chain(self.doubt).min() {
            Some(cause) => RollbackVerdict::Unknown(cause),
            None => RollbackVerdict::None,
        }
    }
}
