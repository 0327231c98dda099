//! The records of an environment's releases: which ones count, and which is the first of a release.
//!
//! The first record of a release is the one that counts for what its SHA tags have to point to: a SHA
//! tag is never moved, so what comes later and says something else is what is wrong.

use chrono::{DateTime, Utc};

use super::record::{of_line, of_payload};
use crate::model::{
    Digest, EnvironmentName, KeptRecord, MovedTag, Place, RecordKind, RecordOrigin, RecordedImage,
    RecordedState, ReleaseRecord, Sha, TagReference,
};

/// A deployment that may be a record, as GitHub tells of it.
#[derive(Debug, Clone, Copy)]
pub struct ClaimedRecord<'a> {
    /// Its number.
    pub number: u64,
    /// The commit that it is of.
    pub sha: &'a str,
    /// Its task.
    pub task: &'a str,
    /// Its environment.
    pub environment: &'a str,
    /// Who created it.
    pub creator: Option<&'a str>,
    /// When it was created, by GitHub's clock.
    pub created: DateTime<Utc>,
    /// Any JSON.
    pub payload: &'a serde_json::Value,
}

/// The records of one environment that count, earliest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Records {
    kept: Vec<KeptRecord>,
    /// How many were created by somebody else than `records-by` names.
    pub foreign: usize,
    /// Those that are no records of a release, earliest first: by task or place they should be.
    pub malformed: Vec<RecordOrigin>,
}

/// What becomes of a record that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToWrite {
    /// It is written.
    Write,
    /// This one says the same.
    Already(RecordOrigin),
    /// The first record of the release says something else of these tags. It stays the first.
    Moved(Vec<MovedTag>),
}

/// The GitHub environment whose deployments are the records of an environment's releases.
#[must_use]
pub fn github_environment(environment: &EnvironmentName) -> String {
    format!("tags-{environment}")
}

