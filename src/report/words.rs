//! Numbers and times as text, the same for every format.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{CLOCK_SKEW, Moment, RegistryName};

/// A count with its noun: `1 tag`, `2 tags`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if noun.ends_with('x') => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
}

/// `backend, frontend in docr, ghcr`: images in the same registries are listed together.
pub(super) fn places<'a>(copies: impl IntoIterator<Item = (&'a str, &'a RegistryName)>) -> String {
    let mut by_image: BTreeMap<&str, BTreeSet<&RegistryName>> = BTreeMap::new();
    for (image, registry) in copies {
        by_image.entry(image).or_default().insert(registry);
    }
    let mut alike: Vec<(BTreeSet<&RegistryName>, Vec<&str>)> = Vec::new();
    for (image, registries) in by_image {
        match alike.iter_mut().find(|(known, _)| *known == registries) {
            Some((_, images)) => images.push(image),
            None => alike.push((registries, vec![image])),
        }
    }
    let portion = |(registries, images): &(BTreeSet<&RegistryName>, Vec<&str>)| {
        let registries: Vec<&str> = registries.iter().map(|name| name.as_str()).collect();
        format!("{} in {}", images.join(", "), registries.join(", "))
    };
    alike.iter().map(portion).collect::<Vec<_>>().join("; ")
}

/// How long ago something was, in one or two units.
#[must_use]
pub fn age(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let gone = now - time;
    if gone < -CLOCK_SKEW {
        return "in the future".to_owned();
    }
    if gone < TimeDelta::minutes(1) {
        return "just now".to_owned();
    }
    let unit = |count: i64, noun: &str| counted(usize::try_from(count).unwrap_or(0), noun);
    let (days, hours, minutes) = (gone.num_days(), gone.num_hours() % 24, gone.num_minutes() % 60);
    match (days, hours) {
        (0, 0) => format!("{} ago", unit(minutes, "minute")),
        (0, _) => format!("{} ago", unit(hours, "hour")),
        (1..=2, 1..) => format!("{} {} ago", unit(days, "day"), unit(hours, "hour")),
        _ => format!("{} ago", unit(days, "day")),
    }
}

/// A time with its age and its source: `2026-11-20 14:03 UTC, 2 days ago (built)`.
pub(super) fn moment(moment: Option<Moment>, now: DateTime<Utc>) -> String {
    let date = moment.map(|moment| moment.time.format("%Y-%m-%d %H:%M UTC, ").to_string());
    date.unwrap_or_default() + &ago(moment, now)
}

/// The age of a time and its source: `2 days ago (built)`.
pub(super) fn ago(moment: Option<Moment>, now: DateTime<Utc>) -> String {
    match moment {
        Some(moment) => format!("{} ({})", age(moment.time, now), moment.source),
        None => "at an unknown time".to_owned(),
    }
}

/// A number of bytes with a binary unit.
#[must_use]
pub fn bytes(count: u64) -> String {
    let mut size = count;
    let mut rest = 0;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if size < 1024 {
            let tenths = rest * 10 / 1024;
            return if unit == "bytes" {
                format!("{size} {unit}")
            } else {
                format!("{size}.{tenths} {unit}")
            };
        }
        (size, rest) = (size / 1024, size % 1024);
    }
    format!("{size}.{} TiB", rest * 10 / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!(bytes(667), "667 bytes");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(5 << 30), "5.0 GiB");
        assert_eq!(bytes(3 << 40), "3.0 TiB");
    }

    #[test]
    fn what_is_counted_is_spelt_as_people_do() {
        let words = ["tag", "day", "registry", "index"].map(|noun| counted(2, noun));
        assert_eq!(words, ["2 tags", "2 days", "2 registries", "2 indexes"]);
        assert_eq!(counted(1, "day"), "1 day");
    }
}
