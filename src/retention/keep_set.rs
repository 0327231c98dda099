//! The set of kept manifests, with the cause of each, and everything that has to be kept with them.
//!
//! A kept manifest keeps its children, its subject and its referrers. Where a registry cannot remove
//! a single tag, a kept manifest keeps all releases on it. A release that is kept in one repository
//! is kept in all. The set only ever grows, so the order in which causes are added does not matter.

use super::graph::{Graph, Node, index};
use super::reason::{KeepCode, RuleName};
use super::role::{ReleaseId, Role};
use super::roles::Roles;
use crate::model::SingleTags;

/// A rule by its index in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// One of `[[retention]]`, from 0.
    Retention(u16),
    /// `[untagged]`.
    Untagged,
}

impl Rule {
    pub(super) fn name(self) -> RuleName {
        match self {
            Self::Retention(place) => RuleName::retention(usize::from(place)),
            Self::Untagged => RuleName::untagged(),
        }
    }
}

/// Where a cause comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CauseOrigin {
    /// The manifest itself.
    Itself,
    /// One of its tags, by number.
    Tag(u32),
    /// A release, by one of its tags.
    Release(ReleaseId),
    /// Another manifest.
    Node(Node),
    /// A repository that was not read, by its index.
    Repository(u32),
    /// A reference in use, by its index in the list.
    Reference(u32),
}

/// Why a manifest is kept, in a few bytes; `sentence` puts it into words. Of several causes the
/// smallest is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeepCause {
    pub(super) code: KeepCode,
    pub(super) rule: Option<Rule>,
    pub(super) origin: CauseOrigin,
}

impl KeepCause {
    pub(super) fn new(code: KeepCode, origin: CauseOrigin) -> Self {
        Self { code, rule: None, origin }
    }

    pub(super) fn by(self, rule: Rule) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// The set of kept manifests, tags and releases.
pub(super) struct KeepSet<'a> {
    graph: &'a Graph<'a>,
    roles: &'a Roles<'a>,
    /// Why each manifest is kept, if it is: the smallest of its causes.
    causes: Vec<Option<KeepCause>>,
    /// Manifests that are kept with all their tags.
    fixed: Vec<bool>,
    /// By tag: whether it is kept.
    tags: Vec<bool>,
    /// By release: whether it is kept.
    releases: Vec<bool>,
    /// Manifests whose consequences are still to be added.
    queue: Vec<Node>,
}

impl<'a> KeepSet<'a> {
    pub(super) fn new(graph: &'a Graph<'a>, roles: &'a Roles<'a>) -> Self {
        Self {
            graph,
            roles,
            causes: vec![None; graph.nodes().len()],
            fixed: vec![false; graph.nodes().len()],
            tags: vec![false; roles.tag_count()],
            releases: vec![false; roles.release_count()],
            queue: Vec::new(),
        }
    }

    pub(super) fn cause(&self, node: Node) -> Option<KeepCause> {
        self.causes[index(node)]
    }

    pub(super) fn is_kept(&self, node: Node) -> bool {
        self.causes[index(node)].is_some()
    }

    pub(super) fn keeps_release(&self, release: ReleaseId) -> bool {
        self.releases[index(release)]
    }

    /// Keeps a manifest with all its tags.
    pub(super) fn keep(&mut self, node: Node, cause: KeepCause) {
        if !std::mem::replace(&mut self.fixed[index(node)], true) {
            self.queue.push(node);
        }
        self.note(node, cause);
    }

    /// Keeps a tag and its manifest; other tags on the manifest may still be removed.
    pub(super) fn keep_tag(&mut self, node: Node, tag: u32, cause: KeepCause) {
        if !std::mem::replace(&mut self.tags[index(tag)], true) {
            self.queue.push(node);
        }
        self.note(node, cause);
    }

    /// Keeps every copy of a release, for the same cause.
    pub(super) fn keep_release(&mut self, release: ReleaseId, cause: KeepCause) {
        self.releases[index(release)] = true;
        let roles = self.roles;
        for copy in roles.copies(release) {
            self.keep_tag(copy.node, copy.tag, cause);
        }
    }

    fn note(&mut self, node: Node, cause: KeepCause) {
        let known = &mut self.causes[index(node)];
        if known.is_none_or(|known| cause < known) {
            *known = Some(cause);
        }
    }

    /// Adds everything that has to be kept with what is kept so far.
    pub(super) fn close(&mut self) {
        while let Some(node) = self.queue.pop() {
            self.keep_related(node);
            self.keep_releases_on(node);
        }
    }

    fn keep_related(&mut self, node: Node) {
        let graph = self.graph;
        let child = KeepCause::new(KeepCode::ChildOfKept, CauseOrigin::Node(node));
        let referrer = KeepCause::new(KeepCode::ReferrerOfKept, CauseOrigin::Node(node));
        for other in graph.children(node) {
            self.keep(other, child);
        }
        for other in graph.subjects(node).chain(graph.referrers(node)) {
            self.keep(other, referrer);
        }
    }

    /// Keeps the releases whose tags cannot be removed from this manifest.
    fn keep_releases_on(&mut self, node: Node) {
        let is_indivisible =
            self.graph.repository(node).capabilities.single_tags == SingleTags::Kept;
        if !is_indivisible && !self.fixed[index(node)] {
            return;
        }
        for tag in self.roles.tags_of(node) {
            if self.tags[index(tag)] {
                continue;
            }
            self.tags[index(tag)] = true;
            let role = self.roles.role_of(tag);
            if is_indivisible && role != Role::Accessory && !self.fixed[index(node)] {
                self.note(
                    node,
                    KeepCause::new(KeepCode::DigestSharedWithKept, CauseOrigin::Tag(tag)),
                );
            }
            if let Role::Release(release) = role {
                self.keep_siblings(release, node);
            }
        }
    }

    /// Keeps the other copies of a release, since the copy on this manifest is kept.
    fn keep_siblings(&mut self, release: ReleaseId, kept: Node) {
        self.releases[index(release)] = true;
        let cause = KeepCause::new(KeepCode::KeptElsewhere, CauseOrigin::Node(kept));
        let roles = self.roles;
        for copy in roles.copies(release) {
            if copy.node != kept && !self.tags[index(copy.tag)] {
                self.keep_tag(copy.node, copy.tag, cause);
            }
        }
    }

    /// The tags that a kept manifest loses.
    pub(super) fn lost_tags(&self, node: Node) -> impl Iterator<Item = u32> {
        let loses = self.is_kept(node) && !self.fixed[index(node)];
        let tags = if loses { self.roles.tags_of(node) } else { 0..0 };
        tags.filter(|tag| !self.tags[index(*tag)] && self.roles.role_of(*tag) != Role::Accessory)
    }
}
