//! What `tags list` reports: the releases, the current one, and the rollback target.

use std::collections::BTreeMap;

use crate::model::{EnvironmentName, RegistryName, Sha, Unread};
use crate::policy::Environment;
use crate::releases::{Step, Timeline, steps_back};

/// The releases of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The environment.
    pub environment: EnvironmentName,
    /// Its releases.
    pub timeline: Timeline,
    /// The index of the current one, if it is known.
    pub current: Option<usize>,
    /// The rollback target, by tags and times only.
    pub rollback_target: Option<Sha>,
    /// What could not be read, by registry.
    pub unread: BTreeMap<RegistryName, Unread>,
}

impl Listing {
    /// A listing; the rollback target is the first candidate before the current release.
    #[must_use]
    pub fn new(
        environment: &Environment,
        timeline: Timeline,
        current: Option<usize>,
        unread: BTreeMap<RegistryName, Unread>,
    ) -> Self {
        let rollback_target = current.and_then(|current| {
            let mut steps = steps_back(environment, &timeline, current).into_iter();
            match steps.find(|step| !matches!(step, Step::Skip(_))) {
                Some(Step::Candidate(release)) => Some(release.sha.clone()),
                _ => None,
            }
        });
        Self { environment: environment.name.clone(), timeline, current, rollback_target, unread }
    }
}
