//! What `tags list` reports: the releases, the current one, and the rollback target.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    EnvironmentName, ImageName, RegistryName, ReleaseOrder, Sha, Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{Deployed, Step, Timeline, steps_back};

/// What is shown of deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedDeployments {
    /// Nothing: the policy does not say what deploys to the environment.
    NotShown,
    /// What was read: it is part of the timeline.
    Read,
    /// It could not be read.
    Unread(Unread),
}

/// The SHA tags that moved since they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovedTags {
    /// Their releases.
    pub releases: BTreeSet<Sha>,
    /// How many they are; none if there is no record to compare with.
    pub count: Option<usize>,
}

/// The releases of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The environment.
    pub environment: EnvironmentName,
    /// What "previous" means there.
    pub order: ReleaseOrder,
    /// Those of its images that the policy's patterns found.
    pub images: Vec<ImageName>,
    /// Its releases.
    pub timeline: Timeline,
    /// The index of the current one, if it is known.
    pub current: Option<usize>,
    /// The rollback target, by tags and times only.
    pub rollback_target: Option<Sha>,
    /// How many releases a rollback can go to, by tags and times only.
    targets: usize,
    /// How many SHA tags moved since they were recorded; none if there is no record.
    pub moved_tags: Option<usize>,
    /// What could not be read, by registry.
    pub unread: BTreeMap<RegistryName, Unread>,
    /// What is shown of deployments.
    pub deployments: ListedDeployments,
}

impl Listing {
    /// A listing; the rollback target is the first candidate before the current release, unless its SHA
    /// tags are among those that moved.
    #[must_use]
    pub fn new(
        environment: &Environment,
        (timeline, current, moved): (Timeline, Option<usize>, &MovedTags),
        (unread, deployments): (BTreeMap<RegistryName, Unread>, ListedDeployments),
    ) -> Self {
        let steps = current.map(|current| steps_back(environment, &timeline, current));
        let is_passed_over = |step: &Step<'_>| match step {
            Step::Skip(_) => true,
            Step::Candidate(release) => moved.releases.contains(&release.sha),
            _ => false,
        };
        let possible = steps.into_iter().flatten().filter(|step| !is_passed_over(step));
        // Behind something that was not read, nothing is certain.
        let targets: Vec<Sha> = possible
            .map_while(|step| match step {
                Step::Candidate(release) => Some(release.sha.clone()),
                _ => None,
            })
            .collect();
        Self {
            environment: environment.name.clone(),
            order: environment.order,
            images: environment.found.clone(),
            timeline,
            current,
            targets: targets.len(),
            rollback_target: targets.into_iter().next(),
            moved_tags: moved.count,
            unread,
            deployments,
        }
    }

    /// How many releases a rollback can go to, by tags and times only; none where that is unknown.
    #[must_use]
    pub fn known_targets(&self) -> Option<usize> {
        let is_known = self.current.is_some() && self.unread_cause().is_none();
        is_known.then_some(self.targets)
    }

    /// The gravest cause for which something is unknown. Deployments count where the order depends on them.
    #[must_use]
    pub fn unread_cause(&self) -> Option<UnreadCause> {
        let deployments = match &self.deployments {
            ListedDeployments::Unread(why) if self.order == ReleaseOrder::Deployed => Some(why),
            _ => None,
        };
        self.unread.values().chain(deployments).map(|why| why.cause).min()
    }

    /// What is known of the deployments of a release, by its index; none if that is not shown.
    #[must_use]
    pub fn deployed(&self, index: usize) -> Option<Deployed<'_>> {
        match self.deployments {
            ListedDeployments::NotShown => None,
            ListedDeployments::Unread(_) => Some(Deployed::Unread),
            ListedDeployments::Read => self.timeline.deployed(index),
        }
    }
}
