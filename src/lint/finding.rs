//! A finding: a mistake in a workflow.

use super::position::Position;
pub use crate::model::Severity;

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
    /// A reference, a repository, a job: what has the mistake.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}