impl Records {
    /// The records of an environment in a file of JSON lines. A last line that breaks off is malformed.
    #[must_use]
    pub fn of_file(text: &[u8], environment: &EnvironmentName) -> Self {
        let mut all = Self::default();
        for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
            let origin = RecordOrigin::Line(number);
            match of_line(line) {
                Ok((record, kind)) if record.environment == *environment => {
                    all.kept.push(KeptRecord { record, kind, origin });
                }
                Ok(_) => {}
                Err(_) if line.trim_ascii().is_empty() => {}
                Err(_) => all.malformed.push(origin),
            }
        }
        all
    }

    /// The records of an environment among deployments. Deployments of other tasks are no records.
    #[must_use]
    pub fn of_deployments<'a>(
        claimed: impl Iterator<Item = ClaimedRecord<'a>>,
        environment: &EnvironmentName,
        by: &[String],
    ) -> Self {
        let mut all = Self::default();
        let wanted = github_environment(environment);
        for claim in claimed.filter(|claim| claim.environment == wanted) {
            let Some(kind) = RecordKind::of_task(claim.task) else { continue };
            let is_named = |login: &str| by.iter().any(|known| known.eq_ignore_ascii_case(login));
            if !claim.creator.is_some_and(is_named) {
                all.foreign += 1;
                continue;
            }
            let origin = RecordOrigin::Deployment(claim.number);
            match claimed_record(claim, environment) {
                Some(record) => all.kept.push(KeptRecord { record, kind, origin }),
                None => all.malformed.push(origin),
            }
        }
        // Pages shift while they are read, so one may come twice.
        all.kept.sort_by_key(|kept| kept.origin);
        all.kept.dedup_by_key(|kept| kept.origin);
        all.malformed.sort_unstable();
        all.malformed.dedup();
        all
    }

    /// All of them, earliest first.
    #[must_use]
    pub fn all(&self) -> &[KeptRecord] {
        &self.kept
    }

    /// Those of releases that were seen to run, earliest first; one for each time.
    #[must_use]
    pub fn deployed(&self) -> impl DoubleEndedIterator<Item = &KeptRecord> {
        self.kept.iter().filter(|kept| kept.kind == RecordKind::Deployed)
    }

    /// Those that can only be of this commit, earliest first; none if records of several commits fit
    /// a shortened SHA.
    #[must_use]
    pub fn of(&self, sha: &Sha) -> Vec<&KeptRecord> {
        if self.is_ambiguous(sha) {
            return Vec::new();
        }
        let fits = |kept: &&KeptRecord| {
            let own = &kept.record.sha;
            own.agrees_with(sha) && !self.names_another(own, sha)
        };
        self.kept.iter().filter(fits).collect()
    }

    /// The first of a release.
    #[must_use]
    pub fn first(&self, sha: &Sha) -> Option<&KeptRecord> {
        self.of(sha).first().copied()
    }

    /// Whether records of several commits fit a shortened SHA.
    #[must_use]
    pub fn is_ambiguous(&self, sha: &Sha) -> bool {
        let fits = || self.shas().filter(|one| sha.is_prefix_of(one));
        let mut longest: Option<&Sha> = None;
        for one in fits() {
            if longest.is_none_or(|known| known.to_string().len() < one.to_string().len()) {
                longest = Some(one);
            }
        }
        longest.is_some_and(|longest| fits().any(|one| !one.is_prefix_of(longest)))
    }

    /// Whether a shortened SHA in a record fits another recorded commit than this one as well.
    fn names_another(&self, short: &Sha, sha: &Sha) -> bool {
        self.shas().any(|other| short.is_prefix_of(other) && !other.agrees_with(sha))
    }

    fn shas(&self) -> impl Iterator<Item = &Sha> {
        self.kept.iter().map(|kept| &kept.record.sha)
    }

    /// The SHA tags of a release that do not point any more to what its first record says. Whether
    /// what was recorded still exists is not known here.
    pub fn moved<'a>(
        &self,
        sha: &Sha,
        now: impl IntoIterator<Item = (&'a Place, &'a TagReference, &'a Digest)>,
    ) -> Vec<MovedTag> {
        let Some(KeptRecord { record, .. }) = self.first(sha) else {
            return Vec::new();
        };
        let moved = now.into_iter().filter_map(|(place, reference, now)| {
            let recorded = &record.image_in(&reference.repository)?.digest;
            (recorded != now).then(|| MovedTag {
                place: place.clone(),
                reference: reference.clone(),
                now: now.clone(),
                recorded: recorded.clone(),
                since: record.time,
                state: RecordedState::Unknown,
            })
        });
        moved.collect()
    }

    /// What becomes of a record. A release that is deployed again after another one is recorded
    /// again, since the order of deployments follows from that.
    #[must_use]
    pub fn to_write(&self, record: &ReleaseRecord, kind: RecordKind) -> ToWrite {
        let images = record.images.iter();
        let now = images.map(|image| (&image.place, &image.reference, &image.digest));
        let moved = self.moved(&record.sha, now);
        if !moved.is_empty() {
            return ToWrite::Moved(moved);
        }
        let is_equal = |kept: &&KeptRecord| {
            kept.record.sha.agrees_with(&record.sha) && has_same_images(&kept.record, record)
        };
        let equal = match kind {
            RecordKind::Built => self.of(&record.sha).into_iter().find(is_equal),
            RecordKind::Deployed => self.deployed().next_back().filter(is_equal),
        };
        equal.map_or(ToWrite::Write, |kept| ToWrite::Already(kept.origin))
    }
}

/// The record in a deployment. Its payload has to name the environment and the commit that the
/// deployment is of; the time is GitHub's.
fn claimed_record(
    claim: ClaimedRecord<'_>,
    environment: &EnvironmentName,
) -> Option<ReleaseRecord> {
    let record = of_payload(claim.payload).ok()?;
    let deployed = Sha::parse(claim.sha).ok()?;
    let fits = record.environment == *environment && record.sha.agrees_with(&deployed);
    // The deployment names the commit in full.
    fits.then_some(ReleaseRecord { time: claim.created, sha: deployed, ..record })
}

fn has_same_images(one: &ReleaseRecord, other: &ReleaseRecord) -> bool {
    let has = |image: &RecordedImage| {
        let known = one.image_in(&image.reference.repository);
        known.is_some_and(|known| known.digest == image.digest)
    };
    one.images.len() == other.images.len() && other.images.iter().all(has)
}
