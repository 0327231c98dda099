//! What an application comes to, for the outcome word and the exit code.

use super::{Application, AppliedEntry, ApplyResult, FailureCause};
use crate::retention::Plan;

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
