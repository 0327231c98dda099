//! The order `deployed`: when each release was deployed, and whether it is known to be good.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::groups::Groups;
use super::ranking::Releases;
use super::release_number::{ReleaseNumber, at};
use crate::model::{Deployment, DeploymentResult, Deployments, Sha};

/// What is known of the deployments of one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed<'a> {
    /// It was deployed, and is known to be good: the last deployment.
    Good(&'a Deployment),
    /// It was deployed and is not known to be good, or a deploy job failed.
    Failed(&'a Deployment),
    /// What is known does not say whether it was deployed, or whether it is good.
    Unknown(&'a Deployment),
    /// Nothing says that it was deployed.
    Never,
    /// Nothing that was read says that it was deployed, and not everything was read.
    Unread,
}

impl<'a> Deployed<'a> {
    /// The deployment that decides.
    #[must_use]
    pub fn deployment(self) -> Option<&'a Deployment> {
        match self {
            Self::Good(deployment) | Self::Failed(deployment) | Self::Unknown(deployment) => {
                Some(deployment)
            }
            Self::Never | Self::Unread => None,
        }
    }
}

/// The release that was deployed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LastDeployed {
    /// This one.
    Release(ReleaseNumber),
    /// One of these: they were deployed at the same time, or one of them may be by now.
    OneOf(Vec<ReleaseNumber>),
    /// Nothing was ever deployed.
    None,
    /// Not enough was read.
    Unread,
}

/// The deployments of an environment by release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedReleases {
    /// By release: its deployments, and attempts at one, oldest first.
    of: Vec<Vec<Deployment>>,
    /// Runs that were not examined: the releases that each may have deployed, and when it changed last.
    unread: Vec<(Vec<ReleaseNumber>, DateTime<Utc>)>,
    has_older: bool,
}

impl DeployedReleases {
    /// Finds the release of each deployment. One whose SHA fits several releases is one of all of them,
    /// and of none with certainty.
    #[must_use]
    pub fn new(releases: &Releases, deployments: &Deployments) -> Self {
        let named = |sha: &Sha| -> Vec<ReleaseNumber> {
            let fits = |release: &ReleaseNumber| releases.sha(*release).agrees_with(sha);
            releases.numbers().filter(fits).collect()
        };
        let mut of: Vec<Vec<Deployment>> = vec![Vec::new(); releases.numbers().len()];
        for deployment in &deployments.found {
            let fitting = named(&deployment.sha);
            for release in &fitting {
                let mut deployment = deployment.clone();
                if fitting.len() > 1 {
                    deployment.result = DeploymentResult::Disputed;
                    deployment.detail = format!("{} names several releases", deployment.sha);
                }
                of[at(*release)].push(deployment);
            }
        }
        for of_release in &mut of {
            put_in_order(of_release);
        }
        let unread = deployments.unread.iter().map(|run| (named(&run.sha), run.updated)).collect();
        Self { of, unread, has_older: deployments.has_older }
    }

