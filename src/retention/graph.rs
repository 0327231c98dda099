//! The manifests of all repositories as one graph: indexes with their children, and subjects with their
//! referrers (`subject` fields, fallback referrers tags, signature tags).
//!
//! Nodes are numbers in the order of repository and digest, so the order of the input does not matter.
//! Only edges are stored; a plain image has none.

use super::parts::{Part, read_in_parts};
use crate::model::{
    Digest, ManifestRecord, References, Repository, RepositoryContents, TagAgreement,
};

/// A manifest by its number.
pub(super) type Node = u32;

/// How far a manifest was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifestState {
    /// It was read, and all sources agree about it.
    Certain,
    /// It was read, and two sources contradict each other about it.
    Contradictory,
    /// It is not JSON.
    NotJson,
    /// It could not be read.
    Unread,
}

/// The graph of some contents.
pub(super) struct Graph<'a> {
    repositories: &'a [RepositoryContents],
    /// The first node of each repository, then the number of nodes.
    starts: Vec<Node>,
    states: Vec<ManifestState>,
    /// Pairs of child and parent, sorted.
    parents: Vec<(Node, Node)>,
    /// Pairs of parent and child, sorted.
    children: Vec<(Node, Node)>,
    /// Pairs of subject and referrer, sorted.
    referrers: Vec<(Node, Node)>,
    /// Pairs of referrer and subject, sorted.
    subjects: Vec<(Node, Node)>,
}

/// What was read of some manifests.
#[derive(Default)]
struct PartRead {
    states: Vec<ManifestState>,
    children: Vec<(Node, Node)>,
    subjects: Vec<(Node, Node)>,
}

impl<'a> Graph<'a> {
    /// The graph of repositories. They and their manifests must be sorted.
    pub(super) fn new(repositories: &'a [RepositoryContents]) -> Self {
        let mut starts = vec![0];
        let mut count = 0;
        for repository in repositories {
            count += repository.manifests.len();
            starts.push(number(count));
        }
        let mut graph = Self {
            repositories,
            starts,
            states: Vec::with_capacity(count),
            parents: Vec::new(),
            children: Vec::new(),
            referrers: Vec::new(),
            subjects: Vec::new(),
        };
        for part in read_in_parts(repositories, |part| graph.read(part)) {
            graph.states.extend(part.states);
            graph.children.extend(part.children);
            graph.subjects.extend(part.subjects);
        }
        graph.parents = reversed(&graph.children);
        graph.referrers = reversed(&graph.subjects);
        graph
    }

