//! The waits of a run. They end when a stop is requested, or when there was no progress for too long.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::change::stop::Stop;

/// Why a wait ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// A stop was requested.
    Stopped,
    /// There was no progress for too long.
    Stalled,
}

/// The waits of a run. Progress of any part counts for all of it.
pub(super) struct RunWaits<'a> {
    stop: &'a Stop,
    patience: Duration,
    progressed: Mutex<Instant>,
    stalled: AtomicBool,
}

impl<'a> RunWaits<'a> {
    pub(super) fn new(stop: &'a Stop, patience: Duration) -> Self {
        let progressed = Mutex::new(Instant::now());
        Self { stop, patience, progressed, stalled: AtomicBool::new(false) }
    }

    /// Records progress.
    pub(super) fn progress(&self) {
        *self.progressed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether there was no progress for too long; this is final.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::SeqCst)
    }

    /// Runs something that changes nothing, unless the run must end before it is done.
    pub(super) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, RunEnd> {
        if self.is_stalled() {
            return Err(RunEnd::Stalled);
        }
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(RunEnd::Stopped),
            done = work => Ok(done),
            () = self.end_of_patience() => Err(self.stall()),
        }
    }

    /// The same without the limit for progress, for work that may take long, such as the first listing.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, RunEnd> {
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(RunEnd::Stopped),
            done = work => Ok(done),
        }
    }

    /// Waits, unless the wait would end after the limit for progress.
    pub(super) async fn wait(&self, delay: Duration) -> Result<(), RunEnd> {
        let end = Instant::now().checked_add(delay);
        if end.is_none_or(|end| end > self.limit()) {
            return Err(self.stall());
        }
        self.within(tokio::time::sleep(delay)).await
    }

    fn limit(&self) -> Instant {
        *self.progressed.lock().unwrap_or_else(PoisonError::into_inner) + self.patience
    }

    async fn end_of_patience(&self) {
        while Instant::now() < self.limit() {
            tokio::time::sleep_until(self.limit()).await;
        }
    }

    fn stall(&self) -> RunEnd {
        self.stalled.store(true, Ordering::SeqCst);
        RunEnd::Stalled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn progress_extends_the_limit_and_a_wait_beyond_it_is_not_started() {
        let stop = Stop::default();
        let waits = RunWaits::new(&stop, Duration::from_mins(10));
        assert_eq!(waits.wait(Duration::from_mins(9)).await, Ok(()));
        waits.progress();
        assert_eq!(waits.wait(Duration::from_mins(9)).await, Ok(()));
        let before = Instant::now();
        assert_eq!(waits.wait(Duration::from_mins(2)).await, Err(RunEnd::Stalled));
        assert_eq!((before.elapsed(), waits.is_stalled()), (Duration::ZERO, true));
        assert_eq!(waits.within(async {}).await, Err(RunEnd::Stalled));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_without_an_answer_is_given_up_and_a_stop_ends_any_wait() {
        let stop = Stop::default();
        let waits = RunWaits::new(&stop, Duration::from_mins(10));
        let start = Instant::now();
        let never = waits.within(std::future::pending::<()>()).await;
        assert_eq!((never, start.elapsed()), (Err(RunEnd::Stalled), Duration::from_mins(10)));
        let waits = RunWaits::new(&stop, Duration::from_mins(10));
        let (waited, ()) = tokio::join!(waits.wait(Duration::from_mins(5)), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            stop.request();
        });
        assert_eq!(waited, Err(RunEnd::Stopped));
    }
}
