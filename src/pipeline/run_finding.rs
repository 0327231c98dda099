//! The findings about runs, each kind with a stable code.

use std::fmt;

use crate::model::{EnvironmentName, RunId, Severity};

/// The kinds of findings; the codes are part of the contract with users' scripts.
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
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum RunCode {
    /// The migrations were ended at their time limit.
    MigrateKilled,
    /// The migrations failed.
    MigrateFailed,
    /// Something was deployed without its migrations.
    MigrateMissing,
    /// A deploy job began before the migrations had succeeded.
    DeployBeforeMigrate,
    /// The migrations took longer than their limit.
    MigrateSlow,
    /// It took longer than the limit until everything was deployed.
    DeploySlow,
    /// An image was deployed by a tag that moves.
    DeployByMovingTag,
    /// An image of another commit was deployed.
    DeployOtherSha,
    /// Another image was deployed than the one that was pushed.
    DeployOtherDigest,
    /// The logs do not tell which image was deployed.
    DeployNoEvidence,
    /// Something failed because it already exists.
    AlreadyExists,
    /// Too many runs failed.
    FailureRate,
    /// Too many migrations failed.
    MigrateFailureRate,
    /// GitHub does not have the log any more.
    LogExpired,
    /// There are too few runs for a rate.
    FewRuns,
}

impl RunCode {
    /// Every code.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// How much findings of this kind matter.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::LogExpired | Self::FewRuns => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl fmt::Display for RunCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something about a run, or about all runs of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFinding {
    /// Its kind.
    pub code: RunCode,
    /// The environment.
    pub environment: EnvironmentName,
    /// The run; none if it is about all of them.
    pub run: Option<RunId>,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}
