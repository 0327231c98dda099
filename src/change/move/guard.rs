//! Why a move is refused although it could be made.
//!
//! The codes are part of the contract with users' scripts.

use std::fmt;

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum GuardCode {
    /// The policy says that the release is bad.
    BadSha,
    /// The release's SHA tag exists in the environment with another digest, and SHA tags never move.
    ShaTagTaken,
    /// A SHA tag of the release does not point any more to what was recorded of it.
    ShaTagMoved,
    /// The release was not deployed, or is not known to be good, and the order is `deployed`.
    NotKnownGood,
    /// The release is older than the current one.
    Backwards,
    /// More would be copied than the policy allows in one run.
    MaxCopy,
    /// A run of the pipeline that may deploy to the environment has not ended.
    DeployRunning,
    /// An earlier move of the environment was interrupted, and had another goal.
    UnfinishedJournal,
    /// This machine's clock and those of the registries differ.
    Clock,
    /// The last finished rollback moved the latest tags to where they are now.
    AlreadyRolledBack,
}

impl GuardCode {
    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for GuardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A guard that refuses a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Which.
    pub code: GuardCode,
    /// What was seen.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Guard {
    /// A guard that refuses.
    pub fn new(code: GuardCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }
}
