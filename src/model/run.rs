//! Runs of a pipeline and their jobs, as GitHub Actions tells of them.
//!
//! <https://docs.github.com/rest/actions/workflow-runs>, <https://docs.github.com/rest/actions/workflow-jobs>

use std::fmt;

use chrono::{DateTime, Utc};

use super::Sha;

/// The number of a run. A re-run keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a run or a job ended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[strum(serialize_all = "snake_case")]
pub enum Conclusion {
    /// It did what it should.
    Success,
    /// It failed.
    Failure,
    /// It ended without a judgement.
    Neutral,
    /// Somebody cancelled it, or it ran into `timeout-minutes`.
    Cancelled,
    /// It was not run.
    Skipped,
    /// It ran into its time limit.
    TimedOut,
    /// It waited for somebody's approval.
    ActionRequired,
    /// GitHub gave it up.
    Stale,
    /// Its workflow could not be started.
    StartupFailure,
    /// Another word than the known ones.
    Other,
}

impl Conclusion {
    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How far a run or a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It has not begun: queued, waiting, requested or pending.
    Queued,
    /// It runs.
    InProgress,
    /// It ended.
    Completed(Conclusion),
}

impl RunState {
    /// How it ended; none while it has not.
    #[must_use]
    pub fn conclusion(self) -> Option<Conclusion> {
        match self {
            Self::Completed(conclusion) => Some(conclusion),
            Self::Queued | Self::InProgress => None,
        }
    }
}

/// One attempt of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number; the same for all attempts.
    pub id: RunId,
    /// Which attempt, counted from 1.
    pub attempt: u32,
    /// The file of its workflow, without folders: `main-pipeline.yml`.
    pub workflow: String,
    /// The commit of the workflow. For `workflow_run` events that is not the commit that was built.
    pub head_sha: Sha,
    /// The branch, if it has one.
    pub branch: Option<String>,
    /// The event that began it, such as `push`.
    pub event: String,
    /// Its title: the workflow's `run-name`.
    pub title: String,
    /// How far it is.
    pub state: RunState,
    /// When the first attempt was created.
    pub created: DateTime<Utc>,
    /// When this attempt began.
    pub started: DateTime<Utc>,
    /// When anything of it changed last. Nothing of it happened later.
    pub updated: DateTime<Utc>,
    /// Its page.
    pub url: String,
}

/// One job of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// The attempt that ran it. A re-run of failed jobs keeps the others from earlier attempts.
    pub attempt: u32,
    /// Its name, as in `deploy-prod / Deploy backend` or `build (a, b)`.
    pub name: String,
    /// How far it is.
    pub state: RunState,
    /// When it began, if it did.
    pub started: Option<DateTime<Utc>>,
    /// When it ended, if it did.
    pub completed: Option<DateTime<Utc>>,
    /// Its page, if it has one.
    pub url: Option<String>,
}