    fn read(&self, part: &Part<'_>) -> PartRead {
        let mut read = PartRead::default();
        let first = self.starts[part.repository] + number(part.first);
        for (node, record) in (first..).zip(part.records) {
            read.states.push(state(record));
            let children = record.references.children().iter();
            let children = children.filter_map(|child| self.find(part.repository, child));
            read.children.extend(children.map(|child| (node, child)));
            let subjects = subject_names(record);
            let subjects = subjects.filter_map(|of| self.find_subject(part.repository, &of));
            let others = subjects.filter(|subject| *subject != node);
            read.subjects.extend(others.map(|subject| (node, subject)));
        }
        for edges in [&mut read.children, &mut read.subjects] {
            edges.sort_unstable();
            edges.dedup();
        }
        read
    }

    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.starts.last().copied().unwrap_or(0)
    }

    pub(super) fn record(&self, node: Node) -> &'a ManifestRecord {
        let repository = self.repository_index(node);
        &self.repositories[repository].manifests[index(node - self.starts[repository])]
    }

    pub(super) fn repositories(&self) -> &'a [RepositoryContents] {
        self.repositories
    }

    /// The index of a node's repository.
    pub(super) fn repository_index(&self, node: Node) -> usize {
        self.starts.partition_point(|start| *start <= node) - 1
    }

    pub(super) fn repository(&self, node: Node) -> &'a RepositoryContents {
        &self.repositories[self.repository_index(node)]
    }

    /// The nodes of a repository, by its index.
    pub(super) fn nodes_of(&self, repository: usize) -> std::ops::Range<Node> {
        self.starts[repository]..self.starts[repository + 1]
    }

    /// The index of a repository, if it was read.
    pub(super) fn find_repository(&self, repository: &Repository) -> Option<usize> {
        self.repositories.binary_search_by(|known| known.repository.cmp(repository)).ok()
    }

    /// A manifest of a repository.
    pub(super) fn find(&self, repository: usize, digest: &Digest) -> Option<Node> {
        let records = &self.repositories[repository].manifests;
        let index = records.binary_search_by(|record| record.digest.cmp(digest)).ok()?;
        Some(self.starts[repository] + number(index))
    }

    /// The manifest of a repository that an accessory tag or a `subject` field names: by its whole digest,
    /// or by the beginning of one if exactly one manifest has it.
    fn find_subject(&self, repository: usize, name: &str) -> Option<Node> {
        if let Ok(digest) = Digest::parse(name) {
            return self.find(repository, &digest);
        }
        let records = &self.repositories[repository].manifests;
        let begins = |record: &ManifestRecord| record.digest.begins_with(name);
        let index = records.partition_point(|record| record.digest.is_before(name));
        records.get(index).filter(|record| begins(record))?;
        let is_only = !records.get(index + 1).is_some_and(begins);
        is_only.then(|| self.starts[repository] + number(index))
    }

    /// How far a node was read.
    pub(super) fn state(&self, node: Node) -> ManifestState {
        self.states[index(node)]
    }

    /// The children of a node that the registry has.
    pub(super) fn children(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.children, node)
    }

    /// The children of a node that the registry does not have.
    pub(super) fn missing_children(&self, node: Node) -> impl Iterator<Item = &'a Digest> {
        let children = self.record(node).references.children();
        let repository = if children.is_empty() { 0 } else { self.repository_index(node) };
        children.iter().filter(move |child| self.find(repository, child).is_none())
    }

    /// The subjects of a node, by its `subject` field or its accessory tags, that the registry has.
    pub(super) fn subjects(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.subjects, node)
    }

    /// The subjects of a node, as digests or prefixes of digests, that the registry does not have.
    pub(super) fn missing_subjects(&self, node: Node) -> impl Iterator<Item = String> {
        let repository = self.repository_index(node);
        subject_names(self.record(node))
            .filter(move |of| self.find_subject(repository, of).is_none())
    }

    /// The indexes that list a node.
    pub(super) fn parents(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.parents, node)
    }

    /// The referrers of a node.
    pub(super) fn referrers(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.referrers, node)
    }

    /// Whether the registry has every manifest below a node, and all of them were read without
    /// contradictions.
    pub(super) fn is_whole(&self, node: Node) -> bool {
        let mut seen = vec![node];
        let mut next = 0;
        while let Some(node) = seen.get(next).copied() {
            next += 1;
            if self.state(node) != ManifestState::Certain
                || self.missing_children(node).next().is_some()
            {
                return false;
            }
            for child in self.children(node) {
                if !seen.contains(&child) {
                    seen.push(child);
                }
            }
        }
        true
    }
}

/// The subjects that a manifest names, as digests or prefixes of digests.
fn subject_names(record: &ManifestRecord) -> impl Iterator<Item = String> {
    let accessory = record.tags.iter().filter_map(|tag| tag.name.accessory_subject());
    accessory.chain(record.references.subject().map(Digest::to_string))
}

fn state(record: &ManifestRecord) -> ManifestState {
    match (&record.references, record.agreement) {
        (References::Unread, _) => ManifestState::Unread,
        (References::NotJson, _) => ManifestState::NotJson,
        (References::Read { .. }, TagAgreement::Agreed) => ManifestState::Certain,
        (References::Read { .. }, TagAgreement::Disputed | TagAgreement::Misdeclared) => {
            ManifestState::Contradictory
        }
    }
}

fn reversed(edges: &[(Node, Node)]) -> Vec<(Node, Node)> {
    let mut reversed: Vec<(Node, Node)> = edges.iter().map(|(from, to)| (*to, *from)).collect();
    reversed.sort_unstable();
    reversed
}

fn edges_of(edges: &[(Node, Node)], node: Node) -> impl Iterator<Item = Node> {
    let first = edges.partition_point(|(from, _)| *from < node);
    edges[first..].iter().take_while(move |(from, _)| *from == node).map(|(_, to)| *to)
}

/// A node as an index into a table.
pub(super) fn index(node: Node) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}

/// An index into a table as a node. It always fits: 2^32 manifests do not fit into memory.
pub(super) fn number(index: usize) -> Node {
    Node::try_from(index).unwrap_or(Node::MAX)
}
