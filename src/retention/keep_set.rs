//! What is kept, closed over everything else that has to be kept with it.
//!
//! Kept manifests keep their children, what they are about and what is about them; where a
//! registry cannot take a single tag off, a kept manifest keeps all releases on it; and a release
//! that stays in one place stays in all. The closure only ever grows, so that the order in which
//! causes come does not matter to what is kept.

use super::graph::{Graph, Node, index};
use super::reason::{KeepCode, RuleName};
use super::role::{ReleaseId, Role, Roles};
use crate::model::SingleTags;

/// A rule by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// `[[retention]]`, from 0.
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

/// What a cause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CauseSubject {
    /// The manifest itself.
    Itself,
    /// One of its tags, by number.
    Tag(u32),
    /// A release that it is a copy of.
    Release(ReleaseId),
    /// Another manifest.
    Node(Node),
    /// A repository that was not read, by its place.
    Repository(u32),
    /// A reference in use, by its place in the list.
    Reference(u32),
}

/// Why a manifest is kept. Of several causes the least is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeepCause {
    pub(super) code: KeepCode,
    pub(super) rule: Option<Rule>,
    pub(super) about: CauseSubject,
}

impl KeepCause {
    pub(super) fn new(code: KeepCode, about: CauseSubject) -> Self {
        Self { code, rule: None, about }
    }

    pub(super) fn by(self, rule: Rule) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// What is kept so far.
pub(super) struct KeepSet<'a> {
    graph: &'a Graph<'a>,
    roles: &'a Roles<'a>,
    /// Why each manifest is kept, if it is: the least of all causes.
    causes: Vec<Option<KeepCause>>,
    /// Manifests that lose no tag at all, whatever the rules say of it.
    fixed: Vec<bool>,
    /// By tag: whether it stays for a cause of its own.
    tags: Vec<bool>,
    /// By release.
    releases: Vec<bool>,
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

    /// Keeps a tag, and so its manifest; other tags on it may still go.
    pub(super) fn keep_tag(&mut self, node: Node, tag: u32, cause: KeepCause) {
        if !std::mem::replace(&mut self.tags[index(tag)], true) {
            self.queue.push(node);
        }
        self.note(node, cause);
    }

    /// Keeps a release in every place, each copy for the same cause.
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

    /// Keeps all that follows from what is kept.
    pub(super) fn close(&mut self) {
        while let Some(node) = self.queue.pop() {
            self.keep_around(node);
            self.keep_releases_on(node);
        }
    }

    fn keep_around(&mut self, node: Node) {
        let graph = self.graph;
        let child = KeepCause::new(KeepCode::ChildOfKept, CauseSubject::Node(node));
        let referrer = KeepCause::new(KeepCode::ReferrerOfKept, CauseSubject::Node(node));
        for other in graph.children(node) {
            self.keep(other, child);
        }
        for other in graph.subjects(node).chain(graph.referrers(node)) {
            self.keep(other, referrer);
        }
    }

    /// Keeps the releases whose tags cannot leave this manifest.
    fn keep_releases_on(&mut self, node: Node) {
        let is_whole = self.graph.repository(node).capabilities.single_tags == SingleTags::Kept;
        if !is_whole && !self.fixed[index(node)] {
            return;
        }
        for tag in self.roles.tags_of(node) {
            if self.tags[index(tag)] {
                continue;
            }
            self.tags[index(tag)] = true;
            let role = self.roles.role_of(tag);
            if is_whole && role != Role::Accessory && !self.fixed[index(node)] {
                self.note(
                    node,
                    KeepCause::new(KeepCode::DigestSharedWithKept, CauseSubject::Tag(tag)),
                );
            }
            if let Role::Release(release) = role {
                self.keep_siblings(release, node);
            }
        }
    }

    /// Keeps a release in its other places, since it stays in this one.
    fn keep_siblings(&mut self, release: ReleaseId, origin: Node) {
        self.releases[index(release)] = true;
        let cause = KeepCause::new(KeepCode::KeptElsewhere, CauseSubject::Node(origin));
        let roles = self.roles;
        for copy in roles.copies(release) {
            if copy.node != origin && !self.tags[index(copy.tag)] {
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
