//! The plan: every manifest once, with what happens to it and why. It is what a dry run shows, what
//! a plan file holds, and what an apply does.

use chrono::{DateTime, Utc};

use super::reason::Reason;
use crate::model::{Digest, EnvironmentName, ImageName, Repository, Sha, TagName, Unread};

/// What happens to a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is kept as it is.
    Keep,
    /// It is kept, and loses these tags.
    Untag(Vec<TagName>),
    /// It is deleted, with all its tags.
    Delete,
}

impl Decision {
    /// The word used in output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Untag(_) => "untag",
            Self::Delete => "delete",
        }
    }
}

/// One manifest of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEntry {
    /// The image, if the policy knows the repository as one's.
    pub image: Option<ImageName>,
    /// Where it is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Its tags, sorted.
    pub tags: Vec<TagName>,
    /// What happens to it.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
    /// Its size with config and layers, as far as it is known.
    pub bytes: Option<u64>,
    /// When it was pushed or tagged last, else built.
    pub time: Option<DateTime<Utc>>,
}

/// Whether a repository was read to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryCoverage {
    /// The repository.
    pub repository: Repository,
    /// Why not, if it was not.
    pub unread: Option<Unread>,
}

/// What remains of an environment after the plan, for a reviewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentSummary {
    /// The environment.
    pub environment: EnvironmentName,
    /// The release or releases that count as current.
    pub current: Vec<Sha>,
    /// What can be gone back to from there, newest first, as far as it is held by the floor.
    pub floor: Vec<Sha>,
    /// How many releases are kept.
    pub kept: usize,
    /// How many releases are deleted.
    pub deleted: usize,
    /// How many releases are complete; none where something could not be read.
    pub complete: Option<usize>,
}

/// Every manifest once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// When it was made: the time that counted as now.
    pub created: DateTime<Utc>,
    /// The digest of the policy file's bytes.
    pub policy: Digest,
    /// The repositories, sorted.
    pub coverage: Vec<RepositoryCoverage>,
    /// The manifests, sorted by repository, then time (newest first), then digest.
    pub entries: Vec<PlanEntry>,
    /// What remains of each environment. Empty in a plan that was read from a file.
    pub environments: Vec<EnvironmentSummary>,
    /// What a reviewer should know besides: rules that match nothing, indexes with a part gone.
    /// Empty in a plan that was read from a file.
    pub warnings: Vec<String>,
}

/// Counts over entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryTotals {
    /// Manifests that stay.
    pub keep: usize,
    /// Manifests that stay and lose tags.
    pub untag: usize,
    /// Manifests that go.
    pub delete: usize,
    /// The sizes of those that go, added up.
    pub bytes: u64,
}

impl EntryTotals {
    /// Counts entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a PlanEntry>) -> Self {
        entries.into_iter().fold(Self::default(), |mut totals, entry| {
            match entry.decision {
                Decision::Keep => totals.keep += 1,
                Decision::Untag(_) => totals.untag += 1,
                Decision::Delete => {
                    totals.delete += 1;
                    totals.bytes = totals.bytes.saturating_add(entry.bytes.unwrap_or(0));
                }
            }
            totals
        })
    }
}

impl Plan {
    /// Counts over all entries.
    #[must_use]
    pub fn totals(&self) -> EntryTotals {
        EntryTotals::of(&self.entries)
    }

    /// Whether every repository was read to the end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.coverage.iter().all(|coverage| coverage.unread.is_none())
    }
}
