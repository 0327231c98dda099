//! The request to stop a run: nothing new is started, and running work has a short time to finish.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long running work may take after a stop was requested. Kubernetes kills a process 30 seconds after
/// it asked it to end, and the report must be written before that.
const GRACE: Duration = Duration::from_secs(8);

/// A request to stop. It is made once, by a signal handler, and cannot be withdrawn.
#[derive(Debug, Default)]
pub struct Stop {
    requested_at: OnceLock<Instant>,
    notify: Notify,
}

impl Stop {
    /// Requests a stop.
    pub fn request(&self) {
        self.requested_at.get_or_init(Instant::now);
        self.notify.notify_waiters();
    }

    /// Whether a stop was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.requested_at.get().is_some()
    }

    /// Waits until a stop is requested.
    pub async fn requested(&self) {
        loop {
            let notified = self.notify.notified();
            if self.is_requested() {
                return;
            }
            notified.await;
        }
    }

    /// Waits until the time for running work is over after a requested stop, however long a registry
    /// asks to wait.
    pub async fn grace_over(&self) {
        self.requested().await;
        if let Some(requested_at) = self.requested_at.get() {
            sleep_until(*requested_at + GRACE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_grace_period_begins_with_the_first_request() {
        let stop = Stop::default();
        let start = Instant::now();
        let ask = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            stop.request();
            tokio::time::sleep(Duration::from_secs(5)).await;
            stop.request();
        };
        tokio::join!(stop.grace_over(), ask);
        assert_eq!(start.elapsed(), Duration::from_secs(100) + GRACE);
        stop.grace_over().await;
        assert_eq!(start.elapsed(), Duration::from_secs(100) + GRACE);
    }
}
