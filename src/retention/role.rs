//! The role of each tag for the environments that use its repository, and the releases of each
//! environment, by the same model that `list` and `rollback-target` use.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::graph::{Graph, Node, index, number};
use crate::model::{
    ContentsCoverage, Deployments, Digest, EnvironmentName, GitHistory, ImageName, PushTimes, Sha,
    TagKind, TagName,
};
use crate::policy::{Environment, Policy};
use crate::releases::{
    DeployedReleases, Digests, PlaceRead, ReleaseNumber, ReleasePlace, Releases, ReleasesInput,
    RollbackCheck, ShaTag, TimeEvidence, copy_time,
};

/// A release by its number among those of all environments.
pub(super) type ReleaseId = u32;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The latest tag of an environment, by its index.
    Latest(u16),
    /// A SHA tag of a release.
    Release(ReleaseId),
    /// A SHA tag of an environment that matches several of its releases.
    Ambiguous(u16),
    /// A signature, an attestation or a referrers list.
    Accessory,
    /// Any other tag.
    Other,
}

/// One SHA tag of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TagCopy {
    pub(super) node: Node,
    /// The tag's number among the tags of all nodes.
    pub(super) tag: u32,
    /// Whether it has only the time of its digest, which other releases share.
    pub(super) is_undated: bool,
}

/// The releases of one environment.
pub(super) struct EnvironmentReleases<'a> {
    pub(super) environment: &'a Environment,
    /// The indexes of its repositories, sorted; `None` for one that was not read at all.
    pub(super) repositories: Vec<Option<usize>>,
    pub(super) model: Releases,
    /// What was deployed, where the order is `deployed`.
    pub(super) deployed: Option<DeployedReleases>,
    /// The number of its first release among those of all environments.
    pub(super) first: ReleaseId,
    /// By tag in the model: its number among the tags of all nodes.
    tags: Vec<u32>,
}

impl EnvironmentReleases<'_> {
    /// The releases, by their numbers among those of all environments.
    pub(super) fn ids(&self) -> std::ops::Range<ReleaseId> {
        let all = self.model.numbers();
        self.first + all.start..self.first + all.end
    }

    /// Its repositories that were read completely and have no release of it.
    pub(super) fn without_release(&self) -> impl Iterator<Item = usize> {
        let is_empty = |place: &usize| self.model.has_no_release(*place);
        (0..self.repositories.len()).filter(is_empty).filter_map(|place| self.repositories[place])
    }

    /// The numbers of its tags that match several releases.
    pub(super) fn ambiguous_tags(&self) -> impl Iterator<Item = u32> {
        self.model.ambiguous_tags().iter().map(|tag| self.tags[index(*tag)])
    }

    pub(super) fn rollback_check<'g>(
        &'g self,
        graph: &'g Graph<'g>,
    ) -> RollbackCheck<'g, Graph<'g>> {
        RollbackCheck { environment: self.environment, releases: &self.model, digests: graph }
    }
}

impl Digests for Graph<'_> {
    fn digest(&self, content: u32) -> &Digest {
        &self.record(content).digest
    }
}

/// The input of [`Roles`].
#[derive(Clone, Copy)]
pub(super) struct RoleInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) policy: &'a Policy,
    pub(super) git: &'a BTreeMap<EnvironmentName, GitHistory>,
    pub(super) deployments: &'a BTreeMap<EnvironmentName, Deployments>,
    pub(super) now: DateTime<Utc>,
}

