//! The attempts of one entry until its outcome is known: how many, the waits in between, and what the errors
//! mean.

use std::time::Duration;

use super::waits::{RunEnd, RunWaits};
use crate::change::access::Failure;
use crate::change::result::{ApplyResult, FailureCause};
use crate::model::TagName;
use crate::registry::{ErrorKind, RequestError};

/// How often a request is sent again after a temporary error.
const RETRIES: u32 = 3;

/// How often the checks may be repeated because they were too old when the request was ready to be sent.
const MAX_STALE_CHECKS: u32 = 10;

/// How often a token may be renewed.
const RENEWALS: u32 = 2;

/// Why an attempt ended without an outcome.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// Everything must be read and checked again.
    Again,
    /// Something that must be known before the request could not be read.
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

/// The attempts of one entry so far.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The tags that it must have.
    pub(super) tags: Vec<TagName>,
    /// The number of its record in the journal, once it is written.
    pub(super) step: Option<usize>,
    /// The last answer after which it is unknown whether it was done.
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

    /// The outcome of an entry that is not tried again: unclear if an earlier attempt may have deleted it,
    /// else the given one.
    pub(super) fn over(&mut self, otherwise: impl FnOnce() -> Outcome) -> Outcome {
        self.unclear.take().map_or_else(otherwise, Outcome::Unclear)
    }

    /// Handles the end of an attempt. If something could not be read, it is tried again only after a rate
    /// limit, since the transport has retried other errors already.
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

    /// Handles a failed request. After a temporary error it waits, then everything is checked again.
    pub(super) async fn failed(
        &mut self,
        waits: &RunWaits<'_>,
        error: RequestError,
    ) -> Result<Outcome, AttemptError> {
        if error.kind() == ErrorKind::RateLimited {
            return self.limited(waits, &error).await;
        }
        waits.progress();
        if !error.had_no_effect() {
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

    /// Waits for the end of a rate limit, as long as the registry asks.
    async fn limited(
        &mut self,
        waits: &RunWaits<'_>,
        error: &RequestError,
    ) -> Result<Outcome, AttemptError> {
        let own = Duration::from_secs(1 << self.limits.min(5));
        self.limits += 1;
        tracing::info!(%error, "waiting for the end of a rate limit");
        waits.wait(error.retry_after().unwrap_or(own).max(Duration::from_millis(200))).await?;
        Err(AttemptError::Again)
    }

    /// Handles checks that are too old to send the request.
    pub(super) fn stale(&mut self) -> Result<Outcome, AttemptError> {
        self.stale += 1;
        if self.stale < MAX_STALE_CHECKS {
            return Err(AttemptError::Again);
        }
        let message = "the registry answers too slowly: its tags cannot be checked within two \
                       seconds before the deletion";
        Ok(self.over(|| Outcome::failed(Failure::registry(message))))
    }

    /// Handles an answer after which the token was renewed.
    pub(super) fn renewed(&mut self) -> Result<Outcome, AttemptError> {
        self.renewals += 1;
        if self.renewals <= RENEWALS {
            return Err(AttemptError::Again);
        }
        Ok(Outcome::failed(Failure::rights("the registry refuses each new token")))
    }

    /// Handles a partial deletion: the rest is tried.
    pub(super) fn partly_done(&mut self, left: Vec<TagName>) -> AttemptError {
        self.tags = left;
        self.unclear = None;
        AttemptError::Again
    }
}

/// The outcome of an entry, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The registry accepted the deletion; whether it was done must be read.
    Accepted,
    /// It was sent, and the answer was an error; it may have been done.
    Unclear(Failure),
    /// A permanent refusal. If the registry accepted other deletions, it has a rule for this manifest; else
    /// a permission is missing or deletion is disabled.
    Refused(Failure),
    /// The final result, with a message.
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
        Self::Known(ApplyResult::AlreadyGone, "it was deleted already".to_owned())
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
                let message = "accepted, but not confirmed".to_owned();
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

    /// Whether the result must still be read: even a refused deletion may have been done.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Accepted | Self::Unclear(_) | Self::Refused(_))
    }

    /// Whether the manifest is deleted, or the registry accepted its deletion.
    pub(super) fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Known(ApplyResult::Deleted | ApplyResult::AlreadyGone, _)
        )
    }
}
