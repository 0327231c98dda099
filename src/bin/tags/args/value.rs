//! Parses values of the command line: durations, times, output formats.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use tags::command::ReleaseOrder;
use tags::command::runs::SplitAt;
use tags::report::Format;

const LONGEST: Duration = Duration::from_hours(24 * 366);

/// A duration such as `90d`, `10m` or `1h 30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "expected a duration such as 30s, 10m or 1h 30m".to_owned())?;
    if duration.is_zero() {
        return Err("must be longer than zero".to_owned());
    }
    if duration > LONGEST { Err("must be at most a year".to_owned()) } else { Ok(duration) }
}

/// The name of an output format.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    let value = |format: &Format| PossibleValue::new(format.name()).help(format.about());
    let names = PossibleValuesParser::new(Format::ALL.iter().map(value));
    names.try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

/// What "previous" means.
pub(super) fn order() -> impl TypedValueParser<Value = ReleaseOrder> {
    let names = PossibleValuesParser::new(ReleaseOrder::ALL.map(ReleaseOrder::as_str));
    names.try_map(|name| ReleaseOrder::named(&name).ok_or("there is no such order"))
}

/// An RFC 3339 time, or a date: 00:00 UTC of that day.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc)).map_err(|_| {
        "expected a time such as 2026-11-22T12:00:00Z, or a date such as 2026-11-22".to_owned()
    })
}

/// A time, or else a commit's SHA.
pub(super) fn split_at(text: &str) -> Result<SplitAt, String> {
    let is_hex = text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex {
        return Ok(SplitAt::Sha(text.to_owned()));
    }
    let expected =
        "expected a SHA of at least 7 digits, a time such as 2026-11-22T12:00:00Z, or a date";
    moment(text).map(SplitAt::Time).map_err(|_| expected.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rfc_3339_or_a_date() {
        let read = |text: &str| moment(text).expect(text).to_rfc3339();
        assert_eq!(read("2026-12-01"), "2026-12-01T00:00:00+00:00");
        assert_eq!(read("2026-12-01T01:30:00+02:00"), "2026-11-30T23:30:00+00:00");
        assert_eq!(read("2024-02-29t10:00:00.5z"), "2024-02-29T10:00:00.500+00:00");
        for text in [
            "",
            "now",
            "2026-13-01",
            "2026-02-29",
            "01.12.2026",
            "2026-12-01T10:00:00",
            "1764547200",
        ] {
            assert!(moment(text).is_err(), "{text:?} was accepted");
        }
    }
}
