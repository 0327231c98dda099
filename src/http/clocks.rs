//! The clocks of the hosts: the `Date` of each answer, with this machine's time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use reqwest::header::{AGE, DATE, HeaderMap};

use crate::model::ClockSample;

/// This machine's clock, passed in by the caller.
#[derive(Clone)]
pub struct LocalTime(pub Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalTime")
    }
}

/// The clocks of all hosts that answered. For each host two answers are kept: the one in which its
/// clock is furthest behind, and the one in which it is furthest ahead.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    local: Option<LocalTime>,
    seen: Mutex<BTreeMap<String, (ClockSample, ClockSample)>>,
}

impl Clocks {
    /// Clocks that are compared with this one; without one nothing is compared.
    pub(super) fn compared_with(local: Option<LocalTime>) -> Self {
        Self { local, seen: Mutex::default() }
    }

    /// Records the time of an answer. One from a cache is ignored: its time is that of the caching.
    pub(super) fn record(&self, host: &str, headers: &HeaderMap) {
        let Some(LocalTime(local)) = &self.local else { return };
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let server_time = date.and_then(|text| httpdate::parse_http_date(text).ok());
        let Some(server_time) = server_time.filter(|_| !headers.contains_key(AGE)) else { return };
        let seen = ClockSample {
            host: host.to_owned(),
            server_time: server_time.into(),
            local_time: local(),
        };
        let mut hosts = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (behind, ahead) =
            hosts.entry(host.to_owned()).or_insert_with(|| (seen.clone(), seen.clone()));
        if seen.ahead() > behind.ahead() {
            *behind = seen;
        } else if seen.ahead() < ahead.ahead() {
            *ahead = seen;
        }
    }

    /// Whether the time of a host is known.
    pub(super) fn knows(&self, host: &str) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).contains_key(host)
    }

    /// The clocks so far, by host.
    pub(super) fn samples(&self) -> Vec<ClockSample> {
        let hosts = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let each = hosts.values().flat_map(|(behind, ahead)| {
            let other = (ahead != behind).then(|| ahead.clone());
            std::iter::once(behind.clone()).chain(other)
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().expect("a time")
    }

    fn headers(of: &[(&str, &str)]) -> HeaderMap {
        let each = of
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        each.collect()
    }

    #[test]
    fn the_extremes_of_each_host_are_kept_and_cached_answers_tell_nothing() {
        let clocks = Clocks::compared_with(Some(LocalTime(Arc::new(noon))));
        for date in ["11:59:59", "11:50:00", "11:58:00", "12:20:00"] {
            let date = format!("Sun, 22 Nov 2026 {date} GMT");
            clocks.record("a", &headers(&[("date", &date)]));
        }
        clocks.record(
            "b",
            &headers(&[("date", "Sun, 01 Nov 2026 12:00:00 GMT"), ("age", "1814400")]),
        );
        clocks.record("c", &headers(&[("date", "yesterday")]));
        clocks.record("d", &headers(&[]));
        let ahead: Vec<(String, i64)> =
            clocks.samples().iter().map(|s| (s.host.clone(), s.ahead().num_minutes())).collect();
        assert_eq!(ahead, [("a".to_owned(), 10), ("a".to_owned(), -20)]);
        assert!(clocks.knows("a") && !clocks.knows("b"));
    }

    #[test]
    fn without_a_clock_of_its_own_nothing_is_compared() {
        let clocks = Clocks::default();
        clocks.record("a", &headers(&[("date", "Sun, 22 Nov 2026 12:00:00 GMT")]));
        assert!(clocks.samples().is_empty());
    }
}
