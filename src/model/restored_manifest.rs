//! A manifest that an undo pushed again, with the time that it had before.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Contents, Digest, ManifestRecord, Repository};

/// No undo takes longer, however often the registry makes it wait.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A manifest that an undo put back. A registry that dates pushes takes it for new; it is as old
/// as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredManifest {
    /// Where it is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// When it had been pushed before.
    pub time: DateTime<Utc>,
    /// When it was put back: from the beginning of the undo to its end.
    pub undone: (DateTime<Utc>, DateTime<Utc>),
}

impl RestoredManifest {
    /// Whether a time that a registry tells is that of the undo.
    fn dates(&self, time: DateTime<Utc>) -> bool {
        (self.undone.0..=self.undone.1).contains(&time)
    }

    /// Whether this can be what an undo did: it took hours at most, it came after the push that it
    /// undid the loss of, and the image had been built by then.
    fn can_be(&self, record: &ManifestRecord) -> bool {
        let (from, to) = self.undone;
        from <= to
            && to - from <= LONGEST
            && self.time < from
            && record.built.is_none_or(|built| built <= self.time)
    }

    fn correct(&self, record: &mut ManifestRecord) {
        if !self.can_be(record) {
            return;
        }
        if record.pushed.is_some_and(|time| self.dates(time)) {
            record.pushed = Some(self.time);
        }
        for tag in &mut record.tags {
            if tag.pushed.is_some_and(|time| self.dates(time)) {
                tag.pushed = Some(self.time);
            }
        }
    }
}

impl Contents {
    /// Gives what an undo put back the time that it had before, so that it does not pass for newer
    /// than what was never deleted. What was pushed at any other time keeps that time.
    pub fn correct_times(&mut self, put_back: &[RestoredManifest]) {
        for one in put_back {
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
