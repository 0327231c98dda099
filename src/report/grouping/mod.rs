//! A plan in the portions in which a person reviews it: by repository, by reason, by release.
//!
//! Counts and order only; how they are shown is for each format.

mod going;
mod naming;

use std::collections::BTreeMap;

use crate::change::{Application, ApplyResult};
use crate::model::{Digest, ImageName, Repository};
use crate::retention::{Decision, KeepCode, Plan, PlanEntry, ReasonCode, RuleName};

pub(super) use going::{GoingGroup, GoingRelease, going};
pub use naming::ReleaseNames;

/// A number of manifests with their sizes added up, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) manifests: usize,
    pub(super) bytes: u64,
}

impl Amount {
    fn add(&mut self, entry: &PlanEntry) {
        self.manifests += 1;
        self.bytes = self.bytes.saturating_add(entry.bytes.unwrap_or(0));
    }
}

/// What a plan does to one repository.
#[derive(Debug)]
pub(super) struct RepositoryShare<'a> {
    pub(super) repository: &'a Repository,
    pub(super) image: Option<&'a ImageName>,
    /// Whether it was read to its end.
    pub(super) is_whole: bool,
    pub(super) going: Amount,
    /// Manifests that lose tags; they count as staying, too.
    pub(super) untagged: usize,
    pub(super) staying: Amount,
}

/// Each repository, those without a manifest included.
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
            Decision::Delete => share.going.add(entry),
            Decision::Keep => share.staying.add(entry),
            Decision::Untag(_) => {
                share.untagged += 1;
                share.staying.add(entry);
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
        going: Amount::default(),
        untagged: 0,
        staying: Amount::default(),
    })
}

/// What stays for one reason.
#[derive(Debug)]
pub(super) struct StayingGroup<'a> {
    pub(super) code: KeepCode,
    pub(super) rule: Option<&'a RuleName>,
    pub(super) amount: Amount,
}

/// What stays untouched, by reason, in the order in which reasons go before each other.
pub(super) fn staying(plan: &Plan) -> Vec<StayingGroup<'_>> {
    let mut groups: BTreeMap<(KeepCode, Option<&RuleName>), Amount> = BTreeMap::new();
    for entry in plan.entries.iter().filter(|entry| entry.decision == Decision::Keep) {
        if let ReasonCode::Keep(code) = entry.reason.code {
            groups.entry((code, entry.reason.rule.as_ref())).or_default().add(entry);
        }
    }
    let group = |((code, rule), amount)| StayingGroup { code, rule, amount };
    groups.into_iter().map(group).collect()
}

/// Entries that ended alike, in the same words.
#[derive(Debug)]
pub(super) struct AppliedGroup<'a> {
    pub(super) result: ApplyResult,
    pub(super) message: &'a str,
    pub(super) entries: Vec<(&'a Repository, &'a Digest)>,
}

/// What was skipped, retained or failed, with why.
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
