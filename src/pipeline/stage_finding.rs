//! Judges the times and the order of one run: its migrations first, in time, and its deployment after them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::run_finding::RunCode;
use super::stage::{Attempt, Stage, conclusion, duration, has_run};
use crate::model::{Conclusion, Job};
use crate::policy::{Deploys, RunLimits};

/// GitHub ends a job a little before or after its limit.
const NEAR_LIMIT: Duration = Duration::from_secs(30);

/// Something about one run: its kind, a message and a hint.
pub(super) struct Remark {
    pub(super) code: RunCode,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Remark {
    pub(super) fn new(code: RunCode, message: String, hint: &str) -> Self {
        Self { code, message, hint: Some(hint.to_owned()) }
    }
}

/// The jobs of a run that are judged.
pub(super) struct StageJobs<'a> {
    pub(super) migrate: Vec<&'a Job>,
    pub(super) deploy: Vec<&'a Job>,
}

impl<'a> StageJobs<'a> {
    pub(super) fn of(attempt: &'a Attempt, deploys: &Deploys) -> Self {
        Self {
            migrate: attempt.matching(&deploys.migrate_jobs),
            deploy: attempt.matching(&deploys.jobs),
        }
    }

    /// What is wrong with the migrations, if anything: the gravest only.
    pub(super) fn migrations(
        &self,
        deploys: &Deploys,
        limits: &RunLimits,
        stage: Option<&Stage>,
    ) -> Option<Remark> {
        killed(&self.migrate, limits)
            .or_else(|| failed(&self.migrate))
            .or_else(|| self.missing(deploys))
            .or_else(|| slow_migrations(stage, limits))
    }

    /// Whether something was deployed without its migrations.
    fn missing(&self, deploys: &Deploys) -> Option<Remark> {
        if deploys.migrate_jobs.is_empty() || !self.deploy.iter().any(|job| has_run(job)) {
            return None;
        }
        let skipped = self.migrate.iter().find(|job| conclusion(job) == Conclusion::Skipped);
        let message = match (self.migrate.is_empty(), skipped) {
            (true, _) => "it deployed, and no job of it matches `migrate-jobs`".to_owned(),
            (false, Some(job)) => format!("it deployed, and the job {} was skipped", name(job)),
            (false, None) => return None,
        };
        let hint = "a deployment without its migrations runs on an older database; let the deploy jobs need the migrate job, or let `migrate-jobs` match only jobs of this environment";
        Some(Remark::new(RunCode::MigrateMissing, message, hint))
    }

    /// A deploy job that began before the migrations had succeeded.
    pub(super) fn order(&self) -> Option<Remark> {
        let mut deploys: Vec<&Job> =
            self.deploy.iter().copied().filter(|job| has_run(job)).collect();
        deploys.sort_by_key(|job| (job.started, job.id));
        let ran = |job: &&&Job| has_run(job);
        let pairs = deploys.into_iter().flat_map(|deploy| {
            let others = self.migrate.iter().filter(ran).filter(move |other| other.id != deploy.id);
            others.map(move |migrate| (deploy, *migrate))
        });
        let message = pairs.into_iter().find_map(|(deploy, migrate)| too_early(deploy, migrate))?;
        let hint = "new code meets the old database in between; let the deploy job need the migrate job (`needs`)";
        Some(Remark::new(RunCode::DeployBeforeMigrate, message, hint))
    }
}

fn too_early(deploy: &Job, migrate: &Job) -> Option<String> {
    let (began, ended) = (deploy.started?, migrate.completed?);
    let (first, second) = (name(deploy), name(migrate));
    if began < ended {
        return Some(format!(
            "the job {first} began at {}, before {second} ended at {}",
            clock(began),
            clock(ended)
        ));
    }
    let end = conclusion(migrate);
    (end != Conclusion::Success)
        .then(|| format!("the job {first} began although {second} ended in `{}`", end.as_str()))
}

fn killed(migrations: &[&Job], limits: &RunLimits) -> Option<Remark> {
    let least = seconds(limits.migrate_max.saturating_sub(NEAR_LIMIT));
    let is_killed = |job: &&&Job| {
        // Both words are used of a job that ran into `timeout-minutes`.
        matches!(conclusion(job), Conclusion::Cancelled | Conclusion::TimedOut)
            && duration(job).is_some_and(|took| took >= least)
    };
    let job = migrations.iter().find(is_killed)?;
    let message = format!(
        "the migration {} was ended after {}, at its limit of {} (`{}`)",
        name(job),
        took(duration(job)),
        long(limits.migrate_max),
        conclusion(job).as_str()
    );
    let hint = "a part of it may have been done: look at the database before the next deployment, and run what takes long outside the deployment";
    Some(Remark::new(RunCode::MigrateKilled, message, hint))
}

fn failed(migrations: &[&Job]) -> Option<Remark> {
    let is_failed = |job: &&&Job| {
        matches!(
            conclusion(job),
            Conclusion::Failure | Conclusion::TimedOut | Conclusion::StartupFailure
        )
    };
    let job = migrations.iter().find(is_failed)?;
    let message = format!(
        "the migration {} ended in `{}` after {}",
        name(job),
        conclusion(job).as_str(),
        took(duration(job))
    );
    let hint = "its log says why; a migration that can be repeated makes the next run safe";
    Some(Remark::new(RunCode::MigrateFailed, message, hint))
}

fn slow_migrations(stage: Option<&Stage>, limits: &RunLimits) -> Option<Remark> {
    let seconds = stage?.seconds?;
    (seconds > limits.migrate_max.as_secs()).then(|| {
        let (took, limit) = (long(Duration::from_secs(seconds)), long(limits.migrate_max));
        let message = format!("the migrations took {took}, the limit is {limit}");
        let hint = "split the migration, or run what takes long outside the deployment";
        Remark::new(RunCode::MigrateSlow, message, hint)
    })
}

/// It took too long until everything was deployed.
pub(super) fn slow_deployment(stage: Option<&Stage>, limits: &RunLimits) -> Option<Remark> {
    let seconds = stage?.seconds?;
    (seconds > limits.deploy_max.as_secs()).then(|| {
        let (took, limit) = (long(Duration::from_secs(seconds)), long(limits.deploy_max));
        let message = format!(
            "it took {took} from the start of the run to the end of its last deploy job, the limit is {limit}"
        );
        let hint = "the times of its jobs show where it waits; a rollback by a new build takes as long, so prefer one that deploys an image that exists";
        Remark::new(RunCode::DeploySlow, message, hint)
    })
}

/// The name of a job for a message, shortened.
pub(super) fn name(job: &Job) -> String {
    quoted(&job.name)
}

/// A name for a message, shortened.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    if name.chars().count() <= LONGEST {
        return format!("`{name}`");
    }
    format!("`{}…`", name.chars().take(LONGEST - 1).collect::<String>())
}

fn seconds(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

fn clock(time: DateTime<Utc>) -> String {
    time.format("%H:%M:%S").to_string()
}

fn took(delta: Option<TimeDelta>) -> String {
    let seconds = delta.map_or(0, |delta| u64::try_from(delta.num_seconds()).unwrap_or(0));
    long(Duration::from_secs(seconds))
}

fn long(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}
