//! The decision: which manifests stay, which lose tags and which go, each with its cause.
//!
//! Causes are gathered first (`protect`), then `keeping` closes over them. What is left must also
//! have a reason to go; what has none is kept.

use super::cause::{About, Cause, End, Rule};
use super::graph::{Graph, Node, index};
use super::keeping::Keeping;
use super::protect::Protection;
use super::reason::{DeleteCode, KeepCode};
use super::role::{Role, Roles};
use super::rule::Verdict;

/// What was decided.
pub(super) struct Decided<'a> {
    pub(super) keeping: Keeping<'a>,
    /// Why each manifest goes, if it does.
    ends: Vec<Option<End>>,
    /// What the rules say of each tag that is no release's.
    pub(super) tag_verdicts: Vec<Verdict>,
    /// What the rules say of each release.
    pub(super) release_verdicts: Vec<Verdict>,
}

impl Decided<'_> {
    pub(super) fn end(&self, node: Node) -> Option<End> {
        self.ends[index(node)]
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
pub(super) fn decide<'a>(protection: &Protection<'a>) -> Decided<'a> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut keeping = Keeping::new(graph, roles);
    let (release_verdicts, tag_verdicts) = protection.apply(&mut keeping);
    keeping.close();
    let mut decided =
        Decided { keeping, ends: vec![None; graph.nodes().len()], tag_verdicts, release_verdicts };
    while settle(protection, &mut decided) {}
    decided
}

/// Keeps what may not go after all; true if that was anything, so that all has to be seen anew.
fn settle(protection: &Protection<'_>, decided: &mut Decided<'_>) -> bool {
    let graph = protection.graph;
    let mut found = false;
    for repository in 0..graph.repositories().len() {
        if let Some(last) = last_tagged(protection, decided, repository) {
            decided.keeping.keep(last, Cause::new(KeepCode::LastTagged, About::Itself));
            found = true;
        }
    }
    if !found {
        decided.ends = ends(protection, decided);
        for node in graph.nodes() {
            if !decided.keeping.is_kept(node) && decided.ends[index(node)].is_none() {
                decided.keeping.keep(node, Cause::new(KeepCode::NoRule, About::Itself));
                found = true;
            }
        }
    }
    decided.keeping.close();
    found
}

/// The newest tagged manifest of a repository that would lose them all, where the registry would
/// refuse to delete the last.
fn last_tagged(
    protection: &Protection<'_>,
    decided: &Decided<'_>,
    repository: usize,
) -> Option<Node> {
    let graph = protection.graph;
    if !graph.repositories()[repository].abilities.keeps_last_tagged {
        return None;
    }
    let tagged = || graph.nodes_of(repository).filter(|node| is_tagged(graph, *node));
    if tagged().any(|node| decided.keeping.is_kept(node)) {
        return None;
    }
    // Of several that are as new as each other any will do: all the others go whole.
    tagged().max_by_key(|node| (protection.since(*node), *node))
}

fn is_tagged(graph: &Graph<'_>, node: Node) -> bool {
    !graph.record(node).tags.is_empty()
}

/// Why each manifest that is not kept goes; none for those of which nothing says so.
fn ends(protection: &Protection<'_>, decided: &Decided<'_>) -> Vec<Option<End>> {
    let graph = protection.graph;
    let mut ends: Vec<Option<End>> = vec![None; graph.nodes().len()];
    let mut queue = Vec::new();
    for node in graph.nodes().filter(|node| !decided.keeping.is_kept(*node)) {
        ends[index(node)] = own_end(protection, decided, node);
        if ends[index(node)].is_some() {
            queue.push(node);
        }
    }
    while let Some(node) = queue.pop() {
        let child = End { code: DeleteCode::ChildOfDeleted, rule: None, about: About::Node(node) };
        let referrer = End { code: DeleteCode::ReferrerOfDeleted, ..child };
        let follow = graph.children(node).map(|other| (other, child));
        for (other, end) in follow.chain(graph.referrers(node).map(|other| (other, referrer))) {
            if ends[index(other)].is_none() && !decided.keeping.is_kept(other) {
                ends[index(other)] = Some(end);
                queue.push(other);
            }
        }
    }
    ends
}

/// Why a manifest goes by itself, if it does: its tags expired, or it has none and is old enough.
fn own_end(protection: &Protection<'_>, decided: &Decided<'_>, node: Node) -> Option<End> {
    let (graph, roles) = (protection.graph, protection.roles);
    let mut ordinary = roles.tags_of(node).filter(|tag| roles.role_of(*tag) != Role::Accessory);
    if let Some(tag) = ordinary.next() {
        let rule = decided.expired_by(roles, tag)?;
        let code = DeleteCode::Expired;
        return Some(End { code, rule: Some(rule), about: About::Tag(tag) });
    }
    let left = |code| End { code, rule: None, about: About::Itself };
    if protection.is_about_deleted(node) {
        return Some(left(DeleteCode::ReferrerOfDeleted));
    }
    if is_tagged(graph, node) {
        return None;
    }
    if protection.is_abandoned(node) {
        return Some(left(DeleteCode::ChildOfDeleted));
    }
    let code = DeleteCode::UntaggedExpired;
    protection.untagged_expired(node).then(|| End { rule: Some(Rule::Untagged), ..left(code) })
}
