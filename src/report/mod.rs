//! Writes a [`Report`] as text in one [`Format`]. Only the requested format is made, and it is written
//! piece by piece.
//!
//! Every format escapes text from outside with `escape`.

mod diff;
pub mod escape;
pub mod github;
pub mod json;
pub mod metrics;

mod block;
mod check;
mod checkout;
mod cleanup;
mod columns;
mod doctor;
mod document;
#[cfg(test)]
mod dummy;
mod exit;
mod figures;
mod format;
mod gc;
mod grouping;
pub mod html;
mod human;
mod init;
mod lint;
mod list;
mod markdown;
mod moving;
mod outcome;
mod overview;
mod repairing;
mod rollback_target;
mod runs;
mod sarif;
mod undo;
mod view;
mod words;
mod wrap;

pub use check::{PolicyRemark, PolicySummary};
pub use checkout::Checkout;
pub use cleanup::{Cleanup, CleanupCommand, Repeat};
pub use diff::diff;
pub use doctor::{Check, CheckStatus, DoctorReport, GitHubChecks, RegistryChecks};
pub use document::{move_question, question, repair_question, rule_explanation};
pub use exit::Exit;
pub use format::Format;
pub use gc::{GarbageAction, GarbageOutcome, GarbageRun};
pub use grouping::ReleaseNames;
pub use human::{StderrMessage, for_stderr, message, move_preview, stderr_messages};
pub use init::{Drafted, DraftedFile, shell_word};
pub use lint::Linting;
pub use list::{ListedDeployments, Listing, MovedTags};
pub use moving::{Move, MoveProblem};
pub use overview::{EnvironmentOverview, Overview, ReadWarning, RecordedMove, Wholeness};
pub use repairing::{Repair, RepairCopy, RepairGuard, RepairResult, UnreadPlace};
pub use rollback_target::{CurrentRelease, RollbackTarget, RollbackVerdict, Target, TargetImage};
pub use runs::{EnvironmentRuns, RollbackState, Runs, UnreadRuns};
pub use view::{Detail, View};
pub use words::{age, bytes, counted};

use crate::change::{Application, Undone};
use crate::model::{Deployment, UnreadCause};
use crate::retention::{Explanation, RuleLabels};
use crate::verify::Verification;

/// The result of a command.
#[derive(Debug)]
pub enum Report {
    /// `tags verify`
    Verify(Verification),
    /// `tags rollback-target`
    RollbackTarget(RollbackTarget),
    /// `tags list`
    List(Listing),
    /// `tags cleanup` and `tags apply`
    Cleanup(Cleanup),
    /// `tags explain`
    Explain(Explain),
    /// `tags rollback` and `tags promote`
    Move(Move),
    /// `tags repair`
    Repair(Repair),
    /// `tags undo`
    Undo(Undone),
    /// `tags doctor`
    Doctor(DoctorReport),
    /// `tags gc`
    Gc(GarbageRun),
    /// `tags init`
    Init(Drafted),
    /// `tags check`
    Check(PolicySummary),
    /// `tags lint`
    Lint(Linting),
    /// `tags runs`
    Runs(Runs),
    /// `tags report`
    Overview(Box<Overview>),
}

/// What `tags explain` reports.
#[derive(Debug)]
pub struct Explain {
    /// The answer.
    pub explanation: Explanation,
    /// The gravest cause for which a repository of the subject could not be read completely: more of it may
    /// exist there.
    pub unread: Option<UnreadCause>,
    /// The deployments of the release, oldest first; none where the policy does not say what deploys to its
    /// environment, or they could not be read.
    pub deployments: Option<Vec<Deployment>>,
    /// The rules, as people look them up.
    pub rules: RuleLabels,
}

impl Explain {
    /// What is said where nothing is there to explain: what could not be read may have it.
    #[must_use]
    pub fn not_found(&self) -> &'static str {
        match self.unread {
            Some(_) => "not found in what could be read",
            None => "not found",
        }
    }
}

impl Report {
    /// The command, as it is written on the command line.
    #[must_use]
    pub fn command(&self) -> &'static str {
        match self {
            Self::Verify(_) => "verify",
            Self::RollbackTarget(_) => "rollback-target",
            Self::List(_) => "list",
            Self::Cleanup(cleanup) => cleanup.command.as_str(),
            Self::Explain(_) => "explain",
            Self::Move(moved) => moved.command.as_str(),
            Self::Repair(_) => "repair",
            Self::Undo(_) => "undo",
            Self::Doctor(_) => "doctor",
            Self::Gc(_) => "gc",
            Self::Init(_) => "init",
            Self::Check(_) => "check",
            Self::Lint(_) => "lint",
            Self::Runs(_) => "runs",
            Self::Overview(_) => "report",
        }
    }

    /// The result of applying a plan, if one was applied.
    #[must_use]
    pub fn application(&self) -> Option<&Application> {
        match self {
            Self::Cleanup(cleanup) => cleanup.application.as_ref(),
            _ => None,
        }
    }

    /// Whether GitHub Actions gets annotations with the human format, too.
    #[must_use]
    pub fn annotates_by_itself(&self) -> bool {
        matches!(self, Self::Verify(_) | Self::Cleanup(_) | Self::Lint(_))
    }
}
