//! The journals of a directory: those of interrupted or undone runs, and those that are ignored.

use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::read::{JournalRecords, is_active};
use crate::model::{Digest, Unfinished};
use crate::ownership;

/// The journals of a directory that the next run needs.
#[derive(Debug, Default)]
pub struct PendingJournals {
    /// Those of interrupted runs that started something, and those that were undone; oldest first by name.
    pub journals: Vec<JournalRecords>,
    /// Those that are ignored.
    pub skipped: Vec<SkippedJournal>,
}

/// A journal that is neither used nor finished.
#[derive(Debug)]
pub struct SkippedJournal {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is ignored.
    pub reason: String,
    /// What to do next.
    pub hint: &'static str,
}

/// The journals of a directory that the next run under this policy needs. Those of running processes are
/// left out; a missing directory has none.
///
/// A journal may cause the deletion of manifests that no listing shows. So it is used only if no other user
/// can have written it, and if it was written under the same policy file.
///
/// # Errors
/// [`JournalError`] when the directory cannot be read.
pub fn pending_journals(
    directory: &Path,
    policy: &Digest,
) -> Result<PendingJournals, JournalError> {
    let mut pending = PendingJournals::default();
    for path in journals(directory)? {
        match JournalRecords::read(&path) {
            Ok(recorded) if !recorded.is_pending() => {}
            Ok(recorded) if recorded.header.policy == *policy => pending.journals.push(recorded),
            Ok(_) => pending.skipped.push(SkippedJournal {
                path,
                reason: "it was written under another policy file than this one".to_owned(),
                hint: "`tags undo` can still restore what it deleted; that policy's own runs use it",
            }),
            Err(JournalError::Active { .. }) => {}
            // The process was killed before the first record was complete, and so before any deletion.
            Err(JournalError::Nonsense { line: 1, .. }) if has_no_line(&path) => {}
            Err(JournalError::Doubtful { doubt, .. }) => {
                let (reason, hint) = (doubt.to_string(), doubt.hint());
                pending.skipped.push(SkippedJournal { path, reason, hint });
            }
            Err(error) => pending.skipped.push(SkippedJournal {
                path,
                reason: error.to_string(),
                hint: "check it: what it deleted can be restored by hand; then remove it",
            }),
        }
    }
    Ok(pending)
}

/// The journals of moves in a directory, whether they are finished or not and under whatever policy
/// they were written; oldest first by name. Those of runs that go on are left out.
///
/// # Errors
/// [`JournalError`] when the directory cannot be read.
pub fn move_journals(directory: &Path) -> Result<PendingJournals, JournalError> {
    let mut found = PendingJournals::default();
    for path in journals(directory)? {
        match JournalRecords::read(&path) {
            Ok(recorded) if recorded.moved.is_some() => found.journals.push(recorded),
            Ok(_) | Err(JournalError::Active { .. }) => {}
            Err(JournalError::Nonsense { line: 1, .. }) if has_no_line(&path) => {}
            Err(error) => {
                let hint = error.hint().unwrap_or("look at it, then remove it");
                found.skipped.push(SkippedJournal { path, reason: error.to_string(), hint });
            }
        }
    }
    Ok(found)
}

/// The manifests that a journal's run began to delete, unless nothing is left to do.
///
/// # Errors
/// [`JournalError`] when it cannot be read.
pub fn unfinished_manifests(path: &Path) -> Result<Vec<Unfinished>, JournalError> {
    JournalRecords::read(path).map(|recorded| recorded.unfinished())
}

/// Another journal of this user in the directory of this one that is being written.
pub(super) fn active_beside(path: &Path) -> Result<Option<PathBuf>, JournalError> {
    for other in journals(directory_of(path))? {
        let failed = |source| JournalError::File { path: other.clone(), verb: "read", source };
        if other.file_name() == path.file_name() {
            continue;
        }
        if let Ok(Some(file)) = ownership::open(&other)
            && is_active(&file).map_err(failed)?
        {
            return Ok(Some(other));
        }
    }
    Ok(None)
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
