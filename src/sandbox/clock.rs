//! The clock of an embedded registry: it starts at a given time and runs from there.
//!
//! The sandbox never reads the clock of the machine; the caller gives the start time.

use axum::http::header;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::call::Answer;

/// A clock; without a start time it shows none.
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

    /// The time, if a start time was given.
    pub(super) fn time(self) -> Option<DateTime<Utc>> {
        let elapsed = TimeDelta::from_std(self.began.elapsed()).unwrap_or(TimeDelta::MAX);
        self.start.and_then(|start| start.checked_add_signed(elapsed))
    }

    /// Adds the `Date` header with this clock's time, if it has one and HTTP can express it. Without it
    /// the server adds the machine's time.
    pub(super) fn with_date_header(self, answer: Answer) -> Answer {
        const YEAR_10000: i64 = 253_402_300_800;
        let time = self.time().filter(|time| (0..YEAR_10000).contains(&time.timestamp()));
        match time {
            Some(time) => answer.with(header::DATE, &httpdate::fmt_http_date(time.into())),
            None => answer,
        }
    }

    /// The time, else the start of 1970, for answers that must contain one.
    pub(super) fn now(self) -> DateTime<Utc> {
        self.time().unwrap_or(DateTime::UNIX_EPOCH)
    }
}
