//! Compares the clocks of servers with this machine's, and finds the current time when they differ.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::moment::CLOCK_SKEW;

/// The time in a host's answer, and this machine's time when the answer came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockSample {
    /// `host` or `host:port`.
    pub host: String,
    /// The time in the host's answer.
    pub server_time: DateTime<Utc>,
    /// This machine's time when the answer came.
    pub local_time: DateTime<Utc>,
}

impl ClockSample {
    /// How far this machine's clock is ahead of the host's; negative when it is behind.
    #[must_use]
    pub fn ahead(&self) -> TimeDelta {
        self.local_time - self.server_time
    }
}

/// Clocks that are more than five minutes apart: ages computed from them may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockWarning {
    /// A host's clock and this machine's.
    Local(ClockSample),
    /// The clocks of two hosts, or of one host at two times: the one that is behind, and the one
    /// that is ahead.
    Servers(ClockSample, ClockSample),
}

impl ClockWarning {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Local(_) => {
                "set this machine's clock (NTP), then try again; if it is right, the server's clock is wrong"
            }
            Self::Servers(..) => {
                "one of the servers' clocks is wrong; tell its administrator, and try again when it is right"
            }
        }
    }
}

impl fmt::Display for ClockWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(seen) => {
                let side = if seen.ahead() < TimeDelta::zero() { "behind" } else { "ahead of" };
                let host = &seen.host;
                write!(
                    f,
                    "this machine's clock is {} {side} that of {host}: {host} says {}, this machine says {}",
                    apart(seen.ahead()),
                    format_time(seen.server_time),
                    format_time(seen.local_time)
                )
            }
            Self::Servers(behind, ahead) => write!(
                f,
                "the clocks of {} and {} are {} apart: when it is {} here, they say {} and {}",
                behind.host,
                ahead.host,
                apart(behind.ahead() - ahead.ahead()),
                format_time(behind.local_time),
                format_time(behind.server_time),
                format_time(behind.local_time - ahead.ahead())
            ),
        }
    }
}

fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A span in its largest unit: `10 minutes`, `3 hours`, `30 days`.
fn apart(span: TimeDelta) -> String {
    // Rounded to the minute, since the answer took some seconds.
    let minutes = (span.abs() + TimeDelta::seconds(30)).num_minutes();
    match (minutes, minutes / 60, minutes / (60 * 24)) {
        (minutes, 0 | 1, _) => format!("{minutes} minutes"),
        (_, hours, 0 | 1) => format!("{hours} hours"),
        (_, _, days) => format!("{days} days"),
    }
}

/// The current time, by the servers' clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReading {
    /// The earliest possible time: with it, no image counts as older than it is. Used to decide what is
    /// deleted.
    pub earliest: DateTime<Utc>,
    /// The latest possible time: with it, nothing that was just pushed lies in the future. Used to list and
    /// order releases.
    pub latest: DateTime<Utc>,
    /// Differences between clocks; while there is one, nothing is deleted.
    pub warnings: Vec<ClockWarning>,
}

/// The current time, by this machine's time and the servers' clocks. Without an answer of a server,
/// this machine's time.
#[must_use]
pub fn now_by_servers(local: DateTime<Utc>, samples: &[ClockSample]) -> ClockReading {
    let mut sorted: Vec<&ClockSample> = samples.iter().collect();
    sorted.sort_by_key(|seen| (seen.ahead(), &seen.host));
    let (Some(ahead), Some(behind)) = (sorted.first(), sorted.last()) else {
        return ClockReading { earliest: local, latest: local, warnings: Vec::new() };
    };
    // The host with the largest difference comes first; each host is named once.
    let mut wrong: Vec<&ClockSample> =
        sorted.iter().copied().filter(|seen| seen.ahead().abs() > CLOCK_SKEW).collect();
    wrong.sort_by_key(|seen| (std::cmp::Reverse(seen.ahead().abs()), &seen.host));
    let mut named: Vec<&str> = Vec::new();
    let mut warnings = Vec::new();
    for seen in wrong {
        if !named.contains(&seen.host.as_str()) {
            named.push(&seen.host);
            warnings.push(ClockWarning::Local(seen.clone()));
        }
    }
    if behind.ahead() - ahead.ahead() > CLOCK_SKEW {
        warnings.push(ClockWarning::Servers((*behind).clone(), (*ahead).clone()));
    }
    let at = |seen: &ClockSample| local.checked_sub_signed(seen.ahead()).unwrap_or(local);
    ClockReading { earliest: at(behind), latest: at(ahead), warnings }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("a time")
    }

    fn seen(host: &str, ahead: i64) -> ClockSample {
        ClockSample { host: host.to_owned(), server_time: at(-ahead), local_time: at(0) }
    }

    #[test]
    fn clocks_within_five_minutes_agree_and_the_servers_count() {
        let reading = now_by_servers(at(60), &[seen("a", 290), seen("b", 0)]);
        assert_eq!((reading.earliest, reading.latest), (at(60 - 290), at(60)));
        assert!(reading.warnings.is_empty());
        let alone = now_by_servers(at(60), &[]);
        assert_eq!((alone.earliest, alone.latest), (at(60), at(60)));
        assert!(alone.warnings.is_empty());
    }

    #[test]
    fn a_wrong_clock_is_named_with_both_times_and_a_next_step() {
        let days = 30 * 86_400;
        let reading = now_by_servers(at(0), &[seen("a.example", days), seen("b.example", days)]);
        assert_eq!((reading.earliest, reading.latest), (at(-days), at(-days)));
        let said: Vec<String> = reading.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("this machine's clock is 30 days ahead of that of a.example"));
        assert!(said[0].contains(": a.example says 2026-10-19T"), "{}", said[0]);
        assert!(said[0].contains(", this machine says 2026-11-18T"), "{}", said[0]);
        assert!(reading.warnings[0].hint().contains("NTP"));
        let behind = now_by_servers(at(0), &[seen("a.example", -600)]);
        assert!(behind.warnings[0].to_string().contains("10 minutes behind that of a.example"));
        assert_eq!(behind.latest, at(600));
    }

    #[test]
    fn servers_that_disagree_are_a_warning_even_if_each_is_close_to_ours() {
        let reading = now_by_servers(at(0), &[seen("a", 200), seen("b", -200)]);
        let [doubt] = reading.warnings.as_slice() else { panic!("{:?}", reading.warnings) };
        assert!(doubt.to_string().contains("the clocks of a and b are 7 minutes apart"), "{doubt}");
        // A host name may lead to several servers, whose clocks may differ.
        let one = now_by_servers(at(0), &[seen("a", 4000), seen("a", 0)]);
        assert_eq!(one.warnings.len(), 2);
    }

    proptest! {
        #[test]
        fn the_order_of_the_answers_never_counts_and_now_lies_between_the_servers(
            aheads in proptest::collection::vec(-4000i64..4000, 0..6),
        ) {
            let samples: Vec<ClockSample> =
                aheads.iter().enumerate().map(|(n, ahead)| seen(&format!("h{n}"), *ahead)).collect();
            let reading = now_by_servers(at(0), &samples);
            let mut turned = samples.clone();
            turned.reverse();
            prop_assert_eq!(&reading, &now_by_servers(at(0), &turned));
            prop_assert!(reading.earliest <= reading.latest);
            for seen in &samples {
                let now = at(0) - seen.ahead();
                prop_assert!(reading.earliest <= now && now <= reading.latest);
                let far = seen.ahead().abs() > CLOCK_SKEW;
                prop_assert!(!far || !reading.warnings.is_empty());
            }
        }
    }
}
