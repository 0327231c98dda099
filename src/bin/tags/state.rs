//! The directory in which this machine keeps its state. Files are written through `sink`, which
//! replaces secrets.

use std::io;
use std::path::{Path, PathBuf};

use tags::command::State;
use tags::policy::Shard;
use tempfile::NamedTempFile;

use super::{env, sink};

/// `$XDG_STATE_HOME/tags`, or `~/.local/state/tags`.
pub(crate) struct StateFiles;

impl State for StateFiles {
    fn directory(&self) -> Option<PathBuf> {
        env::state_directory()
    }

    fn journal_directories(&self) -> Vec<PathBuf> {
        let Some(base) = self.directory() else { return Vec::new() };
        let entries = std::fs::read_dir(&base).into_iter().flatten().flatten();
        let is_shard = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SHARD))
        };
        let mut shards: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_shard).collect();
        shards.sort();
        std::iter::once(base).chain(shards).collect()
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(directory)?;
        sink::write(&mut file, text)?;
        file.persist(path)?;
        Ok(())
    }
}

/// The beginning of the names of the shards' directories.
const SHARD: &str = "shard-";

/// The same for one shard. Shards run at the same time, so each has journals of its own, in a folder
/// such as `shard-0-of-8`.
pub(crate) struct ShardFiles(pub(crate) Option<Shard>);

impl State for ShardFiles {
    fn directory(&self) -> Option<PathBuf> {
        let directory = StateFiles.directory()?;
        let folder = |shard: Shard| format!("{SHARD}{}", shard.to_string().replace('/', "-of-"));
        Some(self.0.map(folder).map_or(directory.clone(), |folder| directory.join(folder)))
    }

    fn shared(&self) -> Option<PathBuf> {
        StateFiles.directory()
    }

    /// All of them: an interrupted run may have been divided in another way.
    fn journal_directories(&self) -> Vec<PathBuf> {
        StateFiles.journal_directories()
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        StateFiles.replace(path, text)
    }
}
