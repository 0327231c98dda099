//! The current release of an environment, and the rollback floor: the releases that a rollback from
//! there would need.
//!
//! Where the latest tags disagree, each release that they point to counts as current: that keeps more,
//! never less.

use std::collections::BTreeSet;

use super::graph::{Graph, ManifestState, Node};
use super::recorded::Recorded;
use super::role::{ReleaseId, Role};
use super::roles::{EnvironmentReleases, Roles, id, image_and_digest};
use crate::model::{ContentsCoverage, Digest};
use crate::releases::{DeployedReleases, ReleaseNumber};

/// The current release of an environment and its rollback floor.
#[derive(Debug, Default)]
pub(super) struct CurrentAndFloor {
    /// The current release, or all releases that may be current.
    pub(super) current: Vec<ReleaseId>,
    /// The releases that a rollback would need, newest first.
    pub(super) floor: Vec<ReleaseId>,
}

/// The input of [`current_and_floor`].
#[derive(Clone, Copy)]
pub(super) struct FloorInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    /// The manifests in use.
    pub(super) in_use: &'a BTreeSet<Node>,
    /// How many complete releases before the current one are kept.
    pub(super) depth: usize,
    pub(super) recorded: Recorded<'a>,
}

/// The current release and the floor of an environment, by its index. A rollback may also start from a
/// release in use.
pub(super) fn current_and_floor(input: FloorInput<'_>, index: usize) -> CurrentAndFloor {
    let FloorInput { graph, roles, depth, recorded, .. } = input;
    let environment = &roles.environments[index];
    let model = &environment.model;
    let wanted = latest_images(input, index);
    let current = model.current_by(&model.with_images(graph, &wanted));
    let check = environment.rollback_check(graph);
    let is_whole = |release: ReleaseNumber| {
        // `rollback-target` skips a release that moved since it was recorded.
        let release = id(environment, release);
        roles.copies(release).all(|copy| graph.is_whole(copy.node)) && !recorded.is_moved(release)
    };
    let mut starts = current.clone();
    let in_use = |release: &ReleaseNumber| is_in_use(input, id(environment, *release));
    starts.extend(model.groups().members().iter().copied().filter(in_use));
    let last = environment.deployed.as_ref().map(DeployedReleases::last_deployed);
    let last = last.unwrap_or_default();
    starts.extend(&last);
    starts.dedup();
    // What was deployed last may be running, whatever the latest tags say.
    let mut floor: Vec<ReleaseNumber> = last;
    for start in starts {
        floor.extend(check.floor(start, depth, is_whole));
        if let Some(deployed) = &environment.deployed {
            floor.extend(check.deployed_floor(deployed, (start, depth), is_whole));
        }
    }
    let mut seen: BTreeSet<ReleaseNumber> = current.iter().copied().collect();
    floor.retain(|release| seen.insert(*release));
    let ids = |releases: Vec<ReleaseNumber>| -> Vec<ReleaseId> {
        releases.into_iter().map(|release| id(environment, release)).collect()
    };
    CurrentAndFloor { current: ids(current), floor: ids(floor) }
}

fn is_in_use(input: FloorInput<'_>, release: ReleaseId) -> bool {
    !input.in_use.is_empty()
        && input.roles.copies(release).any(|copy| input.in_use.contains(&copy.node))
}

/// What the latest tags of an environment point to: image and digest, each once.
fn latest_images(input: FloorInput<'_>, index: usize) -> Vec<(u32, &Digest)> {
    let FloorInput { graph, roles, .. } = input;
    let environment: &EnvironmentReleases<'_> = &roles.environments[index];
    let mut latest = BTreeSet::new();
    for repository in environment.repositories.iter().flatten() {
        for node in graph.nodes_of(*repository) {
            if roles.tags_of(node).any(|tag| is_latest_of(roles.role_of(tag), index)) {
                latest.extend(image_and_digest(environment, graph, node));
            }
        }
    }
    latest.into_iter().collect()
}

fn is_latest_of(role: Role, index: usize) -> bool {
    matches!(role, Role::Latest(environment) if usize::from(environment) == index)
}

/// How many releases of an environment are complete.
pub(super) fn complete_count(environment: &EnvironmentReleases<'_>) -> usize {
    let model = &environment.model;
    model.numbers().filter(|release| model.is_complete(*release)).count()
}

/// Whether everything of an environment was read.
pub(super) fn is_read_completely(graph: &Graph<'_>, environment: &EnvironmentReleases<'_>) -> bool {
    environment.repositories.iter().all(|repository| {
        repository.is_some_and(|repository| {
            let unread = |node: Node| graph.state(node) == ManifestState::Unread;
            graph.repositories()[repository].coverage == ContentsCoverage::Complete
                && !graph.nodes_of(repository).any(unread)
        })
    })
}
