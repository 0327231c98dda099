//! The file of records that the policy names. A relative path begins at the policy file's folder,
//! so that it is the same file whatever the working directory is.

use std::io;
use std::path::{Path, PathBuf};

use tags::command::{AppendedLine, RecordFiles};

use super::sink;

/// Files relative to a folder.
pub(crate) struct FilesBeside {
    folder: PathBuf,
}

impl FilesBeside {
    /// Those beside the policy file.
    pub(crate) fn policy(path: &Path) -> Self {
        Self { folder: path.parent().map(Path::to_owned).unwrap_or_default() }
    }

    /// The path of a file.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl RecordFiles for FilesBeside {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.path(path))
    }

    fn append(&self, path: &str, line: AppendedLine<'_>) -> io::Result<()> {
        sink::append_line(&self.path(path), line)
    }
}
