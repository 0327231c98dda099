//! Compares a reviewed plan with a new plan: only what both delete is deleted. The plan file alone is
//! not trusted, since anyone who can write the file could have changed it.

use std::collections::HashMap;

use super::deletion_groups::DeletionGroups;
use super::plan::{Decision, Plan, PlanEntry};
use super::reason::{KeepCode, ReasonCode};
use crate::model::{Digest, Repository, TagName};

/// The result of comparing a reviewed plan with a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The new plan, without the deletions that the reviewed one does not have.
    pub plan: Plan,
    /// What only the reviewed plan would change, in its order.
    pub withheld: Vec<WithheldEntry>,
}

/// A manifest that a reviewed plan would change and the new plan would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithheldEntry {
    /// Its repository.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Why it is kept now; `None` if the registry no longer has it.
    pub why: Option<String>,
}

/// The entries of a plan by repository and digest.
type Entries<'a> = HashMap<(&'a Repository, &'a Digest), &'a PlanEntry>;

/// Compares a reviewed plan with a new one; `groups` are those of the new one.
#[must_use]
pub fn agree(reviewed: &Plan, fresh: Plan, groups: &DeletionGroups) -> Agreement {
    let known = by_digest(reviewed);
    let both = |entry: &PlanEntry| {
        let of = known.get(&(&entry.repository, &entry.digest));
        of.is_some_and(|of| disagreement(of, entry).is_none())
    };
    let before = by_digest(&fresh);
    let disagreements: HashMap<_, _> = reviewed
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
    let withheld = |entry: &PlanEntry| {
        let key = (&entry.repository, &entry.digest);
        let why = match after.get(&key) {
            Some(now) if now.decision != Decision::Keep => return None,
            Some(now) => Some(disagreements.get(&key).cloned().unwrap_or_else(|| {
                format!(
                    "{}: it must be kept together with something that the plan keeps",
                    now.reason.code
                )
            })),
            // If the listing was incomplete, the registry may still have the manifest.
            None => unread(&plan, &entry.repository),
        };
        Some(WithheldEntry {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            why,
        })
    };
    let planned = reviewed.entries.iter().filter(|entry| entry.decision != Decision::Keep);
    let withheld = planned.filter_map(withheld).collect();
    Agreement { plan, withheld }
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

/// Why a reviewed entry is not applied, if the new decision differs.
fn disagreement(reviewed: &PlanEntry, now: &PlanEntry) -> Option<String> {
    let unnamed =
        |tags: &[TagName], named: &[TagName]| tags.iter().find(|tag| !named.contains(tag)).cloned();
    match (&reviewed.decision, &now.decision) {
        (Decision::Delete, Decision::Delete) => unnamed(&now.tags, &reviewed.tags)
            .map(|tag| format!("it has the tag {tag}, which the plan does not name")),
        (Decision::Untag(named), Decision::Untag(tags)) => unnamed(tags, named)
            .map(|tag| format!("it would also lose the tag {tag}, which the plan does not name")),
        (_, Decision::Keep) => Some(format!("{}: {}", now.reason.code, now.reason.message)),
        (was, is) => Some(format!("it would be {} now, not {}", participle(is), participle(was))),
    }
}

fn participle(decision: &Decision) -> &'static str {
    match decision {
        Decision::Keep => "kept",
        Decision::Untag(_) => "untagged",
        Decision::Delete => "deleted",
    }
}