/// The role of every tag, and the releases.
pub(super) struct Roles<'a> {
    pub(super) environments: Vec<EnvironmentReleases<'a>>,
    /// The role of each tag, by its number.
    by_tag: Vec<Role>,
    /// The number of each node's first tag, then the number of tags.
    tag_starts: Vec<u32>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(input: RoleInput<'a>) -> Self {
        let mut reading = Reading::new(input);
        for repository in 0..input.graph.repositories().len() {
            reading.repository(repository);
        }
        let Reading { readers, mut by_tag, tag_starts, .. } = reading;
        let mut environments: Vec<EnvironmentReleases<'_>> = Vec::new();
        for reader in readers {
            let first = environments.last().map_or(0, |before| before.ids().end);
            let environment = reader.releases(input, first);
            for release in environment.model.numbers() {
                for tag in environment.model.tags(release) {
                    let tag = index(environment.tags[index(tag.tag)]);
                    by_tag[tag] = Role::Release(first + release);
                }
            }
            environments.push(environment);
        }
        Self { environments, by_tag, tag_starts }
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

    /// The manifest that has a tag.
    pub(super) fn node_of(&self, tag: u32) -> Node {
        number(self.tag_starts.partition_point(|start| *start <= tag) - 1)
    }

    /// The SHA tags of a release.
    pub(super) fn copies(&self, release: ReleaseId) -> impl Iterator<Item = TagCopy> {
        let environment = &self.environments[self.environment_index(release)];
        let tags = environment.model.tags(release - environment.first).iter();
        tags.map(|tag| TagCopy {
            node: tag.content,
            tag: environment.tags[index(tag.tag)],
            is_undated: environment.model.is_undated(tag.tag),
        })
    }

    pub(super) fn release_count(&self) -> usize {
        self.environments.last().map_or(0, |last| index(last.ids().end))
    }

    /// The index of a release's environment.
    pub(super) fn environment_index(&self, release: ReleaseId) -> usize {
        self.environments.partition_point(|environment| environment.ids().end <= release)
    }

    pub(super) fn environment_of(&self, release: ReleaseId) -> &'a Environment {
        self.environments[self.environment_index(release)].environment
    }

    pub(super) fn sha(&self, release: ReleaseId) -> &Sha {
        let environment = &self.environments[self.environment_index(release)];
        environment.model.sha(release - environment.first)
    }
}

/// The SHA tags of one environment while they are read.
struct Reader<'a> {
    environment: &'a Environment,
    repositories: Vec<Option<usize>>,
    known: HashMap<Sha, u32>,
    shas: Vec<Sha>,
    read: Vec<ShaTag>,
    tags: Vec<u32>,
}

impl<'a> Reader<'a> {
    fn releases(self, input: RoleInput<'a>, first: ReleaseId) -> EnvironmentReleases<'a> {
        let Self { environment, repositories, known, shas, read, tags } = self;
        drop(known);
        let none = GitHistory::default();
        let places: Vec<ReleasePlace> = places(input.graph, &repositories);
        let model = Releases::new(ReleasesInput {
            order: environment.order,
            places: &places,
            shas: &shas,
            tags: &read,
            git: input.git.get(&environment.name).unwrap_or(&none),
        });
        let deployments = input.deployments.get(&environment.name);
        let deployed = deployments.map(|known| DeployedReleases::new(&model, known));
        EnvironmentReleases { environment, repositories, model, deployed, first, tags }
    }
}

/// All tags while their roles are read.
struct Reading<'a> {
    input: RoleInput<'a>,
    readers: Vec<Reader<'a>>,
    by_tag: Vec<Role>,
    tag_starts: Vec<u32>,
}

