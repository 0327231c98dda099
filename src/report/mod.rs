//! From values to text: a [`Report`] in, text in one [`Format`] out; nothing but the format that is
//! asked for is made, and a large one is written as it is made.
//!
//! All text from outside passes through `escape` on its way, each format in its own manner.

pub mod escape;
pub mod github;
pub mod json;

mod block;
mod cleanup;
mod doctor;
mod document;
#[cfg(test)]
mod dummy;
mod exit;
mod format;
mod garbage;
mod grouping;
mod human;
mod linting;
mod listing;
mod markdown;
mod moving;
mod outcome;
mod repairing;
mod rollback;
mod sarif;
mod undoing;
mod view;
mod words;

use chrono::{DateTime, Utc};

pub use cleanup::{Cleanup, CleanupCommand};
pub use doctor::{Check, CheckStatus, DoctorReport, RegistryChecks};
pub use document::{move_question, question, repair_question, rule_explanation};
pub use exit::Exit;
pub use format::Format;
pub use garbage::{GarbageAction, GarbageOutcome, GarbageRun};
pub use grouping::ReleaseNames;
pub use human::beside;
pub use linting::Linting;
pub use listing::Listing;
pub use moving::{Move, MoveProblem};
pub use repairing::{Repair, RepairCopy, RepairGuard, RepairResult, UnreadPlace};
pub use rollback::{CurrentRelease, Rollback, RollbackVerdict, Target, TargetImage};
pub use view::{Detail, View};
pub use words::{age, counted};

use crate::change::{Application, Undone};
use crate::model::UnreadCause;
use crate::retention::Explanation;
use crate::verify::Verification;

/// What a command gives.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
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
    /// `tags lint`
    Lint(Linting),
}

/// What `tags rollback-target` reports.
#[derive(Debug)]
pub struct RollbackTarget {
    /// The answer.
    pub rollback: Rollback,
    /// The time that counts as now: ages are counted to it.
    pub now: DateTime<Utc>,
}

/// What `tags explain` reports.
#[derive(Debug)]
pub struct Explain {
    /// The answer.
    pub explanation: Explanation,
    /// The gravest cause for which a repository was not read to its end: what is not found may be
    /// there.
    pub unread: Option<UnreadCause>,
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
            Self::Lint(_) => "lint",
        }
    }

    /// What became of a plan, where one was applied.
    #[must_use]
    pub fn application(&self) -> Option<&Application> {
        match self {
            Self::Cleanup(cleanup) => cleanup.application.as_ref(),
            _ => None,
        }
    }

    /// Whether annotations are written in GitHub Actions without being asked for.
    #[must_use]
    pub fn annotates_by_itself(&self) -> bool {
        matches!(self, Self::Verify(_) | Self::Cleanup(_) | Self::Lint(_))
    }
}
