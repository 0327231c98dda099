//! The journal: what is deleted or moved is recorded on disk, with its exact bytes, before that is done.
//!
//! One JSON record a line. `write` adds to the journal of this run, `read` parses journals, `directory`
//! finds those of interrupted runs.

mod directory;
mod move_record;
mod read;
mod record;
mod write;

use std::io;
use std::path::PathBuf;

pub use directory::{
    PendingJournals, SkippedJournal, move_journals, pending_journals, unfinished_manifests,
};
pub use move_record::{MoveRecord, RecordedPlace};
pub use read::JournalRecords;
pub use record::{JournalHeader, JournalStep, LatestTagsSeen, StepAction};
pub use write::{Journal, mark_finished, record_undone};

use crate::ownership::OwnershipError;

/// A journal that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file or its directory.
    #[error("the journal {} cannot be {verb}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried: written, read.
        verb: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A record that cannot be written as JSON.
    #[error("the journal {} cannot be written", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A record that holds a secret of this run.
    #[error("a record for {} contains a credential of this run", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
    },
    /// A line that is not a valid record.
    #[error("{}:{line}: {problem}", path.display())]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that another user may have written.
    #[error("the journal {} is ignored: {doubt}", path.display())]
    Doubtful {
        /// The file.
        path: PathBuf,
        /// Why.
        doubt: OwnershipError,
    },
    /// An earlier record of this run could not be written.
    #[error("the journal {} is closed, since a record could not be written", path.display())]
    Closed {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes to this journal, or to one in the same directory.
    #[error("another run is changing registries (journal {})", path.display())]
    Active {
        /// The other's journal.
        path: PathBuf,
    },
}

impl JournalError {
    /// What to do next, where there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::File { verb: "read", .. } => Some(
                "check that it exists and that you may read it; a run prints its path on stderr",
            ),
            Self::File { .. } | Self::Record { .. } | Self::Closed { .. } => Some(
                "nothing is changed without a journal; free disk space, or set `XDG_STATE_HOME` to another directory",
            ),
            Self::Doubtful { doubt, .. } => Some(doubt.hint()),
            Self::Active { .. } => Some("wait until that run has ended"),
            Self::Secret { .. } => {
                Some("replace that credential; others can read it in the registry")
            }
            Self::Nonsense { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
