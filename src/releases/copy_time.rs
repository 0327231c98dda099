//! The time of one copy of a release: which source counts, and what its time belongs to.

use chrono::{DateTime, Utc};

use crate::model::{Moment, PushTimes, ReleaseOrder, TimeSource, is_plausible};

/// What a time belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedItem {
    /// The tag: it was set then.
    Tag,
    /// The digest: which of its tags came with it nobody knows.
    Digest,
}

/// What was read about the time of a tag.
#[derive(Debug, Clone, Copy)]
pub struct TimeEvidence {
    /// What the push times of its source belong to.
    pub push_times: PushTimes,
    /// The push time of the tag or of its digest, whichever the source tells.
    pub pushed: Option<DateTime<Utc>>,
    /// When the image config says that it was built.
    pub built: Option<DateTime<Utc>>,
}

/// The time of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyTime {
    /// The time, if there is one that can be believed.
    pub time: Option<DateTime<Utc>>,
    /// How it is known.
    pub source: TimeSource,
    /// What it belongs to.
    pub of: DatedItem,
}

impl CopyTime {
    /// The time with its source.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.time.map(|time| Moment { time, source: self.source })
    }
}

/// The time by which a copy is ordered. Where the source tells push times, a missing one is
/// unknown: the build time never stands in for it.
#[must_use]
pub fn copy_time(order: ReleaseOrder, evidence: TimeEvidence, now: DateTime<Utc>) -> CopyTime {
    let TimeEvidence { push_times, pushed, built } = evidence;
    let (time, source, of) = match (order, push_times) {
        (ReleaseOrder::Git, _) => (None, TimeSource::Git, DatedItem::Tag),
        (ReleaseOrder::Pushed, PushTimes::OfTags) => (pushed, TimeSource::Pushed, DatedItem::Tag),
        (ReleaseOrder::Pushed, PushTimes::OfDigests) => {
            (pushed, TimeSource::Pushed, DatedItem::Digest)
        }
        (ReleaseOrder::Built, _) | (ReleaseOrder::Pushed, PushTimes::Unknown) => {
            (built, TimeSource::Built, DatedItem::Digest)
        }
    };
    CopyTime { time: time.filter(|time| is_plausible(*time, now)), source, of }
}
