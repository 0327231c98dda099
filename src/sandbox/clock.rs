//! The clock of an embedded registry: it starts at the time that it is told and goes on from there.
//!
//! The sandbox never asks the machine what time it is; whoever starts one says so.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// A clock that may have been told no time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Option<DateTime<Utc>>,
    began: Instant,
}

impl Clock {
    /// A clock that shows `start` now.
    pub(super) fn starting_at(start: Option<DateTime<Utc>>) -> Self {
        Self { start, began: Instant::now() }
    }

    /// The time, if one was told.
    pub(super) fn told(self) -> Option<DateTime<Utc>> {
        let elapsed = TimeDelta::from_std(self.began.elapsed()).unwrap_or(TimeDelta::MAX);
        self.start.and_then(|start| start.checked_add_signed(elapsed))
    }

    /// The time, or else the beginning of 1970, for answers that must have one.
    pub(super) fn now(self) -> DateTime<Utc> {
        self.told().unwrap_or(DateTime::UNIX_EPOCH)
    }
}
