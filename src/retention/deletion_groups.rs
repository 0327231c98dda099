//! Which deletions of a plan belong together, so that some can be left out: a manifest that is kept
//! instead of deleted keeps its children, subject and referrers, and a release is deleted as a whole.

use std::collections::HashMap;

use super::engine::Decisions;
use super::graph::Node;
use super::plan::{Decision, EnvironmentSummary, Plan, PlanEntry};
use super::protect::Protection;
use super::reason::{KeepCode, Reason, ReasonCode};
use super::role::Role;
use crate::model::{Digest, EnvironmentName, Repository};

/// The manifests that a plan would change, and which of them are kept or deleted together.
#[derive(Debug, Default)]
pub struct DeletionGroups {
    /// The index of each manifest in the lists below.
    indexes: HashMap<(Repository, Digest), usize>,
    /// For each of them: those that have to be kept if it is kept.
    keeps: Vec<Vec<usize>>,
    /// For each of them: the number of its group, which is deleted together or not at all.
    groups: Vec<usize>,
    /// For each group: the environment of each release that is deleted with it.
    releases: Vec<Vec<EnvironmentName>>,
}

impl DeletionGroups {
    pub(super) fn new(protection: &Protection<'_>, decided: &Decisions<'_>) -> Self {
        let graph = protection.graph;
        let is_deleted = |node: Node| decided.delete_cause(node).is_some();
        let changes =
            |node: &Node| is_deleted(*node) || decided.keep_set.lost_tags(*node).next().is_some();
        let nodes: Vec<Node> = graph.nodes().filter(changes).collect();
        let index_of: HashMap<Node, usize> =
            nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let related = |node: Node| {
            let other = graph.children(node).chain(graph.subjects(node));
            other.chain(graph.referrers(node)).filter_map(|other| index_of.get(&other).copied())
        };
        let mut keeps: Vec<Vec<usize>> = nodes
            .iter()
            .map(|node| if is_deleted(*node) { related(*node).collect() } else { Vec::new() })
            .collect();
        let mut groups = DisjointSets::new(nodes.len());
        for (at, others) in keeps.iter().enumerate() {
            for other in others {
                groups.join(at, *other);
            }
        }
        let releases = join_releases(protection, decided, &index_of, |one, other| {
            groups.join(one, other);
            // A release is deleted from all its repositories or from none.
            keeps[one].push(other);
            keeps[other].push(one);
        });
        let groups: Vec<usize> = (0..nodes.len()).map(|at| groups.root(at)).collect();
        let mut of_group = vec![Vec::new(); nodes.len()];
        for (at, environment) in releases {
            of_group[groups[at]].push(environment);
        }
        let name = |node: Node| {
            (graph.repository(node).repository.clone(), graph.record(node).digest.clone())
        };
        let indexes = nodes.iter().enumerate().map(|(at, node)| (name(*node), at)).collect();
        Self { indexes, keeps, groups, releases: of_group }
    }

    fn index_of(&self, entry: &PlanEntry) -> Option<usize> {
        self.indexes.get(&(entry.repository.clone(), entry.digest.clone())).copied()
    }

    /// The group of an entry, if the plan changes it.
    pub(super) fn group(&self, entry: &PlanEntry) -> Option<usize> {
        self.index_of(entry).map(|at| self.groups[at])
    }

    /// Keeps the deletions that are not chosen and everything that has to be kept with them; returns
    /// the reduced plan.
    pub(super) fn choose(
        &self,
        mut plan: Plan,
        chosen: impl Fn(&PlanEntry) -> bool,
        why: &str,
    ) -> Plan {
        let mut kept = vec![false; self.keeps.len()];
        let mut queue: Vec<usize> = Vec::new();
        for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
            queue.extend(self.index_of(entry).filter(|_| !chosen(entry)));
        }
        while let Some(at) = queue.pop() {
            if !std::mem::replace(&mut kept[at], true) {
                queue.extend(&self.keeps[at]);
            }
        }
        for entry in plan.entries.iter_mut().filter(|entry| entry.decision != Decision::Keep) {
            // An unknown entry is not chosen either.
            if self.index_of(entry).is_none_or(|at| kept[at]) {
                entry.decision = Decision::Keep;
                let code = ReasonCode::Keep(KeepCode::NotNow);
                entry.reason = Reason { code, rule: None, message: why.to_owned() };
            }
        }
        for summary in &mut plan.environments {
            self.recount(summary, &kept);
        }
        plan
    }

    /// Corrects the counts: a release is kept if one of its manifests is kept.
    fn recount(&self, summary: &mut EnvironmentSummary, kept: &[bool]) {
        let mut kept_groups: Vec<usize> =
            kept.iter().zip(&self.groups).filter(|(kept, _)| **kept).map(|(_, at)| *at).collect();
        kept_groups.sort_unstable();
        kept_groups.dedup();
        let of_it = |name: &&EnvironmentName| **name == summary.environment;
        let count: usize = kept_groups
            .iter()
            .map(|group| self.releases[*group].iter().filter(of_it).count())
            .sum();
        let moved = count.min(summary.deleted);
        summary.deleted -= moved;
        summary.kept += moved;
    }
}

/// Joins the copies of each deleted release; returns one copy of each, with the release's environment.
fn join_releases(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    index_of: &HashMap<Node, usize>,
    mut join: impl FnMut(usize, usize),
) -> Vec<(usize, EnvironmentName)> {
    let roles = protection.roles;
    let mut first: HashMap<u32, usize> = HashMap::new();
    let mut nodes: Vec<(Node, usize)> = index_of.iter().map(|(node, at)| (*node, *at)).collect();
    nodes.sort_unstable();
    for (node, at) in nodes {
        for tag in roles.tags_of(node) {
            if let Role::Release(release) = roles.role_of(tag)
                && !decided.keep_set.keeps_release(release)
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
struct DisjointSets(Vec<usize>);

impl DisjointSets {
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
    use super::DisjointSets;

    #[test]
    fn sets_joined_by_a_common_member_are_one() {
        let mut groups = DisjointSets::new(5);
        groups.join(4, 2);
        groups.join(1, 4);
        let roots: Vec<usize> = (0..5).map(|at| groups.root(at)).collect();
        assert_eq!(roots, [0, 1, 1, 3, 1]);
    }
}
