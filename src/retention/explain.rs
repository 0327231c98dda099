//! Why one manifest or release is kept or deleted: what it refers to, what refers to it, and what
//! would have to change for the other decision. A release is explained in every repository.

use std::collections::BTreeSet;

use super::graph::{Graph, Node};
use super::plan::{Decision, Plan, PlanEntry};
use super::reason::ReasonCode;
use crate::model::{
    Contents, Digest, EnvironmentName, Repository, RepositoryContents, Sha, TagKind, TagName,
};
use crate::policy::Policy;
use crate::releases::{SameCommit, same_commits};

/// How another manifest is related to the explained one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// The other is an index that lists it.
    ListedBy,
    /// It is an index that lists the other.
    Lists,
    /// It refers to the other as its subject.
    Subject,
    /// The other refers to it as its subject.
    Referrer,
}

impl Edge {
    /// The words used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ListedBy => "listed by",
            Self::Lists => "lists",
            Self::Subject => "refers to",
            Self::Referrer => "referred to by",
        }
    }
}

/// A manifest that is related to the explained one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// How it is related.
    pub edge: Edge,
    /// Its entry in the plan.
    pub entry: PlanEntry,
}

/// One manifest, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What was decided, and why.
    pub entry: PlanEntry,
    /// The manifests that are related to it.
    pub neighbours: Vec<Neighbour>,
    /// What it lists and the registry does not have.
    pub missing: Vec<Digest>,
    /// What would have to change for the other decision.
    pub otherwise: &'static str,
}

/// What to explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The manifest that a tag points to.
    Tag(Repository, TagName),
    /// A manifest.
    Manifest(Repository, Digest),
    /// Every copy of a release, by environment and the longest SHA among its tags.
    Release(EnvironmentName, Sha),
}

/// The explanation of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was to be explained.
    pub subject: Subject,
    /// The manifests, in the order of the plan; empty if the plan has no such manifest.
    pub manifests: Vec<Explained>,
}

/// Explains what a plan decides about a subject.
#[must_use]
pub fn explain(contents: &Contents, policy: &Policy, plan: &Plan, subject: Subject) -> Explanation {
    let contents = contents.in_order();
    let graph = Graph::new(&contents.repositories);
    let view = View { graph: &graph, plan };
    let matches = |entry: &&PlanEntry| matches_subject(policy, entry, &subject);
    let manifests = plan.entries.iter().filter(matches).filter_map(|entry| view.explained(entry));
    let manifests = manifests.collect();
    Explanation { subject, manifests }
}

/// The releases of an environment in a plan that a SHA, which may be shorter or longer, matches.
#[must_use]
pub fn matching_releases(
    policy: &Policy,
    plan: &Plan,
    environment: &EnvironmentName,
    wanted: &Sha,
) -> Vec<Sha> {
    let shas: BTreeSet<Sha> = plan
        .entries
        .iter()
        .flat_map(|entry| {
            entry.tags.iter().filter_map(|tag| sha_of(policy, entry, environment, tag))
        })
        .collect();
    let listed: Vec<&Sha> = shas.iter().collect();
    let named = same_commits(&listed);
    let longest =
        shas.iter().enumerate().filter(|(index, _)| named[*index] == SameCommit::As(*index));
    let matching: Vec<Sha> =
        longest.map(|(_, sha)| sha).filter(|sha| wanted.agrees_with(sha)).cloned().collect();
    if matching.contains(wanted) { vec![wanted.clone()] } else { matching }
}

fn matches_subject(policy: &Policy, entry: &PlanEntry, subject: &Subject) -> bool {
    match subject {
        Subject::Tag(repository, tag) => {
            entry.repository == *repository && entry.tags.contains(tag)
        }
        Subject::Manifest(repository, digest) => {
            entry.repository == *repository && entry.digest == *digest
        }
        Subject::Release(environment, sha) => entry.tags.iter().any(|tag| {
            sha_of(policy, entry, environment, tag).is_some_and(|of| of.is_prefix_of(sha))
        }),
    }
}

/// The SHA in a tag, if the environment uses the repository and this is one of its SHA tags.
fn sha_of(
    policy: &Policy,
    entry: &PlanEntry,
    environment: &EnvironmentName,
    tag: &TagName,
) -> Option<Sha> {
    let environment = policy.environments.get(environment)?;
    match environment.scheme.classify(tag) {
        TagKind::Sha(sha) if environment.uses(&entry.repository) => Some(sha),
        _ => None,
    }
}

struct View<'a> {
    graph: &'a Graph<'a>,
    plan: &'a Plan,
}

impl View<'_> {
    fn explained(&self, entry: &PlanEntry) -> Option<Explained> {
        let repository = self.graph.find_repository(&entry.repository)?;
        let node = self.graph.find(repository, &entry.digest)?;
        let graph = self.graph;
        let mut neighbours: Vec<Neighbour> = Vec::new();
        let edges = (graph.parents(node).map(|other| (Edge::ListedBy, other)))
            .chain(graph.children(node).map(|other| (Edge::Lists, other)))
            .chain(graph.subjects(node).map(|other| (Edge::Subject, other)))
            .chain(graph.referrers(node).map(|other| (Edge::Referrer, other)));
        for (edge, other) in edges {
            let neighbour = self.entry(other).map(|entry| Neighbour { edge, entry });
            neighbours.extend(neighbour.filter(|new| !neighbours.contains(new)));
        }
        let missing = graph.missing_children(node).cloned().collect();
        Some(Explained { entry: entry.clone(), neighbours, missing, otherwise: otherwise(entry) })
    }

    fn entry(&self, node: Node) -> Option<PlanEntry> {
        let repository: &RepositoryContents = self.graph.repository(node);
        let digest = &self.graph.record(node).digest;
        let is_it = |entry: &&PlanEntry| {
            entry.digest == *digest && entry.repository == repository.repository
        };
        self.plan.entries.iter().find(is_it).cloned()
    }
}

/// What would have to change for the other decision.
fn otherwise(entry: &PlanEntry) -> &'static str {
    if matches!(entry.decision, Decision::Untag(_)) {
        return "to keep the removed tags: set a larger `keep-last` or `keep-within`, or add them to `protect.tags`; to delete the manifest: every tag on it must expire";
    }
    match entry.reason.code {
        ReasonCode::Keep(code) => code.to_delete(),
        ReasonCode::Delete(code) => code.to_keep(),
    }
}
