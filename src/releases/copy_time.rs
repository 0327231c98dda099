//! The time of one copy of a release: which source it is taken from, and whether it is the time of the
//! tag or of the digest.

use chrono::{DateTime, Utc};

use crate::model::{Moment, PushTimes, ReleaseOrder, TimeSource, is_plausible};

/// What a time belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedItem {
    /// The tag, which was set then.
    Tag,
    /// The digest. Which of its tags were set then is unknown.
    Digest,
}

/// The times that were read for a tag.
#[derive(Debug, Clone, Copy)]
pub struct TimeEvidence {
    /// Whether the push times of its registry are those of tags or of digests.
    pub push_times: PushTimes,
    /// The push time of the tag or of its digest, whichever the registry reports.
    pub pushed: Option<DateTime<Utc>>,
    /// The build time in the image config.
    pub built: Option<DateTime<Utc>>,
}

/// The time of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyTime {
    /// The time, if there is a plausible one.
    pub time: Option<DateTime<Utc>>,
    /// Where it is from.
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

/// The time by which a copy is ordered. Where the registry reports push times, a missing one is unknown:
/// the build time never replaces it.
#[must_use]
pub fn copy_time(order: ReleaseOrder, evidence: TimeEvidence, now: DateTime<Utc>) -> CopyTime {
    let TimeEvidence { push_times, pushed, built } = evidence;
    let (time, source, of) = match (order, push_times) {
        (ReleaseOrder::Git, _) => (None, TimeSource::Git, DatedItem::Tag),
        (ReleaseOrder::Pushed | ReleaseOrder::Deployed, PushTimes::OfTags) => {
            (pushed, TimeSource::Pushed, DatedItem::Tag)
        }
        (ReleaseOrder::Pushed | ReleaseOrder::Deployed, PushTimes::OfDigests) => {
            (pushed, TimeSource::Pushed, DatedItem::Digest)
        }
        (ReleaseOrder::Built, _)
        | (ReleaseOrder::Pushed | ReleaseOrder::Deployed, PushTimes::Unknown) => {
            (built, TimeSource::Built, DatedItem::Digest)
        }
    };
    CopyTime { time: time.filter(|time| is_plausible(*time, now)), source, of }
}
