//! The result of carrying out a plan: entry by entry, what had to survive, and what it comes to for
//! the outcome word and the exit code.

use crate::model::{Digest, EnvironmentName, Repository, TagName};
use crate::retention::Plan;

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyResult {
    /// It is deleted.
    Deleted,
    /// It lost the tags that it was to lose.
    Untagged,
    /// It had gone already, which a listing confirmed.
    AlreadyGone,
    /// It changed since the plan was made, and was left alone.
    Skipped,
    /// The registry keeps it by a rule of its own.
    Retained,
    /// It could not be done.
    Failed(FailureCause),
}

impl ApplyResult {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Untagged => "untagged",
            Self::AlreadyGone => "already-gone",
            Self::Skipped => "skipped",
            Self::Retained => "retained",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why an entry could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCause {
    /// A right is missing: 401, 403, deletion switched off, or a 404 that a listing contradicts.
    Rights,
    /// Anything else.
    Registry,
}

/// One entry of the plan with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedEntry {
    /// Where it is, or was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// What became of it.
    pub result: ApplyResult,
    /// The same in words.
    pub message: String,
}

/// Something that had to survive, looked at again after the deletions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The environment that needs it.
    pub environment: EnvironmentName,
    /// Where it is.
    pub repository: Repository,
    /// Its tag.
    pub tag: TagName,
    /// What is missing of it, if anything is.
    pub damage: Option<String>,
    /// Why it could not be looked at, if so.
    pub unread: Option<String>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Application {
    /// What was tried, in the order of the plan's entries; entries that were not reached before an
    /// interruption are missing.
    pub applied: Vec<AppliedEntry>,
    /// What had to survive, looked at again. Empty where nothing was deleted, or after an
    /// interruption.
    pub survivors: Vec<Survivor>,
    /// Whether it was interrupted before the end.
    pub interrupted: bool,
    /// Whether it ended early because nothing moved any more: a limit did not end.
    pub stalled: bool,
}

/// Whether a plan was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// Every repository was read to its end, and every entry done, skipped or retained.
    Whole,
    /// A repository was not read to its end, an entry failed, or it was interrupted.
    Partial,
}

/// The end of an application or of an undoing, the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeVerdict {
    /// Somebody asked to stop.
    Interrupted,
    /// Something was done, and something failed.
    Partial,
    /// Nothing was done, and a right was missing.
    Rights,
    /// Nothing was done for another cause, or a part of the registries could not be read.
    Unread,
    /// Something that had to survive is damaged, or what was to come back is lost.
    Damaged,
    /// All is well.
    Done,
}

impl Application {
    /// Whether anything in a registry is other than before.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let is_done = |entry: &AppliedEntry| {
            matches!(entry.result, ApplyResult::Deleted | ApplyResult::Untagged)
        };
        self.applied.iter().any(is_done)
    }

    /// What it comes to, given the plan that it is of.
    #[must_use]
    pub fn verdict(&self, plan: &Plan) -> ChangeVerdict {
        let done = self.has_changed();
        if self.interrupted {
            return ChangeVerdict::Interrupted;
        }
        match failed(self.applied.iter().map(|entry| entry.result)) {
            Some(_) if done => ChangeVerdict::Partial,
            None if self.stalled && done => ChangeVerdict::Partial,
            None if self.stalled => ChangeVerdict::Unread,
            Some(FailureCause::Rights) => ChangeVerdict::Rights,
            Some(FailureCause::Registry) => ChangeVerdict::Unread,
            None if !plan.is_whole() => ChangeVerdict::Unread,
            None if self.survivors.iter().any(|survivor| survivor.unread.is_some()) => {
                ChangeVerdict::Unread
            }
            None if self.survivors.iter().any(|survivor| survivor.damage.is_some()) => {
                ChangeVerdict::Damaged
            }
            None => ChangeVerdict::Done,
        }
    }

    /// Whether the plan was carried out.
    #[must_use]
    pub fn execution(&self, plan: &Plan) -> Execution {
        let is_failed = failed(self.applied.iter().map(|entry| entry.result)).is_some();
        if plan.is_whole() && !is_failed && !self.interrupted && !self.stalled {
            Execution::Whole
        } else {
            Execution::Partial
        }
    }
}

/// The gravest cause of failure.
fn failed(results: impl Iterator<Item = ApplyResult>) -> Option<FailureCause> {
    results
        .filter_map(|result| match result {
            ApplyResult::Failed(cause) => Some(cause),
            _ => None,
        })
        .min()
}
