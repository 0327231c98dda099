//! The decision: which manifests are kept, untagged or deleted, each with its cause.
//!
//! `protect` finds what is kept for a reason of its own, `keep_set` adds what that needs. The rest is
//! deleted only if there is a reason for that, too.

use super::graph::{Graph, Node, index};
use super::keep_set::{CauseSubject, KeepCause, KeepSet, Rule};
use super::protect::Protection;
use super::reason::{DeleteCode, KeepCode};
use super::role::{Role, Roles};
use super::rule::Verdict;

/// Why a manifest goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DeleteCause {
    pub(super) code: DeleteCode,
    pub(super) rule: Option<Rule>,
    pub(super) about: CauseSubject,
}

/// What was decided.
pub(super) struct Decisions<'a> {
    pub(super) keep_set: KeepSet<'a>,
    /// By node: why it is deleted, if it is.
    delete_causes: Vec<Option<DeleteCause>>,
    /// What the rules say of each tag that is no release's.
    pub(super) tag_verdicts: Vec<Verdict>,
    /// What the rules say of each release.
    pub(super) release_verdicts: Vec<Verdict>,
}

impl Decisions<'_> {
    pub(super) fn delete_cause(&self, node: Node) -> Option<DeleteCause> {
        self.delete_causes[index(node)]
    }

    /// The rule that lets a tag go, if one does.
    pub(super) fn expired_by(&self, roles: &Roles<'_>, tag: u32) -> Option<Rule> {
        let verdict = match roles.role_of(tag) {
            Role::Release(release) => self.release_verdicts[index(release)],
            Role::Other => self.tag_verdicts[index(tag)],
            Role::Latest(_) | Role::Ambiguous(_) | Role::Accessory => Verdict::NoRule,
        };
        match verdict {
            Verdict::Expired(place) => Some(Rule::Retention(place)),
            Verdict::Kept(_) | Verdict::TimeUnknown(_) | Verdict::NoRule => None,
        }
    }
}

/// Decides.
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
    while settle(protection, &mut decided) {}
    decided
}

/// Keeps what may not go after all; true if that was anything, so that all has to be seen anew.
fn settle(protection: &Protection<'_>, decided: &mut Decisions<'_>) -> bool {
    let graph = protection.graph;
    let mut found = false;
    for repository in 0..graph.repositories().len() {
        if let Some(last) = last_tagged(protection, decided, repository) {
            decided.keep_set.keep(last, KeepCause::new(KeepCode::LastTagged, CauseSubject::Itself));
            found = true;
        }
    }
    if !found {
        decided.delete_causes = delete_causes(protection, decided);
        for node in graph.nodes() {
            if !decided.keep_set.is_kept(node) && decided.delete_causes[index(node)].is_none() {
                decided.keep_set.keep(node, KeepCause::new(KeepCode::NoRule, CauseSubject::Itself));
                found = true;
            }
        }
    }
    decided.keep_set.close();
    found
}

/// The newest tagged manifest of a repository that would lose them all, where the registry would
/// refuse to delete the last.
fn last_tagged(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    repository: usize,
) -> Option<Node> {
    let graph = protection.graph;
    if !graph.repositories()[repository].capabilities.keeps_last_tagged {
        return None;
    }
    let tagged = || graph.nodes_of(repository).filter(|node| is_tagged(graph, *node));
    if tagged().any(|node| decided.keep_set.is_kept(node)) {
        return None;
    }
    // Of several that are as new as each other any will do: all the others go whole.
    tagged().max_by_key(|node| (protection.since(*node), *node))
}

fn is_tagged(graph: &Graph<'_>, node: Node) -> bool {
    !graph.record(node).tags.is_empty()
}

/// Why each manifest that is not kept goes; none for those of which nothing says so.
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
            about: CauseSubject::Node(node),
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

/// Why a manifest goes by itself, if it does: its tags expired, or it has none and is old enough.
fn own_delete_cause(
    protection: &Protection<'_>,
    decided: &Decisions<'_>,
    node: Node,
) -> Option<DeleteCause> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut ordinary = roles.tags_of(node).filter(|tag| roles.role_of(*tag) != Role::Accessory);
    if let Some(tag) = ordinary.next() {
        let rule = decided.expired_by(roles, tag)?;
        let code = DeleteCode::Expired;
        return Some(DeleteCause { code, rule: Some(rule), about: CauseSubject::Tag(tag) });
    }
    let left = |code| DeleteCause { code, rule: None, about: CauseSubject::Itself };
    if protection.refers_to_deleted(node) {
        return Some(left(DeleteCode::ReferrerOfDeleted));
    }
    if is_tagged(graph, node) {
        return None;
    }
    if protection.is_orphaned(node) {
        return Some(left(DeleteCode::ChildOfDeleted));
    }
    let code = DeleteCode::UntaggedExpired;
    protection
        .untagged_expired(node)
        .then(|| DeleteCause { rule: Some(Rule::Untagged), ..left(code) })
}
