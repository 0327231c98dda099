//! The role of each tag for the environments that use its repository, and the releases of each
//! environment, by the same model that `list` and `rollback-target` use.

use super::age::Age;
use super::graph::{Graph, Node, index, number};
use super::role::{ReleaseId, Role, RoleInput, repositories};
use super::tag_reading::{FoundSha, TagsRead, read_tags};
use crate::model::{ContentsCoverage, Digest, GitHistory, ImageName, Sha, TagName};
use crate::policy::Environment;
use crate::releases::{
    DeployedReleases, Digests, PlaceRead, ReleaseNumber, ReleasePlace, Releases, ReleasesInput,
    RollbackCheck, ShaTag,
};

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

    /// The SHA tags of one of its releases.
    pub(super) fn copies(&self, release: ReleaseId) -> impl Iterator<Item = TagCopy> {
        self.model.tags(release - self.first).iter().map(|tag| TagCopy {
            node: tag.content,
            tag: self.tags[index(tag.tag)],
            is_undated: self.model.is_undated(tag.tag),
        })
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

    fn contents(&self, digest: &Digest) -> Vec<u32> {
        let each = 0..self.repositories().len();
        each.filter_map(|repository| self.find(repository, digest)).collect()
    }
}

/// The role of every tag, and the releases.
pub(super) struct Roles<'a> {
    pub(super) environments: Vec<EnvironmentReleases<'a>>,
    /// The role of each tag, by its number.
    by_tag: Vec<Role>,
    /// The number of each node's first tag, then the number of tags.
    tag_starts: Vec<u32>,
    /// By node.
    manifest_ages: Vec<Age>,
    /// By tag.
    tag_ages: Vec<Age>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(input: RoleInput<'a>) -> Self {
        let TagsRead { mut by_tag, tag_starts, manifest_ages, tag_ages, sha_tags } =
            read_tags(input);
        let mut environments: Vec<EnvironmentReleases<'_>> = Vec::new();
        for (environment, sha_tags) in input.policy.environments.values().zip(sha_tags) {
            let first = environments.last().map_or(0, |before| before.ids().end);
            let environment = releases(input, environment, sha_tags, first);
            for release in environment.model.numbers() {
                for tag in environment.model.tags(release) {
                    let tag = index(environment.tags[index(tag.tag)]);
                    by_tag[tag] = Role::Release(first + release);
                }
            }
            environments.push(environment);
        }
        Self { environments, by_tag, tag_starts, manifest_ages, tag_ages }
    }

    /// When a manifest was last pushed or tagged, or built.
    pub(super) fn age_of(&self, node: Node) -> Age {
        self.manifest_ages[index(node)]
    }

    /// The age of a tag, by its number.
    pub(super) fn age_of_tag(&self, tag: u32) -> Age {
        self.tag_ages[index(tag)]
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
        self.environments[self.environment_index(release)].copies(release)
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

/// Groups the SHA tags of an environment into its releases.
fn releases<'a>(
    input: RoleInput<'a>,
    environment: &'a Environment,
    mut found: Vec<FoundSha>,
    first: ReleaseId,
) -> EnvironmentReleases<'a> {
    // Each part is sorted already, which a stable sort makes use of. Tags of one SHA stay in their order.
    found.sort_by(|a, b| a.sha.cmp(&b.sha));
    let mut shas: Vec<Sha> = Vec::new();
    let (mut read, mut tags) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
    for of in found {
        if shas.last() != Some(&of.sha) {
            shas.push(of.sha);
        }
        let sha = number(shas.len() - 1);
        read.push(ShaTag { sha, place: of.place, content: of.node, time: of.time });
        tags.push(of.tag);
    }
    let repositories = repositories(input.graph, environment);
    let none = GitHistory::default();
    let model = Releases::new(ReleasesInput {
        order: environment.order,
        places: &places(input.graph, &repositories),
        shas: &shas,
        tags: &read,
        git: input.git.get(&environment.name).unwrap_or(&none),
    });
    let deployments = input.deployments.get(&environment.name);
    let deployed = deployments.map(|known| DeployedReleases::new(&model, known));
    EnvironmentReleases { environment, repositories, model, deployed, first, tags }
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
