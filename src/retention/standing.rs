//! Which releases are current in an environment, and which ones a rollback from there would need.
//!
//! Where the latest tags disagree, each of the releases that they name counts as current: more is
//! kept, never less.

use std::collections::{BTreeSet, HashMap};

use super::graph::{Graph, Node, index};
use super::order::{Ranking, content};
use super::role::{ReleaseId, Role, Roles};
use crate::model::{Digest, ImageName};
use crate::policy::Environment;

/// What an environment stands on.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The current release, or all that may be it.
    pub(super) current: Vec<ReleaseId>,
    /// What a rollback would need, newest first.
    pub(super) floor: Vec<ReleaseId>,
}

/// What finding the standing needs.
#[derive(Clone, Copy)]
pub(super) struct StandingInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    /// By node: whether something runs it.
    pub(super) in_use: &'a BTreeSet<Node>,
    /// How many complete releases before the current one are held.
    pub(super) depth: usize,
}

/// The standing of an environment, by its place among them.
pub(super) fn standing(input: StandingInput<'_>, place: usize, ranking: &Ranking) -> Standing {
    let current = current(input, place, ranking);
    let running = ranking.groups.iter().flatten().filter(|release| runs(input, **release));
    let mut starts = current.clone();
    starts.extend(running);
    starts.dedup();
    let mut floor: Vec<ReleaseId> = Vec::new();
    for start in starts {
        let floor_below = Descent { input, ranking, start }.floor();
        for release in floor_below {
            if !floor.contains(&release) && !current.contains(&release) {
                floor.push(release);
            }
        }
    }
    Standing { current, floor }
}

fn runs(input: StandingInput<'_>, release: ReleaseId) -> bool {
    !input.in_use.is_empty()
        && input.roles.copies(release).iter().any(|copy| input.in_use.contains(&copy.node))
}

/// The release that all latest tags resolve to, else each that one does, else the newest.
fn current(input: StandingInput<'_>, place: usize, ranking: &Ranking) -> Vec<ReleaseId> {
    let told: Vec<BTreeSet<ReleaseId>> =
        told(input, place).into_iter().filter(|set| !set.is_empty()).collect();
    let mut sets = told.iter().cloned();
    let Some(first) = sets.next() else {
        return ranking.groups.first().cloned().unwrap_or_default();
    };
    let common = sets.fold(first, |common, set| &common & &set);
    let mut current: Vec<ReleaseId> = if common.is_empty() {
        told.iter().flat_map(|set| newest(ranking, set)).collect()
    } else {
        newest(ranking, &common)
    };
    current.sort_unstable();
    current.dedup();
    current
}

/// The newest of some releases, with all that tie with it; all of them where none has a place.
fn newest(ranking: &Ranking, releases: &BTreeSet<ReleaseId>) -> Vec<ReleaseId> {
    let in_set = |group: &Vec<ReleaseId>| -> Vec<ReleaseId> {
        group.iter().filter(|release| releases.contains(release)).copied().collect()
    };
    let first = ranking.groups.iter().map(in_set).find(|found| !found.is_empty());
    first.unwrap_or_else(|| releases.iter().copied().collect())
}

/// For each latest tag the releases with the same image.
fn told(input: StandingInput<'_>, place: usize) -> Vec<BTreeSet<ReleaseId>> {
    let StandingInput { graph, roles, .. } = input;
    let mut latest: HashMap<(&ImageName, &Digest), BTreeSet<ReleaseId>> = HashMap::new();
    for repository in roles.repositories[place].iter().flatten() {
        for node in graph.nodes_of(*repository) {
            if roles.named(graph, node).any(|(_, _, role)| is_latest_of(role, place)) {
                latest.entry(key(graph, node)).or_default();
            }
        }
    }
    for release in roles.release_ids() {
        if usize::from(roles.releases[index(release)].environment) != place {
            continue;
        }
        for copy in roles.copies(release) {
            if let Some(releases) = latest.get_mut(&key(graph, copy.node)) {
                releases.insert(release);
            }
        }
    }
    latest.into_values().collect()
}

fn key<'a>(graph: &Graph<'a>, node: Node) -> (&'a ImageName, &'a Digest) {
    (&graph.repository(node).image, &graph.record(node).digest)
}

fn is_latest_of(role: Role, place: usize) -> bool {
    matches!(role, Role::Latest(environment) if usize::from(environment) == place)
}

/// The way down from one release.
struct Descent<'a> {
    input: StandingInput<'a>,
    ranking: &'a Ranking,
    start: ReleaseId,
}

impl Descent<'_> {
    /// The first complete releases below the start, and the first that a rollback would take:
    /// two counts, since what is complete may still be bad, damaged or the same again.
    fn floor(&self) -> Vec<ReleaseId> {
        let depth = self.input.depth;
        let below = self.ranking.rank(self.start).map_or(0, |rank| rank + 1);
        let (mut complete, mut takeable) = (0, 0);
        let mut floor = Vec::new();
        for group in &self.ranking.groups[below..] {
            if complete >= depth && takeable >= depth {
                break;
            }
            let whole: Vec<ReleaseId> =
                group.iter().filter(|release| self.is_complete(**release)).copied().collect();
            let good: Vec<ReleaseId> =
                whole.iter().filter(|release| self.is_takeable(**release)).copied().collect();
            if complete < depth {
                floor.extend(&whole);
            } else if takeable < depth {
                floor.extend(&good);
            }
            complete += whole.len();
            // Of several that tie a rollback takes none.
            takeable += usize::from(good.len() == 1);
        }
        floor
    }

    fn is_complete(&self, release: ReleaseId) -> bool {
        release != self.start && self.input.roles.is_complete(self.input.graph, release)
    }

    fn is_takeable(&self, release: ReleaseId) -> bool {
        let StandingInput { graph, roles, .. } = self.input;
        let environment = roles.environment_of(release);
        let sha = &roles.releases[index(release)].sha;
        !environment.bad_shas.iter().any(|bad| bad.agrees_with(sha))
            && content(roles, release) != content(roles, self.start)
            && (!environment.same_digest || self.is_same_everywhere(environment, release))
            && roles.copies(release).iter().all(|copy| graph.is_whole(copy.node))
    }

    /// Whether each image is the same in all registries.
    fn is_same_everywhere(&self, environment: &Environment, release: ReleaseId) -> bool {
        let StandingInput { graph, roles, .. } = self.input;
        environment.images.keys().all(|image| {
            let mut digests = roles
                .copies(release)
                .iter()
                .filter(|copy| graph.repository(copy.node).image == *image)
                .map(|copy| &graph.record(copy.node).digest);
            let first = digests.next();
            digests.all(|digest| Some(digest) == first)
        })
    }
}
