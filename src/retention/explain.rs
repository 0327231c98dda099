//! Why one manifest or release stays or goes: what it refers to and what refers to it, the fate of
//! its release in every place, and what would have to change for the other decision.

use std::collections::BTreeSet;

use super::graph::{Graph, Node};
use super::plan::{Decision, Plan, PlanEntry};
use super::reason::ReasonCode;
use crate::model::{
    Contents, Digest, EnvironmentName, Repository, RepositoryContents, Sha, TagKind, TagName,
};
use crate::policy::Policy;
use crate::releases::{SameCommit, same_commits};

/// How two manifests belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// An index that lists it.
    ListedBy,
    /// What it lists.
    Lists,
    /// What it is about.
    Subject,
    /// What is about it.
    Referrer,
}

impl Edge {
    /// The words used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ListedBy => "listed by",
            Self::Lists => "lists",
            Self::Subject => "is about",
            Self::Referrer => "referred to by",
        }
    }
}

/// A manifest that belongs to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// How.
    pub edge: Edge,
    /// The other.
    pub entry: PlanEntry,
}

/// One manifest, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What was decided, and why.
    pub entry: PlanEntry,
    /// What belongs to it.
    pub neighbours: Vec<Neighbour>,
    /// What it lists that is gone.
    pub gone: Vec<Digest>,
    /// What would have to change for the other decision.
    pub otherwise: &'static str,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The manifest that a tag points to.
    Tag(Repository, TagName),
    /// A manifest.
    Manifest(Repository, Digest),
    /// Every copy of a release: an environment, and the longest SHA that the tags have of it.
    Release(EnvironmentName, Sha),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked about.
    pub subject: Subject,
    /// The manifests, in the order of the plan; none when there is nothing of that name.
    pub manifests: Vec<Explained>,
}

/// Explains what a plan says of something.
#[must_use]
pub fn explain(contents: &Contents, policy: &Policy, plan: &Plan, subject: Subject) -> Explanation {
    let contents = contents.in_order();
    let graph = Graph::new(&contents.repositories);
    let view = View { graph: &graph, plan };
    let asked = |entry: &&PlanEntry| is_asked(policy, entry, &subject);
    let manifests = plan.entries.iter().filter(asked).filter_map(|entry| view.explained(entry));
    let manifests = manifests.collect();
    Explanation { subject, manifests }
}

/// The SHAs of an environment's releases in a plan that can be meant by another SHA.
#[must_use]
pub fn matching_releases(
    policy: &Policy,
    plan: &Plan,
    environment: &EnvironmentName,
    asked: &Sha,
) -> Vec<Sha> {
    let shas: BTreeSet<Sha> = plan
        .entries
        .iter()
        .flat_map(|entry| {
            entry.tags.iter().filter_map(|tag| sha_of(policy, entry, environment, tag))
        })
        .collect();
    let texts: Vec<&str> = shas.iter().map(Sha::as_str).collect();
    let named = same_commits(&texts);
    let longest =
        shas.iter().enumerate().filter(|(place, _)| named[*place] == SameCommit::As(*place));
    let meant: Vec<Sha> =
        longest.map(|(_, sha)| sha).filter(|sha| asked.agrees_with(sha)).cloned().collect();
    if meant.contains(asked) { vec![asked.clone()] } else { meant }
}

fn is_asked(policy: &Policy, entry: &PlanEntry, subject: &Subject) -> bool {
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

/// The SHA that a tag names for an environment, where that uses the repository.
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
        let place = self.graph.find_repository(&entry.repository)?;
        let node = self.graph.find(place, &entry.digest)?;
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
        let gone = graph.gone_children(node).cloned().collect();
        Some(Explained { entry: entry.clone(), neighbours, gone, otherwise: otherwise(entry) })
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
        return "to keep the tags that go: a larger `keep-last` or `keep-within`, or `protect.tags`; to delete the manifest: every tag on it must expire";
    }
    match entry.reason.code {
        ReasonCode::Keep(code) => code.to_delete(),
        ReasonCode::Delete(code) => code.to_keep(),
    }
}
