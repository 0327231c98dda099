//! What this machine keeps from one run to the next: the journals of runs, and when it saw
//! manifests first.

use std::io;
use std::path::{Path, PathBuf};

/// The directory in which this machine keeps its state, provided by the caller.
pub trait State: Send + Sync {
    /// The directory; none where nothing says which one it is.
    fn directory(&self) -> Option<PathBuf>;

    /// Replaces the text of a file, as a whole or not at all.
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
