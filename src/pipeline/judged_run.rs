//! A run after it was judged: what is reported of it.

use chrono::{DateTime, Utc};

use super::evidence::Evidence;
use super::stage::Stage;
use crate::model::{Conclusion, RunId, Sha};

/// A run, with its migrations, its deployment, and what its logs show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRun {
    /// Its number.
    pub id: RunId,
    /// The attempt that was judged: the newest that has ended.
    pub attempt: u32,
    /// The commit that it built, if it names one.
    pub sha: Option<Sha>,
    /// How it ended.
    pub conclusion: Conclusion,
    /// Its page.
    pub url: String,
    /// When its first attempt was created.
    pub created: DateTime<Utc>,
    /// When the attempt began.
    pub started: DateTime<Utc>,
    /// Its migrations; none if no job of it matches.
    pub migrate: Option<Stage>,
    /// Its deployment; none if no job of it matches.
    pub deploy: Option<Stage>,
    /// Whether the migrations failed, or were ended at their time limit.
    pub migrate_failed: bool,
    /// The environment's images that it pulled and pushed, by the logs that were read.
    pub evidence: Vec<JobEvidence>,
}

/// What the log of one job shows of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEvidence {
    /// The name of the job.
    pub job: String,
    /// What it shows.
    pub evidence: Evidence,
}
