//! A plan grouped as a person reviews it: by repository, by environment, by reason.
//!
//! Only counts and order; each format decides how to show them.

mod changes;
mod naming;

use std::collections::BTreeMap;

use crate::change::{Application, ApplyResult};
use crate::model::{Digest, ImageName, Repository};
use crate::retention::{Decision, KeepCode, Plan, PlanEntry, ReasonCode, RuleName};

pub(super) use changes::{ChangeGroup, ChangedRelease, changes};
pub use naming::ReleaseNames;

/// A number of manifests, and what they store; content that several share counts with one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) manifests: usize,
    pub(super) bytes: u64,
}

impl Amount {
    pub(super) fn add(&mut self, entry: &PlanEntry) {
        self.manifests += 1;
        self.bytes = self.bytes.saturating_add(entry.stored);
    }
}

/// What a plan does to one repository.
#[derive(Debug)]
pub(super) struct RepositoryShare<'a> {
    pub(super) repository: &'a Repository,
    pub(super) image: Option<&'a ImageName>,
    /// Whether it was read completely.
    pub(super) is_whole: bool,
    pub(super) deleted: Amount,
    /// Manifests that lose tags; they also count as kept.
    pub(super) untagged: usize,
    pub(super) kept: Amount,
}

/// Every repository, including those without manifests.
pub(super) fn repositories(plan: &Plan) -> Vec<RepositoryShare<'_>> {
    let mut shares: BTreeMap<&Repository, RepositoryShare<'_>> = BTreeMap::new();
    for coverage in &plan.coverage {
        let share = share(&mut shares, &coverage.repository);
        share.is_whole = coverage.unread.is_none();
    }
    for entry in &plan.entries {
        let share = share(&mut shares, &entry.repository);
        share.image = share.image.or(entry.image.as_ref());
        match entry.decision {
            Decision::Delete => share.deleted.add(entry),
            Decision::Keep => share.kept.add(entry),
            Decision::Untag(_) => {
                share.untagged += 1;
                share.kept.add(entry);
            }
        }
    }
    shares.into_values().collect()
}

fn share<'m, 'a>(
    shares: &'m mut BTreeMap<&'a Repository, RepositoryShare<'a>>,
    repository: &'a Repository,
) -> &'m mut RepositoryShare<'a> {
    shares.entry(repository).or_insert_with(|| RepositoryShare {
        repository,
        image: None,
        is_whole: true,
        deleted: Amount::default(),
        untagged: 0,
        kept: Amount::default(),
    })
}

/// The manifests that are kept for one reason.
#[derive(Debug)]
pub(super) struct KeptGroup<'a> {
    pub(super) code: KeepCode,
    pub(super) rule: Option<&'a RuleName>,
    pub(super) amount: Amount,
}

/// What is kept unchanged, by reason, in the order in which reasons take precedence.
pub(super) fn kept(plan: &Plan) -> Vec<KeptGroup<'_>> {
    let mut groups: BTreeMap<(KeepCode, Option<&RuleName>), Amount> = BTreeMap::new();
    for entry in plan.entries.iter().filter(|entry| entry.decision == Decision::Keep) {
        if let ReasonCode::Keep(code) = entry.reason.code {
            groups.entry((code, entry.reason.rule.as_ref())).or_default().add(entry);
        }
    }
    let group = |((code, rule), amount)| KeptGroup { code, rule, amount };
    groups.into_iter().map(group).collect()
}

/// Entries with the same result and message.
#[derive(Debug)]
pub(super) struct AppliedGroup<'a> {
    pub(super) result: ApplyResult,
    pub(super) message: &'a str,
    pub(super) entries: Vec<(&'a Repository, &'a Digest)>,
}

/// What was skipped or retained or failed, and why.
pub(super) fn left(application: &Application) -> Vec<AppliedGroup<'_>> {
    let mut groups: BTreeMap<(ApplyResult, &str), Vec<_>> = BTreeMap::new();
    for entry in &application.applied {
        match entry.result {
            ApplyResult::Deleted | ApplyResult::Untagged | ApplyResult::AlreadyGone => {}
            ApplyResult::Skipped | ApplyResult::Retained | ApplyResult::Failed(_) => groups
                .entry((entry.result, entry.message.as_str()))
                .or_default()
                .push((&entry.repository, &entry.digest)),
        }
    }
    let group = |((result, message), entries)| AppliedGroup { result, message, entries };
    groups.into_iter().map(group).collect()
}
