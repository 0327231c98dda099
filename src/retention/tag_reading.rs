//! Reads each tag once: what it is, how old it is, and which SHA it names. Everything else of the decision
//! uses these tables, since the records of a million tags are far apart in memory.

use super::age::{self, Age};
use super::graph::{Node, number};
use super::parts::{Part, read_in_parts};
use super::role::{Role, RoleInput, repositories};
use crate::model::{ManifestRecord, PushTimes, Sha, TagKind, TagPush};
use crate::policy::Environment;
use crate::releases::{CopyTime, TimeEvidence, copy_time};

/// So many records, with their tags, fit into the cache of a processor.
const NEAR: usize = 1 << 11;

/// A SHA tag of an environment.
pub(super) struct FoundSha {
    pub(super) sha: Sha,
    /// The index of its repository among those of the environment.
    pub(super) place: u32,
    pub(super) node: Node,
    /// Its number among the tags of all nodes.
    pub(super) tag: u32,
    pub(super) time: CopyTime,
}

/// What was read of the tags of some nodes.
pub(super) struct TagsRead {
    /// By tag. The release of a SHA tag is known once all tags are read, so it is ambiguous until then.
    pub(super) by_tag: Vec<Role>,
    /// The number of each node's first tag, then the number of tags.
    pub(super) tag_starts: Vec<u32>,
    /// By node.
    pub(super) manifest_ages: Vec<Age>,
    /// By tag.
    pub(super) tag_ages: Vec<Age>,
    /// By environment: its SHA tags, those of each part by SHA.
    pub(super) sha_tags: Vec<Vec<FoundSha>>,
}

impl TagsRead {
    fn new(environments: usize) -> Self {
        Self {
            by_tag: Vec::new(),
            tag_starts: vec![0],
            manifest_ages: Vec::new(),
            tag_ages: Vec::new(),
            sha_tags: (0..environments).map(|_| Vec::new()).collect(),
        }
    }

    /// Adds the next part.
    fn append(&mut self, part: Self) {
        let before = number(self.by_tag.len());
        self.by_tag.extend(part.by_tag);
        self.tag_starts.extend(part.tag_starts[1..].iter().map(|start| before + start));
        self.manifest_ages.extend(part.manifest_ages);
        self.tag_ages.extend(part.tag_ages);
        for (all, found) in self.sha_tags.iter_mut().zip(part.sha_tags) {
            all.extend(found.into_iter().map(|of| FoundSha { tag: before + of.tag, ..of }));
        }
    }
}

/// Reads the tags of all nodes.
pub(super) fn read_tags(input: RoleInput<'_>) -> TagsRead {
    let graph = input.graph;
    let environments: Vec<(&Environment, Vec<Option<usize>>)> = input
        .policy
        .environments
        .values()
        .map(|environment| (environment, repositories(graph, environment)))
        .collect();
    let parts = read_in_parts(graph.repositories(), |part| {
        let using = environments.iter().enumerate().filter_map(|(index, (environment, places))| {
            let place = places.iter().position(|place| *place == Some(part.repository))?;
            Some(User { environment, index: u16::try_from(index).ok()?, place: number(place) })
        });
        let read = TagsRead::new(environments.len());
        let push_times = graph.repositories()[part.repository].push_times;
        let first = graph.nodes_of(part.repository).start + number(part.first);
        Reader { input, using: using.collect(), push_times, read }.part(first, part)
    });
    let mut all = TagsRead::new(environments.len());
    for part in parts {
        all.append(part);
    }
    all
}

/// An environment that uses a repository.
struct User<'a> {
    environment: &'a Environment,
    /// Its index in the policy.
    index: u16,
    /// The index of the repository among its own.
    place: u32,
}

/// Reads the tags of one part.
struct Reader<'a> {
    input: RoleInput<'a>,
    using: Vec<User<'a>>,
    push_times: PushTimes,
    read: TagsRead,
}

impl Reader<'_> {
    fn part(mut self, first: Node, part: &Part<'_>) -> TagsRead {
        let nodes: Vec<Node> = (first..).take(part.records.len()).collect();
        for (nodes, records) in nodes.chunks(NEAR).zip(part.records.chunks(NEAR)) {
            self.make_room(records);
            for (node, record) in nodes.iter().zip(records) {
                self.record(*node, record);
            }
        }
        for found in &mut self.read.sha_tags {
            found.sort_by(|a, b| a.sha.cmp(&b.sha));
        }
        self.read
    }

    /// Makes room for the next tags. To count them by their names brings the names near, many at a time:
    /// the loop over the records would wait for each.
    fn make_room(&mut self, records: &[ManifestRecord]) {
        let tags = || records.iter().flat_map(|record| &record.tags);
        let is_sha =
            |tag: &&TagPush| tag.name.as_str().ends_with(|last: char| last.is_ascii_hexdigit());
        let (all, shas) = (tags().count(), tags().filter(is_sha).count());
        self.read.by_tag.reserve(all);
        self.read.tag_ages.reserve(all);
        self.read.tag_starts.reserve(records.len());
        self.read.manifest_ages.reserve(records.len());
        for user in &self.using {
            self.read.sha_tags[usize::from(user.index)].reserve(shas);
        }
    }

    fn record(&mut self, node: Node, record: &ManifestRecord) {
        let now = self.input.now;
        let manifest = age::of_manifest(record, self.push_times, now);
        self.read.manifest_ages.push(manifest);
        for (index, tag) in record.tags.iter().enumerate() {
            let of_tags = self.push_times == PushTimes::OfTags;
            self.read.tag_ages.push(if of_tags { age::of_tag(record, tag, now) } else { manifest });
            let role = self.role((node, index), record);
            self.read.by_tag.push(role);
        }
        self.read.tag_starts.push(number(self.read.by_tag.len()));
    }

    /// The role of a tag for the first environment that knows it; a policy in which two know it is
    /// refused.
    fn role(&mut self, (node, index): (Node, usize), record: &ManifestRecord) -> Role {
        let tag = &record.tags[index];
        for user in &self.using {
            match user.environment.scheme.classify(&tag.name) {
                TagKind::Latest => return Role::Latest(user.index),
                TagKind::Accessory => return Role::Accessory,
                TagKind::Foreign => {}
                TagKind::Sha(sha) => {
                    let push_times = self.push_times;
                    let pushed = match push_times {
                        PushTimes::OfTags => tag.pushed,
                        PushTimes::OfDigests => record.pushed,
                        PushTimes::Unknown => None,
                    };
                    let evidence = TimeEvidence { push_times, pushed, built: record.built };
                    let time = copy_time(user.environment.order, evidence, self.input.now);
                    let number = number(self.read.by_tag.len());
                    let found = FoundSha { sha, place: user.place, node, tag: number, time };
                    self.read.sha_tags[usize::from(user.index)].push(found);
                    return Role::Ambiguous(user.index);
                }
            }
        }
        if tag.name.is_accessory() { Role::Accessory } else { Role::Other }
    }
}
