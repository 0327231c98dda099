//! Times with their source, and the order of releases.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

/// The source of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeSource {
    /// The push time of the tag or manifest, from the registry.
    Pushed,
    /// The build time, from the image config.
    Built,
    /// The time of the commit, from git.
    Git,
}

impl TimeSource {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Built => "built",
            Self::Git => "git",
        }
    }
}

impl fmt::Display for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What "previous" means for an environment: the policy's `order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseOrder {
    /// By the push time, or by the build time where the registry has no push times.
    #[default]
    Pushed,
    /// By the build time in the image config.
    Built,
    /// By the first-parent history of the checkout.
    Git,
    /// By when each was deployed; only what was deployed and known to be good is a rollback target.
    Deployed,
}

impl ReleaseOrder {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pushed, Self::Built, Self::Git, Self::Deployed];

    /// The order with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == word)
    }

    /// The word used in the policy file and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Built => "built",
            Self::Git => "git",
            Self::Deployed => "deployed",
        }
    }
}

impl fmt::Display for ReleaseOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A time and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The time.
    pub time: DateTime<Utc>,
    /// Its source.
    pub source: TimeSource,
}

/// Reproducible builds set a date up to 1980-01-01 instead of the real one.
const FIRST_PLAUSIBLE: i64 = 315_619_200; // 1980-01-02T00:00:00Z

/// How far another machine's clock may run ahead of this one.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Whether a time may be real: after the dates of reproducible builds, and not more than five minutes
/// in the future.
#[must_use]
pub fn is_plausible(time: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    time.timestamp() >= FIRST_PLAUSIBLE && (time <= now || time <= now + CLOCK_SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_of_reproducible_builds_and_of_the_future_are_not_plausible() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a date");
        let now = at("2026-11-22T12:00:00Z");
        for time in [
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "1980-01-01T00:00:01Z",
            "1980-01-01T23:59:59Z",
            "2026-11-22T13:00:00Z",
            "9999-12-31T00:00:00Z",
        ] {
            assert!(!is_plausible(at(time), now), "{time} was believed");
        }
        for time in ["1980-01-02T00:00:00Z", "2026-11-22T12:00:00Z", "2026-11-22T12:04:00Z"] {
            assert!(is_plausible(at(time), now), "{time} was not believed");
        }
    }
}
