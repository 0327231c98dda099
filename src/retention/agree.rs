//! Compares a reviewed plan with a fresh decision: only what both would delete is deleted. The plan
//! file alone is not trusted, since anyone who can write the file could have changed it.

use std::collections::HashMap;

use super::deletion_groups::DeletionGroups;
use super::plan::{Decision, Plan, PlanEntry};
use super::reason::{KeepCode, ReasonCode};
use crate::model::{Digest, Repository, TagName};

/// What both the reviewed plan and the fresh decision would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The fresh plan, without the deletions that the reviewed one does not have.
    pub plan: Plan,
    /// What only the reviewed plan would change, in its order.
    pub left: Vec<WithheldEntry>,
}

/// Something that a reviewed plan would change and the fresh decision would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithheldEntry {
    /// Where it is, or was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Why it is kept now; none if the manifest is gone.
    pub why: Option<String>,
}

/// The entries of a plan by place and digest.
type Entries<'a> = HashMap<(&'a Repository, &'a Digest), &'a PlanEntry>;

/// Compares a reviewed plan with a fresh one; `groups` are those of the fresh one.
#[must_use]
pub fn agree(reviewed: &Plan, fresh: Plan, groups: &DeletionGroups) -> Agreement {
    let known = by_digest(reviewed);
    let both = |entry: &PlanEntry| {
        let of = known.get(&(&entry.repository, &entry.digest));
        of.is_some_and(|of| disagreement(of, entry).is_none())
    };
    let before = by_digest(&fresh);
    let alone: HashMap<_, _> = reviewed
        .entries
        .iter()
        .filter(|entry| entry.decision != Decision::Keep)
        .filter_map(|entry| {
            let now = before.get(&(&entry.repository, &entry.digest))?;
            Some(((&entry.repository, &entry.digest), disagreement(entry, now)?))
        })
        .collect();
    let plan = groups.choose(fresh, both, "not in the plan that is applied");
    let after = by_digest(&plan);
    let left = |entry: &PlanEntry| {
        let key = (&entry.repository, &entry.digest);
        let why = match after.get(&key) {
            Some(now) if now.decision != Decision::Keep => return None,
            Some(now) => Some(alone.get(&key).cloned().unwrap_or_else(|| {
                format!("{}: has to be kept together with what the plan keeps", now.reason.code)
            })),
            // If the listing was incomplete, the manifest may still be there.
            None => unread(&plan, &entry.repository),
        };
        Some(WithheldEntry {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            why,
        })
    };
    let wanted = reviewed.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let left = wanted.filter_map(left).collect();
    Agreement { plan, left }
}

/// Why the repository was not read completely, if it was not.
fn unread(plan: &Plan, repository: &Repository) -> Option<String> {
    let coverage = plan.coverage.iter().find(|coverage| coverage.repository == *repository);
    let code = ReasonCode::Keep(KeepCode::PartialCoverage);
    match coverage.map(|coverage| &coverage.unread) {
        Some(None) => None,
        Some(Some(why)) => Some(format!("{code}: {}", why.message)),
        None => Some(format!("{code}: its repository was not read")),
    }
}

fn by_digest(plan: &Plan) -> Entries<'_> {
    plan.entries.iter().map(|entry| ((&entry.repository, &entry.digest), entry)).collect()
}

/// Why a reviewed entry is not applied, if the fresh decision differs.
fn disagreement(reviewed: &PlanEntry, now: &PlanEntry) -> Option<String> {
    let unnamed =
        |tags: &[TagName], named: &[TagName]| tags.iter().find(|tag| !named.contains(tag)).cloned();
    match (&reviewed.decision, &now.decision) {
        (Decision::Delete, Decision::Delete) => unnamed(&now.tags, &reviewed.tags)
            .map(|tag| format!("it has the tag {tag}, which the plan does not name")),
        (Decision::Untag(named), Decision::Untag(tags)) => unnamed(tags, named)
            .map(|tag| format!("it would lose the tag {tag} too, which the plan does not say")),
        (_, Decision::Keep) => Some(format!("{}: {}", now.reason.code, now.reason.message)),
        (was, is) => Some(format!("it would be {} now, not {}", past(is), past(was))),
    }
}

fn past(decision: &Decision) -> &'static str {
    match decision {
        Decision::Keep => "kept",
        Decision::Untag(_) => "untagged",
        Decision::Delete => "deleted",
    }
}
