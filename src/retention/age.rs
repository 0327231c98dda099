//! How old manifests, tags and releases are, as far as anything believable tells.
//!
//! The newest of all that is said counts, and one date that cannot be right puts all in doubt.

use chrono::{DateTime, Utc};

use super::graph::{Graph, index};
use super::role::{ReleaseId, Roles};
use crate::model::{ManifestRecord, is_plausible};

/// When something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// At this time.
    Since(DateTime<Utc>),
    /// Nothing tells.
    Untold,
    /// What is said cannot be right.
    Doubtful(DateTime<Utc>),
}

impl Age {
    pub(super) fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Since(time) => Some(time),
            Self::Untold | Self::Doubtful(_) => None,
        }
    }

    /// The newer of two; doubt about one is doubt about both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Doubtful(time), _) | (_, Self::Doubtful(time)) => Self::Doubtful(time),
            (Self::Untold, _) | (_, Self::Untold) => Self::Untold,
            (Self::Since(a), Self::Since(b)) => Self::Since(a.max(b)),
        }
    }
}

/// The newest of some push times, else the build time.
fn age(
    pushed: impl Iterator<Item = DateTime<Utc>>,
    built: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Age {
    let mut newest = None;
    for time in pushed {
        if !is_plausible(time, now) {
            return Age::Doubtful(time);
        }
        newest = newest.max(Some(time));
    }
    match newest.or(built) {
        Some(time) if is_plausible(time, now) => Age::Since(time),
        Some(time) => Age::Doubtful(time),
        None => Age::Untold,
    }
}

/// The age of a manifest: when it was pushed or tagged last.
pub(super) fn of_manifest(record: &ManifestRecord, now: DateTime<Utc>) -> Age {
    let pushed = record.pushed.into_iter().chain(record.tags.iter().filter_map(|tag| tag.pushed));
    age(pushed, record.built, now)
}

/// The age of one tag of a manifest.
pub(super) fn of_tag(record: &ManifestRecord, tag: usize, now: DateTime<Utc>) -> Age {
    let set = record.tags.get(tag).and_then(|tag| tag.pushed);
    age(record.pushed.into_iter().chain(set), record.built, now)
}

/// The ages of all releases, and the times by which they are ordered.
pub(super) struct ReleaseAges {
    ages: Vec<Age>,
    times: Vec<Option<DateTime<Utc>>>,
}

impl ReleaseAges {
    pub(super) fn new(graph: &Graph<'_>, roles: &Roles<'_>, now: DateTime<Utc>) -> Self {
        let release = |release: ReleaseId| {
            let copies = roles.copies(release).iter();
            let copies = copies.map(|copy| {
                let record = graph.record(copy.node);
                let tag = index(copy.tag - roles.tags_of(copy.node).start);
                (of_tag(record, tag, now), time_of_tag(record, tag, now))
            });
            copies.reduce(|a, b| (a.0.and(b.0), a.1.max(b.1))).unwrap_or((Age::Untold, None))
        };
        let (ages, times) = roles.release_ids().map(release).unzip();
        Self { ages, times }
    }

    /// The age of a release: that of its newest copy, if each copy has one.
    pub(super) fn of(&self, release: ReleaseId) -> Age {
        self.ages[index(release)]
    }

    /// The time by which a release is ordered: the newest that is known of a copy, as in history.
    pub(super) fn time(&self, release: ReleaseId) -> Option<DateTime<Utc>> {
        self.times[index(release)]
    }
}

/// When a tag was pushed, else when its image was built, if that can be believed.
fn time_of_tag(record: &ManifestRecord, tag: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let set = record.tags.get(tag).and_then(|tag| tag.pushed);
    set.or(record.pushed).or(record.built).filter(|time| is_plausible(*time, now))
}
