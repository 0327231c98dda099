//! How old manifests and tags are.
//!
//! The newest of several times counts, and one implausible time makes the age unknown.

use chrono::{DateTime, Utc};

use crate::model::{ManifestRecord, PushTimes, TagPush, is_plausible};

/// When something was pushed or built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// At this time.
    Since(DateTime<Utc>),
    /// No time is known.
    Unknown,
    /// A time is known, but it is implausible.
    Implausible(DateTime<Utc>),
}

impl Age {
    pub(super) fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Since(time) => Some(time),
            Self::Unknown | Self::Implausible(_) => None,
        }
    }

    /// The newer of two; implausible or unknown if one of them is.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Implausible(time), _) | (_, Self::Implausible(time)) => Self::Implausible(time),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Since(a), Self::Since(b)) => Self::Since(a.max(b)),
        }
    }
}

/// The newest of some times; implausible if one of them is.
fn newest(times: impl Iterator<Item = DateTime<Utc>>, now: DateTime<Utc>) -> Age {
    let mut newest = None;
    for time in times {
        if !is_plausible(time, now) {
            return Age::Implausible(time);
        }
        newest = newest.max(Some(time));
    }
    newest.map_or(Age::Unknown, Age::Since)
}

/// The age of a manifest: when it was last pushed or tagged. Where the registry reports no push times, when
/// it was built; where it does, the build time never replaces a missing push time.
pub(super) fn of_manifest(
    record: &ManifestRecord,
    push_times: PushTimes,
    now: DateTime<Utc>,
) -> Age {
    match push_times {
        PushTimes::OfTags => {
            let tagged = record.tags.iter().filter_map(|tag| tag.pushed);
            newest(record.pushed.into_iter().chain(tagged), now)
        }
        PushTimes::OfDigests => newest(record.pushed.into_iter(), now),
        PushTimes::Unknown => newest(record.built.into_iter(), now),
    }
}

/// The age of a tag on a manifest, where push times are those of tags; else it is that of the manifest.
pub(super) fn of_tag(record: &ManifestRecord, tag: &TagPush, now: DateTime<Utc>) -> Age {
    match tag.pushed {
        Some(set) => newest(record.pushed.into_iter().chain([set]), now),
        None => Age::Unknown,
    }
}
