//! Manifests that nothing stands on: without a tag, without an index that lists them, without
//! anything that they are about. They go by age alone, and only where the policy says so.

use std::time::Duration;

use super::age::Age;
use super::cause::{CauseSubject, KeepCause, Rule};
use super::graph::Node;
use super::protect::Protection;
use super::reason::KeepCode;
use super::role::Role;
use super::rule::is_within;

/// What has no tag may belong to a push that is still under way, whatever `min-age` says.
const MAX_PUSH_DURATION: Duration = Duration::from_secs(60 * 60);

impl Protection<'_> {
    /// Whether a manifest has no tag but accessory ones, and nothing that it depends on is there.
    pub(super) fn is_unreferenced(&self, node: Node) -> bool {
        let ordinary =
            self.roles.tags_of(node).any(|tag| self.roles.role_of(tag) != Role::Accessory);
        !ordinary
            && self.graph.parents(node).next().is_none()
            && self.graph.subjects(node).next().is_none()
            && !self.is_leftover(node)
    }

    /// Whether an earlier run that broke off has left this behind.
    fn is_leftover(&self, node: Node) -> bool {
        self.is_abandoned(node) || self.is_about_deleted(node)
    }

    /// Whether an index listed it that an earlier run deleted before it broke off.
    pub(super) fn is_abandoned(&self, node: Node) -> bool {
        self.graph.repository(node).abandoned.contains(&self.graph.record(node).digest)
    }

    /// Whether it is about something that an earlier run deleted before it broke off.
    pub(super) fn is_about_deleted(&self, node: Node) -> bool {
        let deleted = &self.graph.repository(node).deleted_before;
        let is_deleted = |of: String| deleted.iter().any(|d| d.as_str().starts_with(&of));
        !deleted.is_empty() && self.graph.gone_subjects(node).any(is_deleted)
    }

    /// Why a manifest that nothing refers to is kept, if it is.
    pub(super) fn unreferenced_keep_cause(&self, node: Node) -> Option<KeepCause> {
        let cause = |code| KeepCause::new(code, CauseSubject::Itself);
        let tagged = !self.graph.record(node).tags.is_empty();
        let Some(keep_within) = self.policy.untagged_keep_within.filter(|_| !tagged) else {
            return Some(cause(KeepCode::NoRule));
        };
        match self.age(node) {
            Age::Since(since) if is_within(since, MAX_PUSH_DURATION, self.now) => {
                Some(cause(KeepCode::TooYoung))
            }
            Age::Since(since) if is_within(since, keep_within, self.now) => {
                Some(cause(KeepCode::KeptByRule).by(Rule::Untagged))
            }
            Age::Since(_) => None,
            Age::Unknown | Age::Implausible(_) => Some(cause(KeepCode::TimeUnknown)),
        }
    }

    /// Whether a manifest without a tag, that nothing kept reaches, is old enough to go.
    pub(super) fn untagged_expired(&self, node: Node) -> bool {
        self.is_unreferenced(node) && self.unreferenced_keep_cause(node).is_none()
    }
}
