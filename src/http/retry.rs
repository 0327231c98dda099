//! Sends a call, and retries temporary failures with jittered backoff.
//!
//! `Retry-After` is obeyed. If the next attempt would begin after the time limit for retries, the error
//! is returned at once.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::call::{Call, Reply, RetryPolicy};
use super::client::Http;
use super::error::{ErrorKind, RequestError};

const RETRIES: usize = 3;

impl Http {
    /// Sends a call. 429 and 5xx are returned as errors.
    ///
    /// # Errors
    /// [`RequestError`] when there was no answer.
    pub(crate) fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Reply, RequestError>> {
        // Boxed, else the compiler writes all that a request takes again for each caller.
        self.retried(call.retry_policy, || self.attempt(call)).boxed()
    }

    /// Tries something until it succeeds, as often as the policy allows.
    ///
    /// # Errors
    /// [`RequestError`] of the last attempt.
    pub(super) async fn retried<T, F>(
        &self,
        policy: RetryPolicy,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, RequestError>
    where
        F: Future<Output = Result<T, RequestError>>,
    {
        if policy == RetryPolicy::Never {
            return attempt().await;
        }
        let is_retried = |error: &RequestError| {
            error.is_temporary() && (policy == RetryPolicy::Always || error.had_no_effect())
        };
        let deadline = Instant::now() + self.settings.retry_within;
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(8))
            .with_max_times(RETRIES)
            .with_jitter();
        let result = attempt
            .retry(backoff)
            .sleep(tokio::time::sleep)
            .when(is_retried)
            .adjust(|error, delay| {
                let delay = delay?.max(error.retry_after().unwrap_or_default());
                let end = Instant::now().checked_add(delay)?;
                (end <= deadline).then_some(delay)
            })
            .notify(|error, delay| {
                self.meter.retry();
                let wait = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
                tracing::info!(%error, wait_ms = wait, "retrying");
            })
            .await;
        result.map_err(|error| annotate(error, deadline))
    }
}

/// Adds a hint with the time to wait, if the retries ended because a rate limit lasts too long.
fn annotate(error: RequestError, deadline: Instant) -> RequestError {
    match (error.kind(), error.retry_after()) {
        (ErrorKind::RateLimited, Some(wait))
            if Instant::now().checked_add(wait).is_none_or(|end| end > deadline) =>
        {
            let wait = Duration::from_secs(wait.as_secs().max(1));
            let hint = format!("wait {} before the next try", humantime::format_duration(wait));
            error.with_hint(hint)
        }
        _ => error,
    }
}
