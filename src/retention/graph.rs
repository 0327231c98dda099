//! The manifests of all repositories as one graph: children of indexes, and what is about what
//! (`subject`, fallback referrers tags, signature tags).
//!
//! Nodes are numbers in the order of repository and digest, so that the order of the input never
//! changes anything. Only the rarer edges are stored; plain images cost nothing here.

use crate::model::{
    Digest, ManifestRecord, References, Repository, RepositoryContents, TagAgreement,
};

/// A manifest by its number.
pub(super) type Node = u32;

/// The graph over some contents.
pub(super) struct Graph<'a> {
    repositories: &'a [RepositoryContents],
    /// The first node of each repository, and the end.
    starts: Vec<Node>,
    /// Child and parent, sorted.
    parents: Vec<(Node, Node)>,
    /// Subject and what is about it, sorted.
    referrers: Vec<(Node, Node)>,
}

impl<'a> Graph<'a> {
    /// The graph over repositories in their order, and manifests in theirs.
    pub(super) fn new(repositories: &'a [RepositoryContents]) -> Self {
        let mut starts = vec![0];
        let mut count = 0;
        for repository in repositories {
            count += repository.manifests.len();
            starts.push(number(count));
        }
        let (parents, referrers) = (Vec::new(), Vec::new());
        let mut graph = Self { repositories, starts, parents, referrers };
        graph.join();
        graph
    }

    fn join(&mut self) {
        let (mut parents, mut referrers) = (Vec::new(), Vec::new());
        for node in self.nodes() {
            parents.extend(self.children(node).map(|child| (child, node)));
            referrers.extend(self.subjects(node).map(|subject| (subject, node)));
        }
        for edges in [&mut parents, &mut referrers] {
            edges.sort_unstable();
            edges.dedup();
        }
        self.parents = parents;
        self.referrers = referrers;
    }

    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.starts.last().copied().unwrap_or(0)
    }

    pub(super) fn record(&self, node: Node) -> &'a ManifestRecord {
        let place = self.repository_index(node);
        &self.repositories[place].manifests[index(node - self.starts[place])]
    }

    pub(super) fn repositories(&self) -> &'a [RepositoryContents] {
        self.repositories
    }

    /// The place of a node's repository among the repositories.
    pub(super) fn repository_index(&self, node: Node) -> usize {
        self.starts.partition_point(|start| *start <= node) - 1
    }

    pub(super) fn repository(&self, node: Node) -> &'a RepositoryContents {
        &self.repositories[self.repository_index(node)]
    }

    /// The nodes of a repository by its place.
    pub(super) fn nodes_of(&self, repository: usize) -> std::ops::Range<Node> {
        self.starts[repository]..self.starts[repository + 1]
    }

    /// The place of a repository, if it was read.
    pub(super) fn find_repository(&self, repository: &Repository) -> Option<usize> {
        self.repositories.binary_search_by(|known| known.repository.cmp(repository)).ok()
    }

    /// A manifest of a repository.
    pub(super) fn find(&self, repository: usize, digest: &Digest) -> Option<Node> {
        let records = &self.repositories[repository].manifests;
        let place = records.binary_search_by(|record| record.digest.cmp(digest)).ok()?;
        Some(self.starts[repository] + number(place))
    }

    /// The manifest of a repository whose digest begins with this, if only one does.
    fn find_beginning(&self, repository: usize, beginning: &str) -> Option<Node> {
        let records = &self.repositories[repository].manifests;
        let begins = |record: &ManifestRecord| record.digest.as_str().starts_with(beginning);
        let place = records.partition_point(|record| record.digest.as_str() < beginning);
        records.get(place).filter(|record| begins(record))?;
        let alone = !records.get(place + 1).is_some_and(begins);
        alone.then(|| self.starts[repository] + number(place))
    }

    /// The children of a node that are there.
    pub(super) fn children(&self, node: Node) -> impl Iterator<Item = Node> {
        let children = self.record(node).references.children();
        let repository = if children.is_empty() { 0 } else { self.repository_index(node) };
        children.iter().filter_map(move |child| self.find(repository, child))
    }

    /// The children of a node that the registry does not have.
    pub(super) fn gone_children(&self, node: Node) -> impl Iterator<Item = &'a Digest> {
        let children = self.record(node).references.children();
        let repository = if children.is_empty() { 0 } else { self.repository_index(node) };
        children.iter().filter(move |child| self.find(repository, child).is_none())
    }

    /// What a node is about, by its own word or by its accessory tags.
    pub(super) fn subjects(&self, node: Node) -> impl Iterator<Item = Node> {
        let record = self.record(node);
        let accessory = record.tags.iter().filter_map(|tag| tag.name.accessory_subject());
        let subject = record.references.subject().map(|subject| subject.as_str().to_owned());
        accessory
            .chain(subject)
            .filter_map(move |of| self.find_beginning(self.repository_index(node), &of))
            .filter(move |subject| *subject != node)
    }

    /// The digests, or beginnings of them, that a node is about and that are not there.
    pub(super) fn gone_subjects(&self, node: Node) -> impl Iterator<Item = String> {
        let record = self.record(node);
        let accessory = record.tags.iter().filter_map(|tag| tag.name.accessory_subject());
        let subject = record.references.subject().map(|subject| subject.as_str().to_owned());
        accessory
            .chain(subject)
            .filter(move |of| self.find_beginning(self.repository_index(node), of).is_none())
    }

    /// The indexes that list a node.
    pub(super) fn parents(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.parents, node)
    }

    /// What is about a node.
    pub(super) fn referrers(&self, node: Node) -> impl Iterator<Item = Node> {
        edges_of(&self.referrers, node)
    }

    /// Whether every manifest below a node is there, and nothing about them is in doubt.
    pub(super) fn is_whole(&self, node: Node) -> bool {
        let mut seen = vec![node];
        let mut next = 0;
        while let Some(node) = seen.get(next).copied() {
            next += 1;
            let record = self.record(node);
            let is_read = matches!(record.references, References::Read { .. });
            let is_sure = is_read && record.agreement == TagAgreement::Agreed;
            if !is_sure || self.gone_children(node).next().is_some() {
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

fn edges_of(edges: &[(Node, Node)], node: Node) -> impl Iterator<Item = Node> {
    let first = edges.partition_point(|(from, _)| *from < node);
    edges[first..].iter().take_while(move |(from, _)| *from == node).map(|(_, to)| *to)
}

/// A node as a place in a table.
pub(super) fn index(node: Node) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}

/// A place in a table as a number; four thousand million manifests do not fit into memory.
pub(super) fn number(place: usize) -> Node {
    Node::try_from(place).unwrap_or(Node::MAX)
}