impl<'a> Reading<'a> {
    fn new(input: RoleInput<'a>) -> Self {
        let reader = |environment: &'a Environment| Reader {
            environment,
            repositories: repositories(input.graph, environment),
            known: HashMap::new(),
            shas: Vec::new(),
            read: Vec::new(),
            tags: Vec::new(),
        };
        let readers = input.policy.environments.values().map(reader).collect();
        Self { input, readers, by_tag: Vec::new(), tag_starts: vec![0] }
    }

    fn repository(&mut self, repository: usize) {
        let graph = self.input.graph;
        // The environments that use it, each with the index that the repository has there.
        let using: Vec<(u16, u32)> = (0..self.readers.len())
            .filter_map(|environment| {
                let places = &self.readers[environment].repositories;
                let place = places.iter().position(|place| *place == Some(repository))?;
                Some((u16::try_from(environment).ok()?, number(place)))
            })
            .collect();
        for node in graph.nodes_of(repository) {
            for tag in 0..graph.record(node).tags.len() {
                let role = self.role(&using, node, tag);
                self.by_tag.push(role);
            }
            self.tag_starts.push(number(self.by_tag.len()));
        }
    }

    /// The role of a tag for the first environment that knows it; a policy in which two know it is
    /// refused. The release of a SHA tag is known once all tags are read, so its role is ambiguous until
    /// then.
    fn role(&mut self, using: &[(u16, u32)], node: Node, tag: usize) -> Role {
        let name = &self.input.graph.record(node).tags[tag].name;
        for (environment, place) in using {
            let scheme = &self.readers[usize::from(*environment)].environment.scheme;
            match scheme.classify(name) {
                TagKind::Latest => return Role::Latest(*environment),
                TagKind::Accessory => return Role::Accessory,
                TagKind::Foreign => {}
                TagKind::Sha(sha) => {
                    self.add(usize::from(*environment), *place, (node, tag), sha);
                    return Role::Ambiguous(*environment);
                }
            }
        }
        if name.is_accessory() { Role::Accessory } else { Role::Other }
    }

    fn add(&mut self, environment: usize, place: u32, (node, tag): (Node, usize), sha: Sha) {
        let (graph, now) = (self.input.graph, self.input.now);
        let record = graph.record(node);
        let push_times = graph.repository(node).push_times;
        let pushed = match push_times {
            PushTimes::OfTags => record.tags[tag].pushed,
            PushTimes::OfDigests => record.pushed,
            PushTimes::Unknown => None,
        };
        let reader = &mut self.readers[environment];
        let evidence = TimeEvidence { push_times, pushed, built: record.built };
        let time = copy_time(reader.environment.order, evidence, now);
        let sha = if let Some(known) = reader.known.get(&sha) {
            *known
        } else {
            let next = number(reader.shas.len());
            reader.shas.push(sha.clone());
            reader.known.insert(sha, next);
            next
        };
        reader.read.push(ShaTag { sha, place, content: node, time });
        reader.tags.push(number(self.by_tag.len()));
    }
}

fn repositories(graph: &Graph<'_>, environment: &Environment) -> Vec<Option<usize>> {
    let images = environment.images.values();
    let mut places: Vec<Option<usize>> = images
        .flat_map(|image| image.repositories.values())
        .map(|repository| graph.find_repository(repository))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn places(graph: &Graph<'_>, repositories: &[Option<usize>]) -> Vec<ReleasePlace> {
    let mut images: Vec<&ImageName> = Vec::new();
    let mut place = |repository: &Option<usize>| {
        let Some(repository) = repository else {
            return ReleasePlace { image: u32::MAX, read: PlaceRead::Unlisted };
        };
        let contents = &graph.repositories()[*repository];
        let image = images.iter().position(|image| **image == contents.image);
        let image = image.unwrap_or_else(|| {
            images.push(&contents.image);
            images.len() - 1
        });
        let read = match contents.coverage {
            ContentsCoverage::Complete => PlaceRead::Complete,
            ContentsCoverage::ManifestsUnread(_) => PlaceRead::TagsOnly,
            ContentsCoverage::Unlisted(_) => PlaceRead::Unlisted,
        };
        ReleasePlace { image: number(image), read }
    };
    repositories.iter().map(&mut place).collect()
}

/// The image, by its number in the model, and the digest of a manifest.
pub(super) fn image_and_digest<'g>(
    environment: &EnvironmentReleases<'_>,
    graph: &Graph<'g>,
    node: Node,
) -> Option<(u32, &'g Digest)> {
    let repository = Some(graph.repository_index(node));
    let place = environment.repositories.iter().position(|place| *place == repository)?;
    Some((environment.model.image(number(place)), &graph.record(node).digest))
}

/// The number of a release among those of all environments.
pub(super) fn id(environment: &EnvironmentReleases<'_>, release: ReleaseNumber) -> ReleaseId {
    environment.first + release
}
