//! The journals of a directory: which are being written, and which broke off.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{JournalError, Recorded};
use crate::model::Unfinished;

/// The journals of a directory that broke off with something begun.
///
/// # Errors
/// [`JournalError`] when the directory or one of the journals cannot be read.
pub fn unfinished_journals(directory: &Path) -> Result<Vec<Recorded>, JournalError> {
    let mut journals = pending_journals(directory)?;
    journals.retain(|journal| !journal.finished);
    Ok(journals)
}

/// The journals of a directory that the next run has to know of, oldest first by name: those that
/// broke off with something begun, and those that were undone. Those of runs that go on are left
/// out; a directory that is not there has none.
///
/// # Errors
/// [`JournalError`] when the directory or one of the journals cannot be read.
pub fn pending_journals(directory: &Path) -> Result<Vec<Recorded>, JournalError> {
    let mut found = Vec::new();
    for path in journals(directory)? {
        match Recorded::read(&path) {
            Ok(recorded) if recorded.is_pending() => found.push(recorded),
            Ok(_) | Err(JournalError::Active { .. }) => {}
            // The process died before the first record was whole, and so before any deletion.
            Err(JournalError::Nonsense { line: 1, .. }) if has_no_line(&path) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// What a journal began to delete, unless nothing is left to do.
///
/// # Errors
/// [`JournalError`] when it cannot be read.
pub fn unfinished_manifests(path: &Path) -> Result<Vec<Unfinished>, JournalError> {
    Recorded::read(path).map(|recorded| recorded.unfinished())
}

/// Another journal in the directory of this one that is being written.
pub(super) fn active_beside(path: &Path) -> Result<Option<PathBuf>, JournalError> {
    for other in journals(directory_of(path))? {
        let failed = |source| JournalError::File { path: other.clone(), verb: "read", source };
        if other.file_name() != path.file_name() && is_active(&other).map_err(failed)? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Whether a process holds the lock of a journal.
pub(super) fn is_active(path: &Path) -> io::Result<bool> {
    match File::open(path)?.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The directory of a file.
pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn has_no_line(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| !bytes.contains(&b'\n'))
}

fn journals(directory: &Path) -> Result<Vec<PathBuf>, JournalError> {
    let failed =
        |source: io::Error| JournalError::File { path: directory.to_owned(), verb: "read", source };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let named = name.is_some_and(|name| name.starts_with("journal-"));
        if named && path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
