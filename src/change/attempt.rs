//! One deletion that is tried until it is answered: how often, with what in between, and what the
//! errors mean.

use std::time::Duration;

use super::access::Failure;
use super::entry_outcome::Outcome;
use super::pace::{Halt, RunWaits};
use crate::model::TagName;
use crate::registry::{ErrorKind, RegistryError};

/// So often a request is sent again after a trouble that may pass.
const RETRIES: u32 = 3;

/// So many looks may be too old by the time of sending, with no limit in between.
const MAX_STALE_CHECKS: u32 = 10;

/// So often a token may be renewed.
const RENEWALS: u32 = 2;

/// Why an attempt is not over yet, or never will be.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// Everything from the listing on is looked at again.
    Again,
    /// The run has to end.
    Halted(Halt),
    /// The journal cannot be written.
    Unwritten,
}

impl From<Halt> for AttemptError {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// One entry that is under way.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The tags that are to be on it.
    pub(super) tags: Vec<TagName>,
    /// The number of its record in the journal, once it is there.
    pub(super) step: Option<usize>,
    /// The last answer that leaves open whether it was done.
    pub(super) unclear: Option<Failure>,
    troubles: u32,
    limits: u32,
    stale: u32,
    renewals: u32,
}

impl Attempt {
    pub(super) fn new(tags: Vec<TagName>) -> Self {
        Self { tags, step: None, unclear: None, troubles: 0, limits: 0, stale: 0, renewals: 0 }
    }

    /// An end without an answer: what may have been done all the same stays unclear.
    pub(super) fn over(&mut self, otherwise: impl FnOnce() -> Outcome) -> Outcome {
        self.unclear.take().map_or_else(otherwise, Outcome::Unclear)
    }

    /// After a question that failed: only a limit is waited for, all else was tried enough.
    pub(super) async fn unread(
        &mut self,
        pace: &RunWaits<'_>,
        error: RegistryError,
    ) -> Result<Outcome, AttemptError> {
        if error.kind() == ErrorKind::RateLimited {
            return self.limited(pace, &error).await;
        }
        Ok(self.over(|| Outcome::failed(error)))
    }

    /// After a deletion that failed: what may pass is waited for, and then looked at again.
    pub(super) async fn failed(
        &mut self,
        pace: &RunWaits<'_>,
        error: RegistryError,
    ) -> Result<Outcome, AttemptError> {
        if error.kind() == ErrorKind::RateLimited {
            return self.limited(pace, &error).await;
        }
        pace.progress();
        if !error.is_undone() {
            self.unclear = Some(Failure::from(&error));
        }
        if error.is_temporary() && self.troubles < RETRIES {
            let delay = Duration::from_millis(200 << self.troubles);
            self.troubles += 1;
            pace.wait(delay.max(error.retry_after().unwrap_or_default())).await?;
            return Err(AttemptError::Again);
        }
        Ok(self.over(|| Outcome::Unclear(error.into())))
    }

    /// Waits for the end of a limit, as long as the registry asks for.
    async fn limited(
        &mut self,
        pace: &RunWaits<'_>,
        error: &RegistryError,
    ) -> Result<Outcome, AttemptError> {
        let own = Duration::from_secs(1 << self.limits.min(5));
        self.limits += 1;
        tracing::info!(%error, "waiting for the end of a limit");
        pace.wait(error.retry_after().unwrap_or(own).max(Duration::from_millis(200))).await?;
        Err(AttemptError::Again)
    }

    /// After a look that was too old by the time of sending.
    pub(super) fn stale(&mut self) -> Result<Outcome, AttemptError> {
        self.stale += 1;
        if self.stale < MAX_STALE_CHECKS {
            return Err(AttemptError::Again);
        }
        let why = "the registry answers too slowly: its tags cannot be looked at within two seconds \
                   before the deletion";
        Ok(self.over(|| Outcome::failed(Failure::registry(why))))
    }

    /// After an answer that only brought a new token.
    pub(super) fn renewed(&mut self) -> Result<Outcome, AttemptError> {
        self.renewals += 1;
        if self.renewals <= RENEWALS {
            return Err(AttemptError::Again);
        }
        let why = "the registry refuses each new token";
        Ok(Outcome::failed(super::preflight::rights(why)))
    }

    /// After an answer that says it was done in part: that is progress, and the rest may follow.
    pub(super) fn partly(&mut self, left: Vec<TagName>) -> AttemptError {
        self.tags = left;
        self.unclear = None;
        AttemptError::Again
    }
}
