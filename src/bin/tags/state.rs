//! The directory in which this machine keeps its state. Files are written through `sink`, which
//! replaces secrets.

use std::io;
use std::path::{Path, PathBuf};

use tags::command::State;
use tempfile::NamedTempFile;

use super::{env, sink};

/// `$XDG_STATE_HOME/tags`, or `~/.local/state/tags`.
pub(crate) struct StateFiles;

impl State for StateFiles {
    fn directory(&self) -> Option<PathBuf> {
        env::state_directory()
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(directory)?;
        sink::write(&mut file, text)?;
        file.persist(path)?;
        Ok(())
    }
}
