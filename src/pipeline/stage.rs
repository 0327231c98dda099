//! The jobs of a run that migrate, and those that deploy: how long they took and how they ended.

use chrono::{DateTime, TimeDelta, Utc};
use globset::GlobMatcher;

use crate::model::{Conclusion, Job, Run, RunState};

/// An attempt of a run that has ended, with its jobs: of each name the newest entry of this attempt or
/// an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The attempt.
    pub run: Run,
    /// Its jobs.
    pub jobs: Vec<Job>,
}

impl Attempt {
    /// The jobs whose name matches.
    pub(super) fn matching<'a>(&'a self, names: &[GlobMatcher]) -> Vec<&'a Job> {
        let matches = |job: &&Job| names.iter().any(|name| name.is_match(&job.name));
        self.jobs.iter().filter(matches).collect()
    }

    /// When the attempt of a job began.
    fn beginning(&self, attempt: u32) -> Option<DateTime<Utc>> {
        if attempt == self.run.attempt {
            return Some(self.run.started);
        }
        if attempt == 1 {
            return Some(self.run.created);
        }
        // GitHub does not list when earlier attempts began.
        self.jobs.iter().filter(|job| job.attempt == attempt).filter_map(|job| job.started).min()
    }
}

/// Some jobs of a run, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// How long it took, in whole seconds; none if nothing of it ran.
    pub seconds: Option<u64>,
    /// How it ended: the gravest end of its jobs. It is a success only if every job succeeded.
    pub conclusion: Conclusion,
    /// When the last of its jobs ended, if one ran.
    pub ended: Option<DateTime<Utc>>,
}

/// The migrations of a run: from the start of the first job to the end of the last one. After a re-run
/// it is the longest of the attempts.
pub(super) fn migrate_stage(jobs: &[&Job]) -> Option<Stage> {
    let attempts = jobs.iter().filter(|job| has_run(job)).map(|job| job.attempt);
    let longest = attempts.filter_map(|attempt| span(jobs, attempt)).max();
    stage(jobs, longest)
}

/// The deployment of a run: from the start of its attempt to the end of the last job.
pub(super) fn deploy_stage(attempt: &Attempt, jobs: &[&Job]) -> Option<Stage> {
    let last =
        last_to_end(jobs).and_then(|job| Some(job.completed? - attempt.beginning(job.attempt)?));
    stage(jobs, last)
}

fn stage(jobs: &[&Job], took: Option<TimeDelta>) -> Option<Stage> {
    Some(Stage {
        seconds: took.map(|took| u64::try_from(took.num_seconds()).unwrap_or(0)),
        conclusion: jobs.iter().map(|job| conclusion(job)).max_by_key(|end| gravity(*end))?,
        ended: last_to_end(jobs).and_then(|job| job.completed),
    })
}

fn last_to_end<'a>(jobs: &[&'a Job]) -> Option<&'a Job> {
    let ran = jobs.iter().copied().filter(|job| has_run(job) && job.completed.is_some());
    ran.max_by_key(|job| (job.completed, job.id))
}

fn span(jobs: &[&Job], attempt: u32) -> Option<TimeDelta> {
    let of = || jobs.iter().filter(|job| job.attempt == attempt && has_run(job));
    let first = of().filter_map(|job| job.started).min()?;
    Some(of().filter_map(|job| job.completed).max()? - first)
}

/// Whether a job ran at all.
pub(super) fn has_run(job: &Job) -> bool {
    job.started.is_some() && conclusion(job) != Conclusion::Skipped
}

/// How long a job took.
pub(super) fn duration(job: &Job) -> Option<TimeDelta> {
    Some(job.completed? - job.started?)
}

/// How a job of an attempt ended. One that GitHub does not call completed ended in an unknown way.
pub(super) fn conclusion(job: &Job) -> Conclusion {
    match job.state {
        RunState::Completed(conclusion) => conclusion,
        RunState::Queued | RunState::InProgress => Conclusion::Other,
    }
}

fn gravity(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Success => 0,
        Conclusion::Skipped => 1,
        Conclusion::Neutral => 2,
        Conclusion::Stale => 3,
        Conclusion::ActionRequired => 4,
        Conclusion::Other => 5,
        Conclusion::Cancelled => 6,
        Conclusion::TimedOut => 7,
        Conclusion::StartupFailure => 8,
        Conclusion::Failure => 9,
    }
}
