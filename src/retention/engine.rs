//! The decision: which manifests are kept, untagged or deleted, each with its cause.
//!
//! `protect` finds the manifests with a direct reason to be kept, `keep_set` adds those that have to
//! be kept with them. The rest is deleted only if there is a reason for that too.

use super::graph::{Node, index};
use super::keep_set::{CauseOrigin, KeepCause, KeepSet, Rule};
use super::protect::Protection;
use super::reason::{DeleteCode, KeepCode};
use super::role::Role;
use super::roles::Roles;
use super::rule::Verdict;

/// Why a manifest is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DeleteCause {
    pub(super) code: DeleteCode,
    pub(super) rule: Option<Rule>,
    pub(super) origin: CauseOrigin,
}

/// The decisions.
pub(super) struct Decisions<'a> {
    pub(super) keep_set: KeepSet<'a>,
    /// By node: why it is deleted, if it is.
    delete_causes: Vec<Option<DeleteCause>>,
    /// The verdict of the rules on each tag that belongs to no release.
    pub(super) tag_verdicts: Vec<Verdict>,
    /// The verdict of the rules on each release.
    pub(super) release_verdicts: Vec<Verdict>,
}

impl Decisions<'_> {
    pub(super) fn delete_cause(&self, node: Node) -> Option<DeleteCause> {
        self.delete_causes[index(node)]
    }

    /// The rule by which a tag expires, if it does.
    pub(super) fn expired_by(&self, roles: &Roles<'_>, tag: u32) -> Option<Rule> {
        let verdict = match roles.role_of(tag) {
            Role::Release(release) => self.release_verdicts[index(release)],
            Role::Other => self.tag_verdicts[index(tag)],
            Role::Latest(_) | Role::Ambiguous(_) | Role::Accessory => Verdict::NoRule,
        };
        match verdict {
            Verdict::Expired(rule) => Some(Rule::Retention(rule)),
            Verdict::Kept(_) | Verdict::TimeUnknown(_) | Verdict::NoRule => None,
        }
    }
}

/// Decides about every manifest.
pub(super) fn decide<'a>(protection: &Protection<'a>) -> Decisions<'a> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut keep_set = KeepSet::new(graph, roles);
    let (release_verdicts, tag_verdicts) = protection.apply(&mut keep_set);
    keep_set.close();
    let mut decided = Decisions {
        keep_set,
        delete_causes: vec![None; graph.nodes().len()],
        tag_verdicts,
        release_verdicts,
    };
    while keep_undeletable(protection, &mut decided) {}
    decided
}

/// Keeps the manifests that cannot be deleted after all. True if there were any: then the decision
/// about all others has to be made again.
fn keep_undeletable(protection: &Protection<'_>, decided: &mut Decisions<'_>) -> bool {
    let graph = protection.graph;
    let mut found = false;
    for repository in 0..graph.repositories().len() {
        if let Some(last) = last_tagged(protection, decided, repository) {
            decided.keep_set.keep(last, KeepCause::new(KeepCode::LastTagged, CauseOrigin::Itself));
            found = true;
        }
    }
    if !found {
        decided.delete_causes = delete_causes(protection, decided);
        for node in graph.nodes() {
            if !decided.keep_set.is_kept(node) && decided.delete_causes[index(node)].is_none() {
                decided.keep_set.keep(node, KeepCause::new(KeepCode::NoRule, CauseOrigin::Itself));
                found = true;
            }
        }
    }
    decided.keep_set.close();
    found
}

/// The newest tagged manifest of a repository, if all tagged ones would be deleted and the registry
/// refuses to delete the last.
fn last_tagged(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    repository: usize,
) -> Option<Node> {
    let graph = protection.graph;
    if !graph.repositories()[repository].capabilities.keeps_last_tagged {
        return None;
    }
    let tagged = || graph.nodes_of(repository).filter(|node| is_tagged(protection.roles, *node));
    if tagged().any(|node| decided.keep_set.is_kept(node)) {
        return None;
    }
    // Of several equally new ones any will do: all others are deleted with all their tags.
    tagged().max_by_key(|node| (protection.since(*node), *node))
}

fn is_tagged(roles: &Roles<'_>, node: Node) -> bool {
    !roles.tags_of(node).is_empty()
}

/// Why each manifest that is not kept is deleted; `None` where there is no reason to.
fn delete_causes(protection: &Protection<'_>, decided: &Decisions<'_>) -> Vec<Option<DeleteCause>> {
    let graph = protection.graph;
    let mut delete_causes: Vec<Option<DeleteCause>> = vec![None; graph.nodes().len()];
    let mut queue = Vec::new();
    for node in graph.nodes().filter(|node| !decided.keep_set.is_kept(*node)) {
        delete_causes[index(node)] = own_delete_cause(protection, decided, node);
        if delete_causes[index(node)].is_some() {
            queue.push(node);
        }
    }
    while let Some(node) = queue.pop() {
        let child = DeleteCause {
            code: DeleteCode::ChildOfDeleted,
            rule: None,
            origin: CauseOrigin::Node(node),
        };
        let referrer = DeleteCause { code: DeleteCode::ReferrerOfDeleted, ..child };
        let follow = graph.children(node).map(|other| (other, child));
        for (other, cause) in follow.chain(graph.referrers(node).map(|other| (other, referrer))) {
            if delete_causes[index(other)].is_none() && !decided.keep_set.is_kept(other) {
                delete_causes[index(other)] = Some(cause);
                queue.push(other);
            }
        }
    }
    delete_causes
}

/// The direct reason to delete a manifest: its tags expired, or it has none and is old enough.
fn own_delete_cause(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    node: Node,
) -> Option<DeleteCause> {
    let roles = protection.roles;
    let mut ordinary = roles.tags_of(node).filter(|tag| roles.role_of(*tag) != Role::Accessory);
    if let Some(tag) = ordinary.next() {
        let rule = decided.expired_by(roles, tag)?;
        let code = DeleteCode::Expired;
        return Some(DeleteCause { code, rule: Some(rule), origin: CauseOrigin::Tag(tag) });
    }
    let untagged = |code| DeleteCause { code, rule: None, origin: CauseOrigin::Itself };
    if protection.refers_to_deleted(node) {
        return Some(untagged(DeleteCode::ReferrerOfDeleted));
    }
    if is_tagged(roles, node) {
        return None;
    }
    if protection.is_orphaned(node) {
        return Some(untagged(DeleteCode::ChildOfDeleted));
    }
    let code = DeleteCode::UntaggedExpired;
    protection
        .untagged_expired(node)
        .then(|| DeleteCause { rule: Some(Rule::Untagged), ..untagged(code) })
}
