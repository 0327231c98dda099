//! One entry that is tried until its outcome is known: how often, with which waits in between, and
//! what the errors mean.

use std::time::Duration;

use super::waits::{RunEnd, RunWaits};
use crate::change::access::Failure;
use crate::change::result::{ApplyResult, FailureCause};
use crate::model::TagName;
use crate::registry::{ErrorKind, RequestError};

/// How often a request is sent again after an error that may pass.
const RETRIES: u32 = 3;

/// How many checks may be too old by the time of sending.
const MAX_STALE_CHECKS: u32 = 10;

/// How often a token may be renewed.
const RENEWALS: u32 = 2;

/// Why a try has no outcome.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// Everything is read and checked again.
    Again,
    /// Something that has to be known before the request could not be read.
    Unread(RequestError),
    /// The run has to end.
    Ended(RunEnd),
    /// The journal cannot be written.
    Unwritten,
}

impl From<RunEnd> for AttemptError {
    fn from(end: RunEnd) -> Self {
        Self::Ended(end)
    }
}

impl From<RequestError> for AttemptError {
    fn from(error: RequestError) -> Self {
        Self::Unread(error)
    }
}

/// The tries of one entry so far.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The tags that are to be on it.
    pub(super) tags: Vec<TagName>,
    /// The number of its record in the journal, once it is there.
    pub(super) step: Option<usize>,
    /// The last answer that leaves open whether it was done.
    pub(super) unclear: Option<Failure>,
    errors: u32,
    limits: u32,
    stale: u32,
    renewals: u32,
}

impl Attempt {
    pub(super) fn new(tags: Vec<TagName>) -> Self {
        Self { tags, step: None, unclear: None, errors: 0, limits: 0, stale: 0, renewals: 0 }
    }

    /// The outcome of an entry that is not tried again: where an earlier answer left open whether it
    /// was done, it stays unclear.
    pub(super) fn over(&mut self, otherwise: impl FnOnce() -> Outcome) -> Outcome {
        self.unclear.take().map_or_else(otherwise, Outcome::Unclear)
    }

    /// Whether a try was the last. After something that could not be read, only the end of a limit
    /// is waited for: the transport has tried all else often enough.
    pub(super) async fn after(
        &mut self,
        waits: &RunWaits<'_>,
        tried: Result<Outcome, AttemptError>,
    ) -> Result<Outcome, AttemptError> {
        match tried {
            Err(AttemptError::Unread(error)) if error.kind() == ErrorKind::RateLimited => {
                self.limited(waits, &error).await
            }
            Err(AttemptError::Unread(error)) => Ok(self.over(|| Outcome::failed(error))),
            tried => tried,
        }
    }

    /// After a request that failed: an error that may pass is waited for, then all is checked again.
    pub(super) async fn failed(
        &mut self,
        waits: &RunWaits<'_>,
        error: RequestError,
    ) -> Result<Outcome, AttemptError> {
        if error.kind() == ErrorKind::RateLimited {
            return self.limited(waits, &error).await;
        }
        waits.progress();
        if !error.is_undone() {
            self.unclear = Some(Failure::from(&error));
        }
        if error.is_temporary() && self.errors < RETRIES {
            let delay = Duration::from_millis(200 << self.errors);
            self.errors += 1;
            waits.wait(delay.max(error.retry_after().unwrap_or_default())).await?;
            return Err(AttemptError::Again);
        }
        Ok(self.over(|| Outcome::Unclear(error.into())))
    }

    /// Waits for the end of a limit, as long as the registry asks for.
    async fn limited(
        &mut self,
        waits: &RunWaits<'_>,
        error: &RequestError,
    ) -> Result<Outcome, AttemptError> {
        let own = Duration::from_secs(1 << self.limits.min(5));
        self.limits += 1;
        tracing::info!(%error, "waiting for the end of a limit");
        waits.wait(error.retry_after().unwrap_or(own).max(Duration::from_millis(200))).await?;
        Err(AttemptError::Again)
    }

    /// After checks that were too old by the time of sending.
    pub(super) fn stale(&mut self) -> Result<Outcome, AttemptError> {
        self.stale += 1;
        if self.stale < MAX_STALE_CHECKS {
            return Err(AttemptError::Again);
        }
        let message = "the registry answers too slowly: its tags cannot be checked within two \
                       seconds before the deletion";
        Ok(self.over(|| Outcome::failed(Failure::registry(message))))
    }

    /// After an answer that only brought a new token.
    pub(super) fn renewed(&mut self) -> Result<Outcome, AttemptError> {
        self.renewals += 1;
        if self.renewals <= RENEWALS {
            return Err(AttemptError::Again);
        }
        Ok(Outcome::failed(Failure::rights("the registry refuses each new token")))
    }

    /// After an answer that says it was done in part: the rest is tried.
    pub(super) fn partly_done(&mut self, left: Vec<TagName>) -> AttemptError {
        self.tags = left;
        self.unclear = None;
        AttemptError::Again
    }
}

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

    /// The result to report, given whether others of its repository were deleted.
    pub(super) fn into_result(self, others_deleted: bool) -> (ApplyResult, String) {
        match self {
            Self::Known(result, message) => (result, message),
            Self::Accepted => {
                let message = "accepted, and not read again since".to_owned();
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
