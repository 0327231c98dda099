//! What of a plan belongs together, so that a part of it can be left out: a manifest that stays
//! after all keeps what it reaches and what is about it, and a release goes whole.

use std::collections::HashMap;

use super::engine::Decisions;
use super::graph::Node;
use super::plan::{Decision, EnvironmentSummary, Plan, PlanEntry};
use super::protect::Protection;
use super::reason::{KeepCode, Reason, ReasonCode};
use super::role::Role;
use crate::model::{Digest, EnvironmentName, Repository};

/// The manifests that a plan would change, with what binds them.
#[derive(Debug, Default)]
pub struct Ties {
    places: HashMap<(Repository, Digest), usize>,
    /// Each with those that stay when it stays.
    keeps: Vec<Vec<usize>>,
    /// Each with the number of its bundle: what goes together or not at all.
    bundles: Vec<usize>,
    /// The releases that go with each bundle, by their environments.
    releases: Vec<Vec<EnvironmentName>>,
}

impl Ties {
    pub(super) fn new(protection: &Protection<'_>, decided: &Decisions<'_>) -> Self {
        let graph = protection.graph;
        let goes = |node: Node| decided.end(node).is_some();
        let changes =
            |node: &Node| goes(*node) || decided.keeping.lost_tags(*node).next().is_some();
        let nodes: Vec<Node> = graph.nodes().filter(changes).collect();
        let place: HashMap<Node, usize> =
            nodes.iter().enumerate().map(|(place, node)| (*node, place)).collect();
        let around = |node: Node| {
            let other = graph.children(node).chain(graph.subjects(node));
            other.chain(graph.referrers(node)).filter_map(|other| place.get(&other).copied())
        };
        let mut keeps: Vec<Vec<usize>> = nodes
            .iter()
            .map(|node| if goes(*node) { around(*node).collect() } else { Vec::new() })
            .collect();
        let mut bundles = Bundles::new(nodes.len());
        for (at, others) in keeps.iter().enumerate() {
            for other in others {
                bundles.join(at, *other);
            }
        }
        let releases = join_releases(protection, decided, &place, |one, other| {
            bundles.join(one, other);
            // A release goes from all its places or from none.
            keeps[one].push(other);
            keeps[other].push(one);
        });
        let bundles: Vec<usize> = (0..nodes.len()).map(|at| bundles.root(at)).collect();
        let mut of_bundle = vec![Vec::new(); nodes.len()];
        for (at, environment) in releases {
            of_bundle[bundles[at]].push(environment);
        }
        let name = |node: Node| {
            (graph.repository(node).repository.clone(), graph.record(node).digest.clone())
        };
        let places = nodes.iter().enumerate().map(|(place, node)| (name(*node), place)).collect();
        Self { places, keeps, bundles, releases: of_bundle }
    }

    fn place(&self, entry: &PlanEntry) -> Option<usize> {
        self.places.get(&(entry.repository.clone(), entry.digest.clone())).copied()
    }

    /// The bundle of an entry, if the plan changes it.
    pub(super) fn bundle(&self, entry: &PlanEntry) -> Option<usize> {
        self.place(entry).map(|place| self.bundles[place])
    }

    /// Keeps what is not chosen, with all that stays with it, and gives the plan that is left.
    pub(super) fn choose(
        &self,
        mut plan: Plan,
        chosen: impl Fn(&PlanEntry) -> bool,
        why: &str,
    ) -> Plan {
        let mut stays = vec![false; self.keeps.len()];
        let mut waiting: Vec<usize> = Vec::new();
        for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
            waiting.extend(self.place(entry).filter(|_| !chosen(entry)));
        }
        while let Some(place) = waiting.pop() {
            if !std::mem::replace(&mut stays[place], true) {
                waiting.extend(&self.keeps[place]);
            }
        }
        for entry in plan.entries.iter_mut().filter(|entry| entry.decision != Decision::Keep) {
            // What nothing is known of is not chosen either.
            if self.place(entry).is_none_or(|place| stays[place]) {
                entry.decision = Decision::Keep;
                let code = ReasonCode::Keep(KeepCode::NotNow);
                entry.reason = Reason { code, rule: None, message: why.to_owned() };
            }
        }
        for outlook in &mut plan.outlook {
            self.correct(outlook, &stays);
        }
        plan
    }

    /// A release of which something stays is not going.
    fn correct(&self, outlook: &mut EnvironmentSummary, stays: &[bool]) {
        let mut staying: Vec<usize> = stays
            .iter()
            .zip(&self.bundles)
            .filter(|(stays, _)| **stays)
            .map(|(_, at)| *at)
            .collect();
        staying.sort_unstable();
        staying.dedup();
        let of_it = |name: &&EnvironmentName| **name == outlook.environment;
        let count: usize =
            staying.iter().map(|bundle| self.releases[*bundle].iter().filter(of_it).count()).sum();
        let moved = count.min(outlook.going);
        outlook.going -= moved;
        outlook.kept += moved;
    }
}

/// Joins the copies of each release that goes; gives each such release by one of its copies.
fn join_releases(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    place: &HashMap<Node, usize>,
    mut join: impl FnMut(usize, usize),
) -> Vec<(usize, EnvironmentName)> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut first: HashMap<u32, usize> = HashMap::new();
    let mut nodes: Vec<(Node, usize)> = place.iter().map(|(node, at)| (*node, *at)).collect();
    nodes.sort_unstable();
    for (node, at) in nodes {
        for (_, _, role) in roles.named(graph, node) {
            if let Role::Release(release) = role
                && !decided.keeping.keeps_release(release)
            {
                let with = *first.entry(release).or_insert(at);
                if with != at {
                    join(with, at);
                }
            }
        }
    }
    let mut releases: Vec<(u32, usize)> = first.into_iter().collect();
    releases.sort_unstable();
    let named = |(release, at)| (at, roles.environment_of(release).name.clone());
    releases.into_iter().map(named).collect()
}

/// Disjoint sets, each named by its smallest member.
struct Bundles(Vec<usize>);

impl Bundles {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, at: usize) -> usize {
        let mut root = at;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::Bundles;

    #[test]
    fn what_is_joined_by_a_third_is_one_bundle() {
        let mut bundles = Bundles::new(5);
        bundles.join(4, 2);
        bundles.join(1, 4);
        let roots: Vec<usize> = (0..5).map(|at| bundles.root(at)).collect();
        assert_eq!(roots, [0, 1, 1, 3, 1]);
    }
}
