//! Manifests that an undo pushed again, and the correction of their push times.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Contents, Digest, ManifestRecord, Repository};

/// The longest that an undo may take, with all waits for the registry.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A manifest that an undo restored. The registry reports the time of the undo as its push time; its
/// real push time is the one before its deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredManifest {
    /// Where it is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Its push time before it was deleted.
    pub time: DateTime<Utc>,
    /// When it was restored: from the beginning to the end of the undo.
    pub undone: (DateTime<Utc>, DateTime<Utc>),
}

impl RestoredManifest {
    /// Whether a push time lies within the undo.
    fn covers(&self, time: DateTime<Utc>) -> bool {
        (self.undone.0..=self.undone.1).contains(&time)
    }

    /// Whether these times are plausible: the undo took at most a day and began after the push, and the
    /// image was built before the push.
    fn is_possible(&self, record: &ManifestRecord) -> bool {
        let (from, to) = self.undone;
        from <= to
            && to - from <= LONGEST
            && self.time < from
            && record.built.is_none_or(|built| built <= self.time)
    }

    fn correct(&self, record: &mut ManifestRecord) {
        if !self.is_possible(record) {
            return;
        }
        if record.pushed.is_some_and(|time| self.covers(time)) {
            record.pushed = Some(self.time);
        }
        for tag in &mut record.tags {
            if tag.pushed.is_some_and(|time| self.covers(time)) {
                tag.pushed = Some(self.time);
            }
        }
    }
}

impl Contents {
    /// Gives restored manifests their push time from before the deletion, so that they do not count as
    /// new. A manifest that was pushed at another time than that of the undo keeps its time.
    pub fn correct_times(&mut self, restored: &[RestoredManifest]) {
        for one in restored {
            for repository in &mut self.repositories {
                if repository.repository.host != one.repository.host
                    || repository.repository.path != one.repository.path
                {
                    continue;
                }
                let record = repository.manifests.iter_mut().find(|r| r.digest == one.digest);
                if let Some(record) = record {
                    one.correct(record);
                }
            }
        }
    }
}
