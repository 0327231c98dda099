//! What became of a plan, entry by entry, and how the survivors fared.

use crate::model::{Digest, EnvironmentName, Repository, TagName};

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyResult {
    /// It is deleted.
    Deleted,
    /// It lost the tags that it was to lose.
    Untagged,
    /// It had gone already, which a listing confirmed.
    AlreadyGone,
    /// It changed since the plan was made, and was left alone.
    Skipped,
    /// The registry keeps it by a rule of its own.
    Retained,
    /// It could not be done.
    Failed(FailureCause),
}

impl ApplyResult {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Untagged => "untagged",
            Self::AlreadyGone => "already-gone",
            Self::Skipped => "skipped",
            Self::Retained => "retained",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why an entry could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCause {
    /// A right is missing: 401, 403, deletion switched off, or a 404 that a listing contradicts.
    Rights,
    /// Anything else.
    Registry,
}

/// One entry of the plan with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedEntry {
    /// Where it is, or was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// What became of it.
    pub result: ApplyResult,
    /// The same in words.
    pub message: String,
}

/// Something that had to survive, looked at again after the deletions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The environment that needs it.
    pub environment: EnvironmentName,
    /// Where it is.
    pub repository: Repository,
    /// Its tag.
    pub tag: TagName,
    /// What is missing of it, if anything is.
    pub damage: Option<String>,
    /// Why it could not be looked at, if so.
    pub unread: Option<String>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Application {
    /// What was tried, in the order of the plan's entries; entries that were not reached before an
    /// interruption are missing.
    pub applied: Vec<AppliedEntry>,
    /// What had to survive, looked at again. Empty where nothing was deleted, or after an
    /// interruption.
    pub survivors: Vec<Survivor>,
    /// Whether it was interrupted before the end.
    pub interrupted: bool,
    /// Whether it ended early because nothing moved any more: a limit did not end.
    pub stalled: bool,
}
