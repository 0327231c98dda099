//! A way to say that nothing new shall be begun; what is under way is finished.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set once, from wherever the signal comes.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
