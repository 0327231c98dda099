//! The file of records, opened by the caller.

use std::io;

/// Appends to a file of records what this makes of its content; nothing if it makes nothing of it.
pub type AppendedLine<'a> = &'a mut dyn FnMut(&[u8]) -> Option<String>;

/// The files of records, provided by the caller. A relative path begins where the caller says.
pub trait RecordFiles: Send + Sync {
    /// The whole content.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Appends a line to a file, which is created if it does not exist. From the moment that the line
    /// is made of the content until it is on disk, no other process appends anything.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn append(&self, path: &str, line: AppendedLine<'_>) -> io::Result<()>;
}

/// No files: records in a file count as unread.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecordFiles;

impl RecordFiles for NoRecordFiles {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn append(&self, _: &str, _: AppendedLine<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
