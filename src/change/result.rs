//! The result of carrying out a plan: each entry, what had to survive, and the verdict for the outcome and the
//! exit code.

use crate::model::{Digest, EnvironmentName, Repository, TagName};
use crate::retention::Plan;

/// The result of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyResult {
    /// It was deleted.
    Deleted,
    /// It lost the tags that it was to lose.
    Untagged,
    /// It was deleted already, which a listing or a request confirmed.
    AlreadyGone,
    /// It changed since the plan was made, and was not deleted.
    Skipped,
    /// The registry keeps it by a rule of its own.
    Retained,
    /// It failed.
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

/// Why an entry failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCause {
    /// A permission is missing: 401, 403, deletion disabled, or a 404 for a manifest that exists.
    Rights,
    /// Anything else.
    Registry,
}

/// One entry of the plan with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedEntry {
    /// Where it is, or was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// The result.
    pub result: ApplyResult,
    /// The result as a message.
    pub message: String,
}

/// A tag that had to survive, checked after the deletions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The environment that needs it.
    pub environment: EnvironmentName,
    /// Where it is.
    pub repository: Repository,
    /// Its tag.
    pub tag: TagName,
    /// What is missing, if anything.
    pub damage: Option<String>,
    /// Why it could not be checked, if so.
    pub unread: Option<String>,
}

/// The result of carrying out a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Application {
    /// What was tried, in the order of the plan's entries; entries that were not reached before an
    /// interruption are missing.
    pub applied: Vec<AppliedEntry>,
    /// The checks of what had to survive. Empty if nothing was deleted, or after an interruption.
    pub survivors: Vec<Survivor>,
    /// Whether it was interrupted before the end.
    pub interrupted: bool,
    /// Whether it ended early without progress, since a rate limit did not end.
    pub stalled: bool,
}

/// Whether a plan was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// Every repository was read completely, and every entry was carried out, skipped or retained.
    Whole,
    /// A repository was not read completely, an entry failed, or it was interrupted.
    Partial,
}

/// The verdict on an application or an undo: the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeVerdict {
    /// A stop was requested.
    Interrupted,
    /// Something was done, and something failed.
    Partial,
    /// Nothing was done, and a permission was missing.
    Rights,
    /// Nothing was done for another reason, or a part of the registries could not be read.
    Unread,
    /// Something that had to survive is damaged, or something that was to be restored is lost.
    Damaged,
    /// Everything succeeded.
    Done,
}

impl Application {
    /// Whether anything in a registry was changed.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let is_done = |entry: &AppliedEntry| {
            matches!(entry.result, ApplyResult::Deleted | ApplyResult::Untagged)
        };
        self.applied.iter().any(is_done)
    }

    /// The verdict, given the plan.
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

/// The most severe cause of failure.
fn failed(results: impl Iterator<Item = ApplyResult>) -> Option<FailureCause> {
    results
        .filter_map(|result| match result {
            ApplyResult::Failed(cause) => Some(cause),
            _ => None,
        })
        .min()
}
