//! The outcome of a command as one word, the same in every format.

use super::Report;
use super::undo::counts;
use crate::change::{ChangeVerdict as UndoVerdict, Restoration, Undone};
use crate::model::UnreadCause;
use crate::report::DoctorReport;
use crate::report::{RollbackTarget, RollbackVerdict};
use crate::verify::{Verification, VerifyVerdict};

impl Report {
    /// The outcome in one word, as in the JSON.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Verify(verification) => verify(verification),
            Self::RollbackTarget(answer) => rollback_target(answer),
            Self::List(listing) if listing.unread_cause().is_none() => "ok",
            Self::List(_) => "unknown",
            Self::Cleanup(cleanup) => cleanup.outcome().as_str(),
            Self::Explain(answer) if answer.unread.is_some() => "unknown",
            Self::Explain(answer) if answer.explanation.manifests.is_empty() => "none",
            Self::Explain(_) | Self::Check(_) => "ok",
            Self::Move(moved) => moved.verdict.as_str(),
            Self::Repair(repair) => repair.outcome(),
            Self::Undo(undone) => undo(undone),
            Self::Doctor(examination) => doctor(examination),
            Self::Gc(run) => run.outcome(),
            Self::Init(drafted) => drafted.outcome(),
            Self::Lint(linting) => linting.outcome(),
            Self::Runs(runs) => runs.outcome(),
            Self::Overview(overview) => overview.outcome(),
        }
    }
}

pub(super) fn verify(verification: &Verification) -> &'static str {
    match verification.verdict() {
        VerifyVerdict::Passed => "ok",
        VerifyVerdict::Failed => "failed",
        VerifyVerdict::Unknown(_) => "unknown",
    }
}

pub(super) fn rollback_target(rollback: &RollbackTarget) -> &'static str {
    match rollback.verdict() {
        RollbackVerdict::Found => "ok",
        RollbackVerdict::None => "none",
        RollbackVerdict::Unknown(_) => "unknown",
    }
}

pub(super) fn doctor(examination: &DoctorReport) -> &'static str {
    match examination.missing() {
        None => "ok",
        Some(UnreadCause::Credentials) => "failed",
        Some(UnreadCause::NotFound | UnreadCause::Unreachable) => "unknown",
    }
}

/// `partial` when something was restored and something was not.
pub(super) fn undo(undone: &Undone) -> &'static str {
    let back = |result| matches!(result, Restoration::Restored | Restoration::AlreadyThere);
    match undone.verdict() {
        UndoVerdict::Done => "ok",
        _ if counts(undone, back) == (0, 0) => "failed",
        _ => "partial",
    }
}
