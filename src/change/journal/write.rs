//! Writes a journal: a new file, locked until its run ends. Each record is on disk before anything relies
//! on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};

use super::JournalError;
use super::directory::{active_beside, directory_of};
use super::move_record::{MoveLine, MoveRecord};
use super::read::whole_lines;
use super::record::{JournalHeader, JournalStep, LatestTagsSeen, Line, ResultLine};
use crate::change::result::ApplyResult;
use crate::model::{Digest, Repository};
use crate::ownership::{self, OwnershipError};
use crate::secrets::Secrets;

/// The journal of the current run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<Records>,
    /// The secrets that it must not contain.
    secrets: OnceLock<Secrets>,
}

/// The file, and the end of its complete records.
#[derive(Debug)]
struct Records {
    file: File,
    /// Where the last complete record ends.
    end: u64,
    /// Whether a record could not be written. Then the file stays open only for its lock, since this run may
    /// still have requests running.
    is_closed: bool,
}

impl Records {
    fn of(file: File) -> Self {
        Self { file, end: 0, is_closed: false }
    }

    /// Adds a record. If that fails, the file keeps its earlier records and takes no further ones.
    fn append(&mut self, text: &str) -> io::Result<()> {
        let written = write(&mut self.file, text);
        if let Ok(()) = &written {
            self.end += text.len() as u64;
        } else {
            self.is_closed = true;
            // A partial record is cut off. If that fails too, the reader ignores it.
            let _ = self.file.set_len(self.end);
        }
        written
    }
}

impl Journal {
    /// Begins a journal in a file that must not exist yet. Its directory is created; only the user may read
    /// it.
    ///
    /// # Errors
    /// [`JournalError::Active`] while another run writes a journal in the same directory; another error when
    /// the file cannot be created and written.
    pub fn create(path: &Path, beginning: &JournalHeader) -> Result<Self, JournalError> {
        let failed = |source| unwritten(path, source);
        let directory = directory_of(path);
        ownership::create_directory(directory).map_err(failed)?;
        let file = create_private(path).map_err(failed)?;
        lock(&file, path)?;
        // Checked only after our own is locked: of two runs that start together at least one sees the other.
        if let Some(other) = active_beside(path)? {
            std::fs::remove_file(path).map_err(failed)?;
            return Err(JournalError::Active { path: other });
        }
        let journal = Self::of(path, file);
        journal.append(&Line::begin(beginning))?;
        // The name of the new file must survive a crash as well.
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
        Ok(journal)
    }

    fn of(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file: Mutex::new(Records::of(file)),
            secrets: OnceLock::new(),
        }
    }

    /// Keeps these secrets out of the journal: messages are redacted, and a step whose record would be changed
    /// by that is refused.
    pub(in crate::change) fn keep_out(&self, secrets: &Secrets) {
        let _ = self.secrets.set(secrets.clone());
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records a step before it is carried out. It is on disk when this returns.
    pub(in crate::change) fn step(&self, step: &JournalStep) -> Result<(), JournalError> {
        self.append_exact(&Line::step(step))
    }

    /// Records a move that is about to be made. It is on disk when this returns.
    pub(in crate::change) fn begin_move(&self, record: &MoveRecord) -> Result<(), JournalError> {
        self.append_exact(&Line::Move(MoveLine::new(record)))
    }

    /// Adds a record that must not be changed: one with a secret in it is refused.
    fn append_exact(&self, line: &Line) -> Result<(), JournalError> {
        let text = encode(&self.path, line)?;
        if self.secrets.get().is_some_and(|secrets| secrets.occur_in(text.as_bytes())) {
            return Err(JournalError::Secret { path: self.path.clone() });
        }
        self.append(line)
    }

    /// Records the result of a step.
    pub(in crate::change) fn result(
        &self,
        repository: &Repository,
        digest: &Digest,
        (result, message): (ApplyResult, &str),
    ) -> Result<(), JournalError> {
        self.append(&Line::Result(ResultLine::new(repository, digest, result, message)))
    }

    /// Records where the latest tags of a repository pointed after its last step.
    pub(in crate::change) fn latest(
        &self,
        repository: &Repository,
        seen: &LatestTagsSeen,
    ) -> Result<(), JournalError> {
        self.append(&Line::latest(repository, seen))
    }

    /// Records that every entry was done, skipped or retained.
    pub(in crate::change) fn end(&self) -> Result<(), JournalError> {
        self.append(&Line::End {})
    }

    /// Records that nothing is left to do, since all that was moved was put back.
    pub(in crate::change) fn put_back(&self) -> Result<(), JournalError> {
        self.append(&Line::Finished { by: "putting back".to_owned() })
    }

    fn append(&self, line: &Line) -> Result<(), JournalError> {
        let text = encode(&self.path, line)?;
        let text = match self.secrets.get() {
            Some(secrets) => secrets.redact_text(&text),
            None => text.as_str().into(),
        };
        let mut records = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if records.is_closed {
            return Err(JournalError::Closed { path: self.path.clone() });
        }
        records.append(&text).map_err(|source| unwritten(&self.path, source))
    }
}

/// Marks the journal of an interrupted run as finished by another one, so that it is not finished again.
///
/// # Errors
/// [`JournalError`] when it cannot be written, or its own run is still active.
pub fn mark_finished(path: &Path, by: &str) -> Result<(), JournalError> {
    add(path, &Line::Finished { by: by.to_owned() })
}

/// Records in a journal when it was undone, so that restored manifests do not count as new.
///
/// # Errors
/// [`JournalError`] when it cannot be written, or its own run is still active.
pub fn record_undone(
    path: &Path,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<(), JournalError> {
    add(path, &Line::Undone { from, to })
}

/// Adds a line to a journal whose run is over.
fn add(path: &Path, line: &Line) -> Result<(), JournalError> {
    let failed = |source| unwritten(path, source);
    match ownership::open(path) {
        Ok(_) => {}
        Err(OwnershipError::Unreadable(error)) => return Err(failed(error)),
        Err(doubt) => return Err(JournalError::Doubtful { path: path.to_owned(), doubt }),
    }
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
    lock(&file, path)?;
    let bytes = std::fs::read(path).map_err(failed)?;
    // A partial last line would make the record unreadable.
    let end = whole_lines(&bytes).len() as u64;
    file.set_len(end).map_err(failed)?;
    file.seek(SeekFrom::Start(end)).map_err(failed)?;
    let text = encode(path, line)?;
    Records { end, ..Records::of(file) }.append(&text).map_err(failed)
}

fn encode(path: &Path, line: &Line) -> Result<String, JournalError> {
    serde_json::to_string(line)
        .map(|text| text + "\n")
        .map_err(|source| JournalError::Record { path: path.to_owned(), source })
}

fn write(file: &mut File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::Active { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unwritten(path, source)),
    }
}

fn unwritten(path: &Path, source: io::Error) -> JournalError {
    JournalError::File { path: path.to_owned(), verb: "written", source }
}

#[cfg(test)]
impl Journal {
    /// A journal whose disk is full.
    pub(in crate::change) fn unwritable(path: &Path) -> Self {
        let file = File::open(path).expect("a file to read from");
        Self::of(path, file)
    }
}
