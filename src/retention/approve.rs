//! Checks a plan against limits and coverage: the result is a plan that may be applied, or a refusal.
//!
//! An [`ApprovedPlan`] can be made nowhere else, so nothing is deleted unchecked.

use super::plan::{Decision, EnvironmentSummary, Plan, PlanEntry};
use crate::model::{ClockWarning, EnvironmentName, Repository, TagName};
use crate::policy::Policy;

/// A plan that may be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedPlan(Plan);

impl ApprovedPlan {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    /// The plan, to be reported once it is applied.
    #[must_use]
    pub fn into_plan(self) -> Plan {
        self.0
    }

    /// The entries that are deleted or lose tags.
    pub fn deletions(&self) -> impl Iterator<Item = &PlanEntry> {
        self.0.entries.iter().filter(|entry| entry.decision != Decision::Keep)
    }
}

/// Why a plan must not be applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// More manifests than one run may delete.
    #[error("{count} manifests would be deleted, more than `max-deletions` = {limit}")]
    TooMany {
        /// How many.
        count: usize,
        /// The limit.
        limit: u32,
    },
    /// The oldest group of deletions is larger than a batch.
    #[error("the oldest deletions belong together: {needed} manifests, more than `--batch {size}`")]
    Batch {
        /// How many manifests are deleted together.
        needed: usize,
        /// How many a batch may have.
        size: usize,
    },
    /// A larger share of a repository than one run may delete.
    #[error(
        "{count} of {all} manifests of {repository} would be deleted ({}), more than `max-share` = {limit}",
        percent(*count, *all)
    )]
    TooLargeShare {
        /// The repository.
        repository: Repository,
        /// How many of its manifests would be deleted, tagged or not.
        count: usize,
        /// How many it has.
        all: usize,
        /// The limit, 0 to 1.
        limit: f64,
    },
    /// It is unknown what a rollback would need.
    #[error(
        "{environment} has {releases} releases and none of them is in all of its repositories, so it is unknown which ones a rollback would need"
    )]
    NoFloor {
        /// The environment.
        environment: EnvironmentName,
        /// How many releases it has.
        releases: usize,
    },
    /// Something would be deleted from a repository that was not read completely.
    #[error("{repository} was not read completely, and something would be deleted there")]
    Partial {
        /// The repository.
        repository: Repository,
    },
    /// A latest tag would be deleted.
    #[error("the latest tag {repository}:{tag} would be deleted")]
    LatestTag {
        /// The repository.
        repository: Repository,
        /// The tag.
        tag: TagName,
    },
    /// Something would be deleted from a repository that the policy does not have.
    #[error("{repository} belongs to no image of the policy, and something would be deleted there")]
    ForeignRepository {
        /// The repository.
        repository: Repository,
    },
    /// Clocks differ, so manifests may be younger than they seem.
    #[error("{0}; nothing is deleted while ages may be wrong")]
    Clock(ClockWarning),
}

impl Refusal {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => {
                "review the plan; if all of it may be deleted, raise `max-deletions` in `[limits]`"
            }
            Self::Batch { .. } => "give `--batch` at least that many",
            Self::TooLargeShare { .. } => {
                "review the plan; if all of it may be deleted, raise `max-share` in `[limits]`"
            }
            Self::NoFloor { .. } => {
                "check `images` and `registries` of the environment in the policy; if nothing has to be kept for a rollback, write `rollback-depth = 0` in `[protect]`"
            }
            Self::Partial { .. } | Self::LatestTag { .. } | Self::ForeignRepository { .. } => {
                "make a new plan with `tags cleanup --out`"
            }
            Self::Clock(warning) => warning.hint(),
        }
    }
}

fn percent(count: usize, all: usize) -> String {
    format!("{}%", (count * 100).div_ceil(all.max(1)))
}

/// A plan that must not be applied, with the reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedPlan {
    /// The plan.
    pub plan: Plan,
    /// Every reason.
    pub refusals: Vec<Refusal>,
}

