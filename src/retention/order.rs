//! The releases of each environment from newest to oldest, by what the policy calls order.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};

use super::age::ReleaseAges;
use super::graph::{Graph, index};
use super::role::{ReleaseId, Roles};
use crate::history::sequence;
use crate::model::{EnvironmentName, GitHistory, Order, is_plausible};

/// Releases of one environment in groups, newest first; more than one in a group is a tie.
pub(super) struct Ranking {
    pub(super) groups: Vec<Vec<ReleaseId>>,
    /// Those that have no place which anything tells.
    pub(super) unplaced: Vec<ReleaseId>,
}

impl Ranking {
    /// The place of a release, 0 for the newest.
    pub(super) fn rank(&self, release: ReleaseId) -> Option<usize> {
        self.groups.iter().position(|group| group.contains(&release))
    }
}

/// What ranking needs.
#[derive(Clone, Copy)]
pub(super) struct RankInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) ages: &'a ReleaseAges,
    pub(super) git: &'a BTreeMap<EnvironmentName, GitHistory>,
    pub(super) now: DateTime<Utc>,
}

/// A ranking for each environment.
pub(super) fn rankings(input: RankInput<'_>) -> Vec<Ranking> {
    let mut of: Vec<Vec<ReleaseId>> = vec![Vec::new(); input.roles.environments.len()];
    for release in input.roles.release_ids() {
        of[usize::from(input.roles.releases[index(release)].environment)].push(release);
    }
    of.into_iter()
        .enumerate()
        .map(|(environment, releases)| ranking(input, environment, &releases))
        .collect()
}

fn ranking(input: RankInput<'_>, environment: usize, releases: &[ReleaseId]) -> Ranking {
    let environment = input.roles.environments[environment];
    let none = GitHistory::default();
    let git = input.git.get(&environment.name).unwrap_or(&none);
    let commit = |release: &ReleaseId| {
        if git.is_empty() { None } else { git.find(&input.roles.releases[index(*release)].sha) }
    };
    let commits: Vec<Option<usize>> =
        releases.iter().map(|release| commit(release).map(|(place, _)| place)).collect();
    let times: Vec<Option<DateTime<Utc>>> =
        releases.iter().map(|release| time(input, environment.order, *release)).collect();
    let groups: Vec<Vec<ReleaseId>> = sequence(environment.order, &times, &commits)
        .into_iter()
        .map(|group| group.into_iter().map(|place| releases[place]).collect())
        .collect();
    let placed: HashSet<ReleaseId> = groups.iter().flatten().copied().collect();
    let unplaced = releases.iter().filter(|release| !placed.contains(release)).copied().collect();
    Ranking { groups, unplaced }
}

/// The time by which a release is ordered.
fn time(input: RankInput<'_>, order: Order, release: ReleaseId) -> Option<DateTime<Utc>> {
    match order {
        Order::Pushed => input.ages.time(release),
        Order::Git => None,
        Order::Built => input
            .roles
            .copies(release)
            .iter()
            .filter_map(|copy| input.graph.record(copy.node).built)
            .filter(|built| is_plausible(*built, input.now))
            .max(),
    }
}

/// A number that two releases share when they have the same digests in the same repositories. That
/// two others share it by chance only keeps one more.
pub(super) fn content(roles: &Roles<'_>, release: ReleaseId) -> u64 {
    let mut hasher = DefaultHasher::new();
    for copy in roles.copies(release) {
        copy.node.hash(&mut hasher);
    }
    hasher.finish()
}
