//! A way to say that nothing new shall be begun; what is under way is finished.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Set once, from wherever the signal comes.
#[derive(Debug, Default)]
pub struct Stop {
    asked: AtomicBool,
    waiting: Notify,
}

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.waiting.notify_waiters();
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Returns once somebody has asked.
    pub async fn asked(&self) {
        let waiting = self.waiting.notified();
        tokio::pin!(waiting);
        // Listens before it looks, so that nothing is missed in between.
        waiting.as_mut().enable();
        if !self.is_asked() {
            waiting.await;
        }
    }
}
