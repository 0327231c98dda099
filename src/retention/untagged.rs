//! Unreferenced manifests: no tag, no index that lists them, no subject in the registry. They are
//! deleted by age alone, and only where the policy says so.

use std::time::Duration;

use super::age::Age;
use super::graph::Node;
use super::keep_set::{CauseOrigin, KeepCause, Rule};
use super::protect::Protection;
use super::reason::KeepCode;
use super::role::Role;
use super::rule::is_within;

/// An untagged manifest may belong to a push in progress, whatever `min-age` says.
const MAX_PUSH_DURATION: Duration = Duration::from_hours(1);

impl Protection<'_> {
    /// Whether a manifest has at most accessory tags, no index lists it, and it has no subject here.
    pub(super) fn is_unreferenced(&self, node: Node) -> bool {
        let ordinary =
            self.roles.tags_of(node).any(|tag| self.roles.role_of(tag) != Role::Accessory);
        !ordinary
            && self.graph.parents(node).next().is_none()
            && self.graph.subjects(node).next().is_none()
            && !self.is_leftover(node)
    }

    /// Whether it is left over from an earlier run that was interrupted.
    fn is_leftover(&self, node: Node) -> bool {
        self.is_orphaned(node) || self.refers_to_deleted(node)
    }

    /// Whether an earlier, interrupted run deleted an index that listed it.
    pub(super) fn is_orphaned(&self, node: Node) -> bool {
        self.graph.repository(node).orphaned.contains(&self.graph.record(node).digest)
    }

    /// Whether an earlier, interrupted run deleted the manifest that it refers to.
    pub(super) fn refers_to_deleted(&self, node: Node) -> bool {
        let deleted = &self.graph.repository(node).deleted_earlier;
        let is_deleted = |of: String| deleted.iter().any(|digest| digest.begins_with(&of));
        !deleted.is_empty() && self.graph.missing_subjects(node).any(is_deleted)
    }

    /// Why an unreferenced manifest is kept, if it is.
    pub(super) fn unreferenced_keep_cause(&self, node: Node) -> Option<KeepCause> {
        let cause = |code| KeepCause::new(code, CauseOrigin::Itself);
        let is_tagged = !self.graph.record(node).tags.is_empty();
        let Some(keep_within) = self.policy.untagged_keep_within.filter(|_| !is_tagged) else {
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

    /// Whether an unreferenced manifest is old enough to be deleted.
    pub(super) fn untagged_expired(&self, node: Node) -> bool {
        self.is_unreferenced(node) && self.unreferenced_keep_cause(node).is_none()
    }
}
