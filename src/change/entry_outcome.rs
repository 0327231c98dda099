//! What is known of one entry after it was tried, or of one that is not tried.

use super::access::Failure;
use super::{ApplyResult, FailureCause};

/// What became of an entry, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The registry accepted the deletion; whether it was done is still to be read.
    Accepted,
    /// It was sent, and the answer was an error; it may have been done all the same.
    Unclear(Failure),
    /// The registry refuses this one for good. If it took others, that is a rule of its own, else
    /// a right is missing or deletion is switched off.
    Refused(Failure),
    /// All that there is to know.
    Known(ApplyResult, String),
}

impl Outcome {
    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self::Known(ApplyResult::Skipped, why.into())
    }

    pub(super) fn retained(words: impl Into<String>) -> Self {
        Self::Known(ApplyResult::Retained, words.into())
    }

    pub(super) fn gone_already() -> Self {
        Self::Known(ApplyResult::AlreadyGone, "it had gone already".to_owned())
    }

    pub(super) fn failed(failure: impl Into<Failure>) -> Self {
        let Failure { cause, message } = failure.into();
        Self::Known(ApplyResult::Failed(cause), message)
    }

    /// What can be told of it, where others of its repository were deleted, or none.
    pub(super) fn into_result(self, others_deleted: bool) -> (ApplyResult, String) {
        match self {
            Self::Known(result, message) => (result, message),
            Self::Accepted => {
                let message = "accepted, and not looked at since".to_owned();
                (ApplyResult::Failed(FailureCause::Registry), message)
            }
            Self::Refused(failure) if others_deleted => {
                let message = format!("the registry keeps this one: {}", failure.message);
                (ApplyResult::Retained, message)
            }
            Self::Unclear(failure) | Self::Refused(failure) => {
                (ApplyResult::Failed(failure.cause), failure.message)
            }
        }
    }

    /// Whether it is still to be read what became of it: what was refused may have been done, too.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Accepted | Self::Unclear(_) | Self::Refused(_))
    }

    /// Whether the manifest is gone, or the registry said so.
    pub(super) fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Known(ApplyResult::Deleted | ApplyResult::AlreadyGone, _)
        )
    }
}
