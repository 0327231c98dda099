//! The clock of an embedded registry: it starts at the time that it is told and goes on from there.
//!
//! The sandbox never asks the machine what time it is; whoever starts one says so.

use axum::http::header;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::call::Answer;

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
    pub(super) fn time(self) -> Option<DateTime<Utc>> {
        let elapsed = TimeDelta::from_std(self.began.elapsed()).unwrap_or(TimeDelta::MAX);
        self.start.and_then(|start| start.checked_add_signed(elapsed))
    }

    /// An answer with this clock's time, if it was told one; the server adds that of the machine
    /// to those without. A time that HTTP cannot write is left out.
    pub(super) fn with_date_header(self, answer: Answer) -> Answer {
        const YEAR_10000: i64 = 253_402_300_800;
        let told = self.time().filter(|time| (0..YEAR_10000).contains(&time.timestamp()));
        match told {
            Some(time) => answer.with(header::DATE, &httpdate::fmt_http_date(time.into())),
            None => answer,
        }
    }

    /// The time, or else the beginning of 1970, for answers that must have one.
    pub(super) fn now(self) -> DateTime<Utc> {
        self.time().unwrap_or(DateTime::UNIX_EPOCH)
    }
}
