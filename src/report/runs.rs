//! What `tags runs` reports: the judged runs of each environment, their rates, and the rollback target.

use crate::model::{EnvironmentName, Severity, Sha, Unread, UnreadCause};
use crate::pipeline::{RunFinding, RunsVerdict, Split};
use crate::policy::RunLimits;

/// The outcome of `tags runs`.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// The environments, by name.
    pub environments: Vec<EnvironmentRuns>,
    /// What could not be read.
    pub unread: Vec<UnreadRuns>,
}

/// The runs of an environment.
#[derive(Debug, Clone)]
pub struct EnvironmentRuns {
    /// The environment.
    pub environment: EnvironmentName,
    /// What its runs are judged by.
    pub limits: RunLimits,
    /// Its runs and what is wrong with them.
    pub verdict: RunsVerdict,
    /// Whether all of its runs that were asked for could be read.
    pub is_complete: bool,
    /// The rates before and since a change, if that was asked for.
    pub split: Option<Split>,
    /// Whether a rollback is possible.
    pub rollback: RollbackState,
}

/// Whether an environment has a release to roll back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackState {
    /// It has this one.
    Target(Sha),
    /// It has none, and why, if more is known.
    None(String),
    /// Too little could be read to know.
    Unknown,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadRuns {
    /// What.
    pub what: String,
    /// Why.
    pub why: Unread,
}

impl Runs {
    /// All findings, errors first; those of one severity by environment.
    #[must_use]
    pub fn findings(&self) -> Vec<&RunFinding> {
        let mut all: Vec<&RunFinding> =
            self.environments.iter().flat_map(|of| &of.verdict.findings).collect();
        all.sort_by_key(|finding| finding.code.severity());
        all
    }

    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().iter().filter(|finding| finding.code.severity() == severity).count()
    }

    /// The gravest cause for which something could not be read.
    #[must_use]
    pub fn unread_cause(&self) -> Option<UnreadCause> {
        self.unread.iter().map(|unread| unread.why.cause).min()
    }

    /// The outcome in one word. What could not be read takes precedence over a finding.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match (self.unread_cause(), self.count(Severity::Error)) {
            (Some(_), _) => "unknown",
            (None, 0) => "ok",
            (None, _) => "failed",
        }
    }
}
