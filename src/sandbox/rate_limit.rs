//! The hourly rate limit of a management API.
//!
//! Hours are counted from the first request; the rolling windows of the real APIs are not imitated.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::Clock;

/// Counts the requests of the current hour.
#[derive(Debug, Default)]
pub(super) struct RateLimiter(Mutex<Option<Hour>>);

#[derive(Debug, Clone, Copy)]
struct Hour {
    ends: DateTime<Utc>,
    used: u32,
}

/// The rate limit after a request, for its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RateLimit {
    pub(super) limit: u32,
    pub(super) used: u32,
    /// When the hour ends, in seconds since 1970.
    pub(super) reset: i64,
}

impl RateLimit {
    /// How many requests are left.
    pub(super) fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// Whether there were more requests than allowed.
    pub(super) fn exceeded(self) -> bool {
        self.used > self.limit
    }
}

impl RateLimiter {
    /// Counts this many requests, 0 to only read the limit.
    pub(super) fn count(&self, limit: u32, requests: u32, clock: Clock) -> RateLimit {
        let now = clock.now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Hour { ends: now + TimeDelta::hours(1), used: 0 };
        let mut hour = held.filter(|hour| hour.ends > now).unwrap_or(fresh);
        hour.used = hour.used.saturating_add(requests);
        *held = Some(hour);
        RateLimit { limit, used: hour.used, reset: hour.ends.timestamp() }
    }
}
