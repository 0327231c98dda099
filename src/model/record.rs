//! The record of a release: which digest each of its SHA tags had when it was built or deployed.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Digest, EnvironmentName, Place, Repository, RunId, Sha, TagReference};

/// What a release was when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRecord {
    /// The environment.
    pub environment: EnvironmentName,
    /// The commit, or a prefix of it.
    pub sha: Sha,
    /// When it was recorded. For a deployment that is GitHub's time.
    pub time: DateTime<Utc>,
    /// The page of the run that recorded it, if one did.
    pub run: Option<String>,
    /// Each image in each registry.
    pub images: Vec<RecordedImage>,
}

/// One image in one registry, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedImage {
    /// The image and the registry, by their names in the policy of that time.
    pub place: Place,
    /// The SHA tag.
    pub reference: TagReference,
    /// What it pointed to.
    pub digest: Digest,
}

/// What was known of a release when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// It was verified in the registries.
    Built,
    /// It was verified, and seen to run.
    Deployed,
}

/// Which record it is. Of the records of one store, the smaller number is the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordOrigin {
    /// A deployment, by its number.
    Deployment(u64),
    /// A line of a file, counted from 1.
    Line(u64),
}

/// A record that counts, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecord {
    /// The record.
    pub record: ReleaseRecord,
    /// What it says of the release.
    pub kind: RecordKind,
    /// Where it stands.
    pub origin: RecordOrigin,
}

/// A SHA tag that does not point any more to what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTag {
    /// The image and the registry.
    pub place: Place,
    /// The tag.
    pub reference: TagReference,
    /// What it points to now.
    pub now: Digest,
    /// What was recorded.
    pub recorded: Digest,
    /// When it was recorded.
    pub since: DateTime<Utc>,
    /// Whether the registry still has what was recorded.
    pub state: RecordedState,
}

/// Whether a registry still has a recorded manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedState {
    /// It has.
    Exists,
    /// It has not.
    Gone,
    /// It was not asked, or did not answer.
    Unknown,
}

impl RecordKind {
    /// The task of a deployment that is such a record.
    #[must_use]
    pub fn task(self) -> &'static str {
        match self {
            Self::Built => "tags:built",
            Self::Deployed => "tags:deployed",
        }
    }

    /// The kind of record that a task stands for.
    #[must_use]
    pub fn of_task(task: &str) -> Option<Self> {
        [Self::Built, Self::Deployed].into_iter().find(|kind| kind.task() == task)
    }
}

impl ReleaseRecord {
    /// The run that recorded it, by its page on GitHub: `…/actions/runs/123` or
    /// `…/actions/runs/123/attempts/2`.
    #[must_use]
    pub fn run_id(&self) -> Option<RunId> {
        let (_, rest) = self.run.as_ref()?.split_once("/actions/runs/")?;
        rest.split('/').next()?.parse().ok().map(RunId)
    }

    /// What was recorded for a repository. Its name in the policy may have changed since.
    #[must_use]
    pub fn image_in(&self, repository: &Repository) -> Option<&RecordedImage> {
        self.images.iter().find(|image| is_same(&image.reference.repository, repository))
    }
}

/// Whether both are the same address, whatever the registry is called.
fn is_same(one: &Repository, other: &Repository) -> bool {
    (&one.host, &one.path) == (&other.host, &other.path)
}

impl MovedTag {
    /// The reference that names what was recorded: `host/path@sha256:…`.
    #[must_use]
    pub fn recorded_reference(&self) -> String {
        format!("{}@{}", self.reference.repository, self.recorded)
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        let recorded = self.recorded_reference();
        match self.state {
            RecordedState::Exists => format!(
                "use {recorded} instead, and find out which build pushed the tag a second time"
            ),
            RecordedState::Gone => {
                "what was recorded cannot be pulled any more; deploy another commit, and find out which build pushed the tag a second time".to_owned()
            }
            RecordedState::Unknown => format!(
                "use {recorded} instead, if it still exists; find out which build pushed the tag a second time"
            ),
        }
    }
}

impl fmt::Display for MovedTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            RecordedState::Exists => "which still exists",
            RecordedState::Gone => "which does not exist any more",
            RecordedState::Unknown => "and it is unknown whether that still exists",
        };
        write!(
            f,
            "{} points to {}, but was recorded on {} as {}, {state}",
            self.reference,
            self.now.short(),
            self.since.format("%F"),
            self.recorded
        )
    }
}
