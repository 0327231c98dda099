//! The state that this machine keeps between runs: journals, and when manifests were first seen.

use std::io;
use std::path::{Path, PathBuf};

/// The directory in which this machine keeps its state, provided by the caller.
pub trait State: Send + Sync {
    /// The directory; none if it is not known.
    fn directory(&self) -> Option<PathBuf>;

    /// The directory of what all runs on this machine share, also those that run at the same time: when
    /// manifests were first seen.
    fn shared(&self) -> Option<PathBuf> {
        self.directory()
    }

    /// The directories in which journals of earlier runs may be.
    fn journal_directories(&self) -> Vec<PathBuf> {
        self.directory().into_iter().collect()
    }

    /// Replaces a file, as a whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn replace(&self, path: &Path, text: &str) -> io::Result<()>;
}

/// Keeps nothing: a journal is only written to the file that a request names.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoState;

impl State for NoState {
    fn directory(&self) -> Option<PathBuf> {
        None
    }

    fn replace(&self, _: &Path, _: &str) -> io::Result<()> {
        Ok(())
    }
}
