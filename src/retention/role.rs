//! What each tag is to the environments that use its repository, and the releases that SHA tags
//! make together.

use std::collections::HashMap;

use super::graph::{Graph, Node, index, number};
use crate::model::{Reach, Sha, TagKind, TagName};
use crate::policy::{Environment, Policy};

/// A release by its number.
pub(super) type ReleaseId = u32;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The latest tag of an environment, by its place among them.
    Latest(u16),
    /// A SHA tag of a release.
    Release(ReleaseId),
    /// A signature, an attestation or a referrers list.
    Accessory,
    /// Something else.
    Other,
}

/// A release: an environment, by its place among them, and a SHA.
#[derive(Debug)]
pub(super) struct ReleaseSet {
    pub(super) environment: u16,
    pub(super) sha: Sha,
}

/// One SHA tag of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TagCopy {
    pub(super) release: ReleaseId,
    pub(super) node: Node,
    /// The tag's number, over all tags of all nodes.
    pub(super) tag: u32,
}

/// Every tag with its role, and the releases.
pub(super) struct Roles<'a> {
    pub(super) environments: Vec<&'a Environment>,
    /// For each environment the places of its repositories, sorted; none stands for one that was
    /// not read at all.
    pub(super) repositories: Vec<Vec<Option<usize>>>,
    pub(super) releases: Vec<ReleaseSet>,
    /// For each environment those of its repositories that were read and have no release of it.
    pub(super) bare: Vec<Vec<Option<usize>>>,
    /// By tag.
    by_tag: Vec<Role>,
    /// The number of each node's first tag, and the end.
    tag_starts: Vec<u32>,
    /// Sorted.
    copies: Vec<TagCopy>,
    /// The place of each release's first copy, and the end.
    copy_starts: Vec<u32>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(graph: &Graph<'_>, policy: &'a Policy) -> Self {
        let environments: Vec<&Environment> = policy.environments.values().collect();
        let repositories =
            environments.iter().map(|environment| places(graph, environment)).collect();
        let mut roles = Self {
            environments,
            repositories,
            releases: Vec::new(),
            bare: Vec::new(),
            by_tag: Vec::new(),
            tag_starts: vec![0],
            copies: Vec::new(),
            copy_starts: Vec::new(),
        };
        roles.read(graph);
        roles
    }

    fn read(&mut self, graph: &Graph<'_>) {
        let mut known: HashMap<(u16, Sha), ReleaseId> = HashMap::new();
        for repository in 0..graph.repositories().len() {
            let using: Vec<u16> = (0..self.environments.len())
                .filter(|place| self.repositories[*place].contains(&Some(repository)))
                .filter_map(|place| u16::try_from(place).ok())
                .collect();
            for node in graph.nodes_of(repository) {
                for tag in &graph.record(node).tags {
                    let role = self.role(&using, &tag.name, &mut known);
                    if let Role::Release(release) = role {
                        self.copies.push(TagCopy { release, node, tag: number(self.by_tag.len()) });
                    }
                    self.by_tag.push(role);
                }
                self.tag_starts.push(number(self.by_tag.len()));
            }
        }
        self.copies.sort_unstable();
        self.copies.shrink_to_fit();
        self.copy_starts = vec![0; self.releases.len() + 1];
        for copy in &self.copies {
            self.copy_starts[index(copy.release) + 1] += 1;
        }
        for release in 0..self.releases.len() {
            self.copy_starts[release + 1] += self.copy_starts[release];
        }
        self.bare = self.find_bare(graph);
    }

    fn find_bare(&self, graph: &Graph<'_>) -> Vec<Vec<Option<usize>>> {
        let mut bare = self.repositories.clone();
        let is_whole = |place: &Option<usize>| {
            place.is_some_and(|place| graph.repositories()[place].reach == Reach::Whole)
        };
        for places in &mut bare {
            places.retain(is_whole);
        }
        for copy in &self.copies {
            let environment = self.releases[index(copy.release)].environment;
            let place = Some(graph.repository_index(copy.node));
            bare[usize::from(environment)].retain(|known| *known != place);
        }
        bare
    }

    /// What a tag is to the first environment that knows it; two never share one.
    fn role(
        &mut self,
        using: &[u16],
        tag: &TagName,
        known: &mut HashMap<(u16, Sha), ReleaseId>,
    ) -> Role {
        for environment in using {
            let scheme = &self.environments[usize::from(*environment)].scheme;
            match scheme.classify(tag) {
                TagKind::Latest => return Role::Latest(*environment),
                TagKind::Accessory => return Role::Accessory,
                TagKind::Foreign => {}
                TagKind::Sha(sha) => {
                    let key = (*environment, sha);
                    if let Some(release) = known.get(&key) {
                        return Role::Release(*release);
                    }
                    let release = number(self.releases.len());
                    let set = ReleaseSet { environment: key.0, sha: key.1.clone() };
                    self.releases.push(set);
                    known.insert(key, release);
                    return Role::Release(release);
                }
            }
        }
        if tag.is_accessory() { Role::Accessory } else { Role::Other }
    }

    /// How many tags there are.
    pub(super) fn tag_count(&self) -> usize {
        self.by_tag.len()
    }

    /// The numbers of a node's tags.
    pub(super) fn tags_of(&self, node: Node) -> std::ops::Range<u32> {
        self.tag_starts[index(node)]..self.tag_starts[index(node) + 1]
    }

    /// A node's tags with their numbers and roles.
    pub(super) fn named<'g>(
        &self,
        graph: &Graph<'g>,
        node: Node,
    ) -> impl Iterator<Item = (u32, &'g TagName, Role)> {
        let tags = graph.record(node).tags.iter();
        self.tags_of(node).zip(tags).map(|(tag, push)| (tag, &push.name, self.by_tag[index(tag)]))
    }

    pub(super) fn role_of(&self, tag: u32) -> Role {
        self.by_tag[index(tag)]
    }

    /// The SHA tags of a release.
    pub(super) fn copies(&self, release: ReleaseId) -> &[TagCopy] {
        let start = index(self.copy_starts[index(release)]);
        &self.copies[start..index(self.copy_starts[index(release) + 1])]
    }

    pub(super) fn release_ids(&self) -> std::ops::Range<ReleaseId> {
        0..number(self.releases.len())
    }

    pub(super) fn environment_of(&self, release: ReleaseId) -> &'a Environment {
        self.environments[usize::from(self.releases[index(release)].environment)]
    }

    /// Whether every repository of the environment has the release, of those that have any: one
    /// that lists no release at all, new or emptied or in error, tells nothing about each.
    pub(super) fn is_complete(&self, graph: &Graph<'_>, release: ReleaseId) -> bool {
        let environment = usize::from(self.releases[index(release)].environment);
        let mut there: Vec<usize> =
            self.copies(release).iter().map(|copy| graph.repository_index(copy.node)).collect();
        there.dedup();
        let wanted = self.repositories[environment].iter();
        wanted
            .filter(|place| !self.bare[environment].contains(place))
            .all(|place| place.is_some_and(|place| there.contains(&place)))
    }
}

fn places(graph: &Graph<'_>, environment: &Environment) -> Vec<Option<usize>> {
    let images = environment.images.values();
    let mut places: Vec<Option<usize>> = images
        .flat_map(|image| image.repositories.values())
        .map(|repository| graph.find_repository(repository))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
