//! What was deployed to an environment, as runs of the pipeline and records tell of it.

use chrono::{DateTime, Utc};

use super::{RunId, Sha};

/// Where a deployment is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum DeploymentSource {
    /// A record that was written when the release was seen to run.
    Record,
    /// The deploy jobs of a run.
    Run,
}

impl DeploymentSource {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentResult {
    /// The release was deployed, and is known to be good.
    Good,
    /// It was deployed, and something after that failed in the same run.
    RunFailed,
    /// It was deployed, and the run has not ended.
    RunUnfinished,
    /// It was deployed by one source, and another one says something else.
    Disputed,
    /// A deploy job did not succeed: the release may be deployed in part.
    JobFailed,
    /// The deploy jobs have not ended: the release may be deployed in part.
    JobUnfinished,
}

impl DeploymentResult {
    /// Whether the release was deployed as a whole.
    #[must_use]
    pub fn is_deployed(self) -> bool {
        match self {
            Self::Good | Self::RunFailed | Self::RunUnfinished | Self::Disputed => true,
            Self::JobFailed | Self::JobUnfinished => false,
        }
    }
}

/// One deployment of a release, or an attempt at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The commit, or a prefix of it.
    pub sha: Sha,
    /// When it was deployed: the end of the last deploy job, or the time of the record. For one that was
    /// not deployed, the last time that is known of it.
    pub time: DateTime<Utc>,
    /// How it ended.
    pub result: DeploymentResult,
    /// Where it is known from.
    pub source: DeploymentSource,
    /// The run that deployed it, if one is known.
    pub run: Option<RunId>,
    /// The page of that run.
    pub url: Option<String>,
    /// How it ended, in words.
    pub detail: String,
}

/// A run that may have deployed a release, and whose jobs were not read; or a record of which it is not
/// known whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadRun {
    /// The commit that it names.
    pub sha: Sha,
    /// Nothing in it happened later.
    pub updated: DateTime<Utc>,
}

/// What was deployed to an environment, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deployments {
    /// What is known, in no particular order.
    pub found: Vec<Deployment>,
    /// What was listed and not examined.
    pub unread: Vec<UnreadRun>,
    /// Whether there are pages of older runs.
    pub has_older: bool,
}

impl Deployments {
    /// Whether everything was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unread.is_empty() && !self.has_older
    }
}