    /// What is known of a release.
    #[must_use]
    pub fn of(&self, release: ReleaseNumber) -> Deployed<'_> {
        let is_unread = self.has_older || self.may_be_deployed_by_unread(release);
        judged(&self.of[at(release)], is_unread)
    }
    /// When a release was deployed for the first time.
    #[must_use]
    pub fn first(&self, release: ReleaseNumber) -> Option<DateTime<Utc>> {
        let mut deployed = self.of[at(release)].iter().filter(|one| one.result.is_deployed());
        deployed.next().map(|one| one.time)
    }

    /// Whether the releases that were deployed before this one are known as far as they can be: every
    /// listed run that names it was examined, and one that deployed it was found if there is any.
    #[must_use]
    pub(super) fn is_start_known(&self, start: ReleaseNumber) -> bool {
        let was_seen = self.of[at(start)].iter().any(|one| one.result.is_deployed());
        !self.may_be_deployed_by_unread(start) && (was_seen || !self.has_older)
    }

    /// Whether a run that was not examined may have deployed anything at or after this time.
    #[must_use]
    pub(super) fn may_be_deployed_since(&self, time: DateTime<Utc>) -> bool {
        self.unread.iter().any(|(_, updated)| *updated >= time)
    }

    /// Whether everything was read that can be.
    #[must_use]
    pub(super) fn is_complete(&self) -> bool {
        self.unread.is_empty() && !self.has_older
    }

    /// The releases that are known to be good and were deployed last before another one was deployed
    /// first, newest first, in groups of one time.
    #[must_use]
    pub fn before(&self, start: ReleaseNumber) -> Groups {
        let first = self.first(start);
        let mut good: Vec<(DateTime<Utc>, ReleaseNumber)> = (0..self.of.len())
            .filter_map(|release| u32::try_from(release).ok())
            .filter_map(|release| match self.of(release) {
                Deployed::Good(last) if release != start => Some((last.time, release)),
                _ => None,
            })
            .filter(|(time, _)| first.is_none_or(|first| *time < first))
            .collect();
        good.sort_unstable_by_key(|(time, release)| (Reverse(*time), *release));
        let mut groups = Groups::default();
        for group in good.chunk_by(|(a, _), (b, _)| a == b) {
            groups.push(&group.iter().map(|(_, release)| *release).collect::<Vec<_>>());
        }
        groups
    }

    /// The release that was deployed last.
    #[must_use]
    pub(super) fn last(&self) -> LastDeployed {
        let all = self.of.iter().flatten();
        let may_run = |one: &&Deployment| one.result != DeploymentResult::JobFailed;
        let Some(last) =
            all.clone().filter(|one| one.result.is_deployed()).map(|one| one.time).max()
        else {
            return if self.is_complete() { LastDeployed::None } else { LastDeployed::Unread };
        };
        if self.may_be_deployed_since(last) {
            return LastDeployed::Unread;
        }
        let is_last = |of: &&Vec<Deployment>| of.iter().filter(may_run).any(|one| one.time >= last);
        let found = (0u32..).zip(&self.of).filter(|(_, of)| is_last(of));
        let found: Vec<ReleaseNumber> = found.map(|(release, _)| release).collect();
        match found.as_slice() {
            [release] => LastDeployed::Release(*release),
            _ => LastDeployed::OneOf(found),
        }
    }

    /// The releases that may have been deployed last, none if nothing was.
    #[must_use]
    pub fn last_deployed(&self) -> Vec<ReleaseNumber> {
        match self.last() {
            LastDeployed::Release(release) => vec![release],
            LastDeployed::OneOf(releases) => releases,
            LastDeployed::None | LastDeployed::Unread => Vec::new(),
        }
    }

    fn may_be_deployed_by_unread(&self, release: ReleaseNumber) -> bool {
        self.unread.iter().any(|(releases, _)| releases.contains(&release))
    }
}

/// What is known of one release by its deployments. `is_unread` says whether something that was not read
/// may have deployed it.
#[must_use]
pub fn deployed(found: &mut [Deployment], is_unread: bool) -> Deployed<'_> {
    put_in_order(found);
    judged(found, is_unread)
}

/// Oldest first. Of two at the same time the one that is not good comes last, and decides.
fn put_in_order(found: &mut [Deployment]) {
    found.sort_by_key(|one| (one.time, one.result != DeploymentResult::Good));
}

fn judged(all: &[Deployment], is_unread: bool) -> Deployed<'_> {
    let deployed = all.iter().rfind(|one| one.result.is_deployed());
    let is_later = |one: &&Deployment| deployed.is_none_or(|last| one.time >= last.time);
    let is_unfinished = |one: &&Deployment| one.result == DeploymentResult::JobUnfinished;
    if let Some(unfinished) = all.iter().filter(is_later).rfind(is_unfinished) {
        return Deployed::Unknown(unfinished);
    }
    match deployed.or(all.last()) {
        Some(last) => match last.result {
            DeploymentResult::Good => Deployed::Good(last),
            DeploymentResult::RunFailed | DeploymentResult::JobFailed => Deployed::Failed(last),
            DeploymentResult::RunUnfinished
            | DeploymentResult::Disputed
            | DeploymentResult::JobUnfinished => Deployed::Unknown(last),
        },
        None if is_unread => Deployed::Unread,
        None => Deployed::Never,
    }
}
