//! A finding: a mistake in a workflow.

use super::position::Position;
pub use crate::model::Severity;

/// A change that a finding asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// The entry that begins at the finding has the SHA where the latest tag should be; this is that
    /// tag.
    LatestForSha(String),
    /// `cancel-in-progress: true` becomes `false`.
    DoNotCancel,
    /// This name becomes lower-case, wherever the file has it; without a host, at the finding and where
    /// a tag or a digest follows.
    LowerCase(String),
}

/// A mistake in a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name of the file, as it was given.
    pub file: String,
    /// The position in it.
    pub at: Position,
    /// The rule's name.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What has the mistake: a reference, a repository or a job.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The change for `--fix`, if only one change is possible.
    pub fix: Option<Fix>,
}
