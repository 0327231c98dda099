//! A way to say that nothing new shall be begun; what is under way has a little time to finish.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long what is under way may take once somebody asked to stop. Kubernetes kills a process 30
/// seconds after it asked it to end, and the report has to be written before that.
const GRACE: Duration = Duration::from_secs(8);

/// Set once, from wherever the signal comes.
#[derive(Debug, Default)]
pub struct Stop {
    asked: OnceLock<Instant>,
    notify: Notify,
}

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.asked.get_or_init(Instant::now);
        self.notify.notify_waiters();
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.get().is_some()
    }

    /// Returns once somebody asked.
    pub async fn asked(&self) {
        loop {
            let notified = self.notify.notified();
            if self.is_asked() {
                return;
            }
            notified.await;
        }
    }

    /// Returns when what is under way has had its time since somebody asked, whatever a registry
    /// wants to be waited for.
    pub async fn overdue(&self) {
        self.asked().await;
        if let Some(asked) = self.asked.get() {
            sleep_until(*asked + GRACE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_has_its_time_from_the_first_asking_on() {
        let stop = Stop::default();
        let start = Instant::now();
        let ask = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            stop.ask();
            tokio::time::sleep(Duration::from_secs(5)).await;
            stop.ask();
        };
        tokio::join!(stop.overdue(), ask);
        assert_eq!(start.elapsed(), Duration::from_secs(100) + GRACE);
        stop.overdue().await;
        assert_eq!(start.elapsed(), Duration::from_secs(100) + GRACE);
    }
}
