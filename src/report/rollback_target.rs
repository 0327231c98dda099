//! What `tags rollback-target` reports: the target, or why there is none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{
    Digest, EnvironmentName, ImageName, Moment, Place, RegistryName, ReleaseOrder, Sha,
    TagReference, Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{Current, Skipped};

/// One image of the target, in one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetImage {
    /// The image and the registry.
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
    /// Every copy that is known to be complete.
    pub images: Vec<TargetImage>,
}

/// What `tags rollback-target` reports: the target and how it was found, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackTarget {
    /// The environment.
    pub environment: EnvironmentName,
    /// What "previous" means there.
    pub order: ReleaseOrder,
    /// Those of its images that the policy's patterns found.
    pub images: Vec<ImageName>,
    /// What could not be read, by registry.
    pub unread: BTreeMap<RegistryName, Unread>,
    /// The current release, if it is known.
    pub current: Option<CurrentRelease>,
    /// The target, if there is one.
    pub target: Option<Target>,
    /// Every release that was skipped, newest first.
    pub skipped: Vec<Skipped>,
    /// Why there is no current release, if there is none.
    pub message: Option<String>,
    /// The cause, where that leaves the answer unknown.
    pub unknown_cause: Option<UnreadCause>,
    /// Why it could not be read what was deployed, if the order depends on that.
    pub deployments_unread: Option<Unread>,
    /// The time that counts as now: ages are counted to it.
    pub now: DateTime<Utc>,
}

/// The current release as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRelease {
    /// The release.
    pub sha: Sha,
    /// Its time.
    pub time: Option<Moment>,
    /// How it was determined.
    pub current: Current,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackVerdict {
    /// There is a target.
    Found,
    /// There is none.
    None,
    /// There may be one, but a registry could not be read.
    Unknown(UnreadCause),
}

impl RollbackTarget {
    /// A report in which nothing is known yet.
    pub(crate) fn of(environment: &Environment, now: DateTime<Utc>) -> Self {
        Self {
            environment: environment.name.clone(),
            order: environment.order,
            images: environment.found.clone(),
            unread: BTreeMap::new(),
            current: None,
            target: None,
            skipped: Vec::new(),
            message: None,
            unknown_cause: None,
            deployments_unread: None,
            now,
        }
    }

    /// The result.
    #[must_use]
    pub fn verdict(&self) -> RollbackVerdict {
        if self.target.is_some() {
            return RollbackVerdict::Found;
        }
        let unread = self.unread.values().chain(&self.deployments_unread).map(|why| why.cause);
        match unread.chain(self.unknown_cause).min() {
            Some(cause) => RollbackVerdict::Unknown(cause),
            None => RollbackVerdict::None,
        }
    }
}
