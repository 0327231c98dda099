//! How long a run waits: until somebody asks it to stop, or until nothing has moved for too long.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::change::stop::Stop;

/// Why a wait ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// Somebody asked to stop.
    Stopped,
    /// Nothing has moved for as long as the run has patience.
    Stalled,
}

/// The waits of a run. Progress anywhere in the run keeps all of it going.
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

    /// Something was done.
    pub(super) fn progress(&self) {
        *self.progressed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether the run has lost its patience; it does not come back.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::SeqCst)
    }

    /// Does something that changes nothing, unless the run has to end before.
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

    /// The same for what is a part of the way and may take long, such as a first listing.
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

    /// Waits. A wait that would end after the patience does is not begun.
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
    async fn progress_keeps_it_going_and_a_wait_past_the_end_is_not_begun() {
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
    async fn what_does_not_answer_is_given_up_and_a_stop_ends_any_wait() {
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
