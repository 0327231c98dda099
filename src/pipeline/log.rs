//! Which logs of a run are read, and what was read of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::evidence::LogEvidence;
use super::stage::{Attempt, deploy_stage, has_run};
use crate::model::{Conclusion, Digest, Job, Place, RunId};
use crate::policy::Deploys;

/// What was read of one run besides its jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunLogs {
    /// The logs of its jobs.
    pub logs: Vec<JobLog>,
    /// What the SHA tags of its commit point to now.
    pub tags: BTreeMap<Place, Digest>,
}

/// What a job is to the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobRole {
    /// It deploys.
    Deploy,
    /// It migrates.
    Migrate,
    /// Something else; it may have pushed the images.
    Other,
}

/// The log of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLog {
    /// The name of the job.
    pub job: String,
    /// What the job is to the deployment.
    pub role: JobRole,
    /// What was read.
    pub log: LogRead,
}

/// What was read of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRead {
    /// All of it.
    Whole(LogEvidence),
    /// The beginning; it is longer than the limit.
    Beginning(LogEvidence),
    /// Nothing: GitHub does not have it any more.
    Expired,
}

impl LogRead {
    pub(super) fn evidence(&self) -> Option<&LogEvidence> {
        match self {
            Self::Whole(evidence) | Self::Beginning(evidence) => Some(evidence),
            Self::Expired => None,
        }
    }
}

/// The jobs whose logs may show something: all that ran and ended.
#[must_use]
pub fn logged_jobs<'a>(deploys: &Deploys, attempt: &'a Attempt) -> Vec<(&'a Job, JobRole)> {
    let role = |job: &Job| {
        let matches = |names: &[globset::GlobMatcher]| names.iter().any(|n| n.is_match(&job.name));
        match (matches(&deploys.jobs), matches(&deploys.migrate_jobs)) {
            (true, _) => JobRole::Deploy,
            (false, true) => JobRole::Migrate,
            (false, false) => JobRole::Other,
        }
    };
    let ended = |job: &&Job| has_run(job) && job.completed.is_some();
    attempt.jobs.iter().filter(ended).map(|job| (job, role(job))).collect()
}

/// The runs that deployed last, at most this many: those whose logs are read.
#[must_use]
pub fn newest_deployed(deploys: &Deploys, attempts: &[Attempt], most: usize) -> Vec<RunId> {
    let mut deployed: Vec<(DateTime<Utc>, RunId)> =
        attempts.iter().filter_map(|attempt| deployed(deploys, attempt)).collect();
    deployed.sort_unstable_by(|a, b| b.cmp(a));
    deployed.into_iter().take(most).map(|(_, id)| id).collect()
}

fn deployed(deploys: &Deploys, attempt: &Attempt) -> Option<(DateTime<Utc>, RunId)> {
    let stage = deploy_stage(attempt, &attempt.matching(&deploys.jobs))?;
    let time = stage.ended.filter(|_| stage.conclusion == Conclusion::Success)?;
    Some((time, attempt.run.id))
}
