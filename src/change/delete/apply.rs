//! Carries out an approved plan: its repositories in parallel, then a check of what had to survive.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::journal_guard::JournalGuard;
use super::repository::repository_apply;
use super::run::Task;
use super::survivors::{SurvivorCheck, survivors_check};
use super::waits::RunWaits;
use crate::change::access::RegistryAccess;
use crate::change::journal::{Journal, JournalError};
use crate::change::result::{Application, AppliedEntry, ApplyResult, FailureCause};
use crate::change::stop::Stop;
use crate::collect::Collector;
use crate::model::{Repository, TagName};
use crate::policy::Policy;
use crate::retention::{ApprovedPlan, Decision, PlanEntry};

/// How many repositories are processed at once.
const AT_ONCE: usize = 4;

/// The input of [`apply`].
#[derive(Clone, Copy)]
pub struct ApplyJob<'a> {
    /// The registries, and the receiver of the progress.
    pub collector: Collector<'a>,
    /// The plan.
    pub plan: &'a ApprovedPlan,
    /// The policy under which it was approved.
    pub policy: &'a Policy,
    /// Where every step is recorded first.
    pub journal: &'a Journal,
    /// After a requested stop nothing new is started.
    pub stop: &'a Stop,
    /// How long it continues without progress, such as under a rate limit that does not end.
    pub patience: Duration,
}

/// A plan that could not be applied further.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The journal cannot be written; nothing was started after that.
    #[error("nothing more is deleted")]
    Journal {
        /// Why.
        source: JournalError,
        /// What had been done by then; survivors were not checked.
        application: Application,
    },
}

/// Applies a plan.
///
/// # Errors
/// [`ApplyError`] when the journal cannot be written. All other failures are in the application.
pub async fn apply(job: &ApplyJob<'_>) -> Result<Application, ApplyError> {
    job.journal.keep_out(job.collector.connections.http().secrets());
    let journal = JournalGuard::new(job.journal, job.stop);
    let waits = RunWaits::new(job.stop, job.patience);
    let entries = &job.plan.plan().entries;
    let work = stream::iter(entries.chunk_by(|a, b| a.repository == b.repository))
        .map(|entries| apply_in_repository(job, (&journal, &waits), entries))
        .buffered(AT_ONCE)
        .flat_map(stream::iter)
        .collect();
    let applied: Vec<AppliedEntry> = tokio::select! {
        biased;
        applied = work => applied,
        () = job.stop.grace_over() => journal.so_far(),
    };
    let (interrupted, stalled) = (journal.interrupted(), waits.is_stalled());
    let settled = !interrupted
        && !stalled
        && !applied.iter().any(|entry| matches!(entry.result, ApplyResult::Failed(_)));
    if settled {
        journal.end();
    }
    let application = Application { applied, survivors: Vec::new(), interrupted, stalled };
    if let Some(source) = journal.into_broken() {
        return Err(ApplyError::Journal { source, application });
    }
    if interrupted {
        return Ok(application);
    }
    let (collector, policy) = (job.collector, job.policy);
    let check = SurvivorCheck { collector, entries, policy };
    let touched = touched(entries, &application.applied);
    tokio::select! {
        biased;
        survivors = survivors_check(&check, &touched) => Ok(Application { survivors, ..application }),
        () = job.stop.grace_over() => Ok(Application { interrupted: true, ..application }),
    }
}

/// Carries out the entries of one repository.
async fn apply_in_repository(
    job: &ApplyJob<'_>,
    (journal, waits): (&JournalGuard<'_>, &RunWaits<'_>),
    entries: &[PlanEntry],
) -> Vec<AppliedEntry> {
    let Some(PlanEntry { repository, .. }) = entries.first() else {
        return Vec::new();
    };
    let connections = job.collector.connections;
    let Some(access) = RegistryAccess::of(connections, &repository.registry) else {
        return all_failed(entries, "the policy has no such registry");
    };
    let task = Task {
        access,
        repository,
        entries,
        latest_tags: latest_tags(job.policy, repository),
        journal,
        waits,
        progress: job.collector.progress,
    };
    repository_apply(&task).await
}

/// The latest tags of the environments that use a repository.
fn latest_tags(policy: &Policy, repository: &Repository) -> BTreeSet<TagName> {
    let using = policy.environments.values().filter(|environment| environment.uses(repository));
    using.map(|environment| environment.scheme.latest.clone()).collect()
}

fn all_failed(entries: &[PlanEntry], message: &str) -> Vec<AppliedEntry> {
    entries
        .iter()
        .filter(|entry| entry.decision != Decision::Keep)
        .map(|entry| AppliedEntry {
            repository: entry.repository.clone(),
            digest: entry.digest.clone(),
            result: ApplyResult::Failed(FailureCause::Registry),
            message: message.to_owned(),
        })
        .collect()
}

/// The repositories where something was deleted, or may have been: a failed deletion of a tag may have
/// deleted its manifest.
fn touched(entries: &[PlanEntry], applied: &[AppliedEntry]) -> BTreeSet<Repository> {
    let untagged: BTreeSet<_> = entries
        .iter()
        .filter(|entry| matches!(entry.decision, Decision::Untag(_)))
        .map(|entry| (&entry.repository, &entry.digest))
        .collect();
    let is_touched = |entry: &&AppliedEntry| match entry.result {
        ApplyResult::Deleted | ApplyResult::Untagged => true,
        ApplyResult::Failed(_) => untagged.contains(&(&entry.repository, &entry.digest)),
        ApplyResult::AlreadyGone | ApplyResult::Skipped | ApplyResult::Retained => false,
    };
    applied.iter().filter(is_touched).map(|entry| entry.repository.clone()).collect()
}