/// Checks a plan against the limits and repositories of the policy, and its own coverage.
///
/// This does not repeat the decision: the plan must come from [`plan()`](super::plan()) on fresh
/// contents, or from [`agree`](super::agree()) if it was read from a file. What depends on clocks is
/// added by [`refuse_also`] before anything is deleted.
///
/// # Errors
/// [`RefusedPlan`] with every reason.
pub fn approve(plan: Plan, policy: &Policy) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    let mut refusals = Vec::new();
    let count = plan.totals().delete;
    let limit = policy.limits.max_deletions;
    if count > usize::try_from(limit).unwrap_or(usize::MAX) {
        refusals.push(Refusal::TooMany { count, limit });
    }
    refusals.extend(without_floor(&plan, policy));
    for entries in plan.entries.chunk_by(|a, b| a.repository == b.repository) {
        refusals.extend(repository(&plan, policy, entries));
    }
    if refusals.is_empty() {
        Ok(ApprovedPlan(plan))
    } else {
        Err(Box::new(RefusedPlan { plan, refusals }))
    }
}

/// Environments that have several releases, none of them complete, and would lose one. Only an explicit
/// `rollback-depth = 0` allows that.
fn without_floor(plan: &Plan, policy: &Policy) -> Vec<Refusal> {
    let wants_floor = policy.protect.rollback_depth > 0;
    let has_none = |summary: &&EnvironmentSummary| {
        let releases = summary.kept + summary.deleted;
        wants_floor && summary.complete == Some(0) && releases > 1 && summary.deleted > 0
    };
    let refusal = |summary: &EnvironmentSummary| Refusal::NoFloor {
        environment: summary.environment.clone(),
        releases: summary.kept + summary.deleted,
    };
    plan.environments.iter().filter(has_none).map(refusal).collect()
}

/// Adds reasons from outside the plan, such as clocks that differ, to the result of [`approve()`].
///
/// # Errors
/// [`RefusedPlan`] with every reason, old and new.
pub fn refuse_also(
    approval: Result<ApprovedPlan, Box<RefusedPlan>>,
    reasons: impl IntoIterator<Item = Refusal>,
) -> Result<ApprovedPlan, Box<RefusedPlan>> {
    let mut reasons = reasons.into_iter().peekable();
    if reasons.peek().is_none() {
        return approval;
    }
    let mut refused = match approval {
        Ok(ApprovedPlan(plan)) => Box::new(RefusedPlan { plan, refusals: Vec::new() }),
        Err(refused) => refused,
    };
    refused.refusals.extend(reasons);
    Err(refused)
}

fn repository(plan: &Plan, policy: &Policy, entries: &[PlanEntry]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let changed = |entry: &&PlanEntry| entry.decision != Decision::Keep;
    let Some(first) = entries.iter().find(changed) else {
        return refusals;
    };
    let repository = &first.repository;
    if !policy.repositories.contains_key(repository) {
        refusals.push(Refusal::ForeignRepository { repository: repository.clone() });
    }
    let covered = plan.coverage.iter().find(|coverage| coverage.repository == *repository);
    if covered.is_none_or(|coverage| coverage.unread.is_some()) {
        refusals.push(Refusal::Partial { repository: repository.clone() });
    }
    let all = entries.len();
    let count = entries.iter().filter(|entry| entry.decision == Decision::Delete).count();
    let limit = policy.limits.max_share;
    #[expect(clippy::cast_precision_loss, reason = "no repository has 2^52 manifests")]
    if count as f64 > limit * all as f64 {
        refusals.push(Refusal::TooLargeShare { repository: repository.clone(), count, all, limit });
    }
    refusals.extend(latest_tags(policy, entries));
    refusals
}

/// Latest tags that would be deleted; [`plan()`](super::plan()) never does that, but a plan file may
/// have been edited.
fn latest_tags(policy: &Policy, entries: &[PlanEntry]) -> Vec<Refusal> {
    let deleted = |entry: &PlanEntry| match &entry.decision {
        Decision::Keep => Vec::new(),
        Decision::Untag(tags) => tags.clone(),
        Decision::Delete => entry.tags.clone(),
    };
    let is_latest = |repository: &Repository, tag: &TagName| {
        policy
            .environments
            .values()
            .any(|environment| environment.scheme.latest == *tag && environment.uses(repository))
    };
    entries
        .iter()
        .flat_map(|entry| deleted(entry).into_iter().map(move |tag| (&entry.repository, tag)))
        .filter(|(repository, tag)| is_latest(repository, tag))
        .map(|(repository, tag)| Refusal::LatestTag { repository: repository.clone(), tag })
        .collect()
}
