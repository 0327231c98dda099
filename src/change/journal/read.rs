//! Reads a journal. A line that was written only in part is ignored: nothing is done before its record is
//! complete on disk. Earlier versions continued after such a line, so there may be one in the middle of a
//! file, followed by a complete record. Any other invalid line is an error.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::JournalError;
use super::move_record::MoveRecord;
use super::record::{JournalHeader, JournalStep, LatestTagsSeen, Line, ResultLine, VERSION};
use crate::model::{Digest, References, Repository, RestoredManifest, TagName, Unfinished};
use crate::ownership::{self, OwnershipError};

/// A journal that was read.
#[derive(Debug, Clone)]
pub struct JournalRecords {
    /// Where it is.
    pub path: PathBuf,
    /// The run that it belongs to.
    pub header: JournalHeader,
    /// The started steps, in their order.
    pub steps: Vec<JournalStep>,
    /// The move that was begun, if it is the journal of one.
    pub moved: Option<MoveRecord>,
    /// Whether nothing is left to do, by its own run or by a later one.
    pub finished: bool,
    /// Whether its own run did everything that it was to do.
    pub completed: bool,
    /// When it was undone: the beginning and the end of each undo.
    pub undone: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// The lines, from 1, that were written only in part and are followed by others.
    pub torn: Vec<usize>,
    /// Where the latest tags of repositories pointed after the last step.
    pub latest: Vec<(Repository, LatestTagsSeen)>,
    /// The results of steps.
    results: Vec<ResultLine>,
}

impl JournalRecords {
    /// Reads a journal whose run is over.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be read, another user may have written it, its run is still active, or
    /// a line is invalid.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let failed =
            |source: io::Error| JournalError::File { path: path.to_owned(), verb: "read", source };
        let mut file = match ownership::open(path) {
            Ok(Some(file)) => file,
            Ok(None) => return Err(failed(io::ErrorKind::NotFound.into())),
            Err(OwnershipError::Unreadable(error)) => return Err(failed(error)),
            Err(doubt) => return Err(JournalError::Doubtful { path: path.to_owned(), doubt }),
        };
        if is_active(&file).map_err(failed)? {
            return Err(JournalError::Active { path: path.to_owned() });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        parse(path, whole_lines(&bytes))
    }

    /// The manifests whose deletion was started, with their children, unless nothing is left to do. Those that
    /// the registry kept are left out.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Unfinished> {
        if self.finished {
            return Vec::new();
        }
        let deleted = |step: &&JournalStep| matches!(step.action, super::StepAction::Delete);
        let kept = |step: &JournalStep| {
            let is_kept = |result: &str| matches!(result, "retained" | "skipped");
            self.results.iter().any(|line| line.is_of(step) && is_kept(&line.result))
        };
        self.steps
            .iter()
            .filter(deleted)
            .filter(|step| !kept(step))
            .map(|step| Unfinished {
                repository: step.repository.clone(),
                digest: step.digest.clone(),
                children: listed(step),
            })
            .collect()
    }

    /// The manifests that were losing tags when the run was killed, or whose loss of tags failed, unless
    /// nothing is left to do.
    pub(in crate::change) fn unsettled_untags(&self) -> impl Iterator<Item = &JournalStep> {
        let untags = |step: &&JournalStep| matches!(step.action, super::StepAction::Untag(_));
        let unsettled = |step: &&JournalStep| {
            let mut results = self.results.iter().filter(|line| line.is_of(step));
            results.all(|line| line.result == "failed")
        };
        let steps = if self.finished { &[][..] } else { self.steps.as_slice() };
        steps.iter().filter(untags).filter(unsettled)
    }

    /// The latest tags of a repository that may have been deleted with manifests of this run. Each is listed
    /// with the manifests that it may have pointed to: those whose deletion was not answered yet when the tag
    /// was last seen. A tag that was seen after the last deletion is not listed.
    #[must_use]
    pub fn lost_latest_tags(&self, repository: &Repository) -> BTreeMap<TagName, Vec<Digest>> {
        let steps: Vec<&JournalStep> =
            self.steps.iter().filter(|step| step.repository == *repository).collect();
        let at_end = self.latest.iter().filter(|(of, _)| of == repository).map(|(_, seen)| seen);
        let seen = steps.iter().filter_map(|step| step.latest.as_ref()).chain(at_end);
        let mut after: BTreeMap<&TagName, usize> = BTreeMap::new();
        for seen in seen {
            let there = seen.tags.iter().filter(|(_, digest)| digest.is_some());
            for (tag, _) in there {
                let known = after.entry(tag).or_default();
                *known = seen.after.max(*known);
            }
        }
        let may_be_gone = |step: &&&JournalStep| {
            let mut results = self.results.iter().filter(|line| line.is_of(step));
            results.all(|line| line.result == "deleted")
                && matches!(step.action, super::StepAction::Delete)
        };
        let lost = |(tag, after): (&TagName, usize)| {
            let with = steps.iter().skip(after).filter(may_be_gone);
            let with: Vec<Digest> = with.map(|step| step.digest.clone()).collect();
            (!with.is_empty()).then(|| (tag.clone(), with))
        };
        after.into_iter().filter_map(lost).collect()
    }

    /// Whether the next run needs it.
    pub(super) fn is_pending(&self) -> bool {
        !self.steps.is_empty() && (!self.finished || !self.undone.is_empty())
    }

    /// The manifests that an undo restored, with the time that they had before.
    #[must_use]
    pub fn restored_manifests(&self) -> Vec<RestoredManifest> {
        let each = self.undone.iter().flat_map(|undone| {
            self.steps.iter().filter_map(|step| {
                let (repository, digest) = (step.repository.clone(), step.digest.clone());
                Some(RestoredManifest { repository, digest, time: step.time?, undone: *undone })
            })
        });
        each.collect()
    }
}

/// Whether a process holds the lock of a journal.
pub(super) fn is_active(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The children of a manifest. Referrers are found by their own subject.
fn listed(step: &JournalStep) -> Vec<Digest> {
    step.parsed().map(|manifest| References::of(&manifest).children().to_vec()).unwrap_or_default()
}

/// The complete lines.
pub(super) fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

fn parse(path: &Path, bytes: &[u8]) -> Result<JournalRecords, JournalError> {
    let nonsense = |line: usize, problem: String| JournalError::Nonsense {
        path: path.to_owned(),
        line,
        problem,
    };
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
    let beginning = match lines.next() {
        Some((line, at)) => serde_json::from_slice(line)
            .map_err(|error| format!("not a record: {error}"))
            .and_then(begin)
            .map_err(|problem| nonsense(at, problem))?,
        None => return Err(nonsense(1, "not a journal: it is empty".to_owned())),
    };
    let mut recorded = JournalRecords {
        path: path.to_owned(),
        header: beginning,
        steps: Vec::new(),
        moved: None,
        finished: false,
        completed: false,
        undone: Vec::new(),
        torn: Vec::new(),
        latest: Vec::new(),
        results: Vec::new(),
    };
    for (line, at) in lines {
        let record = match serde_json::from_slice(line) {
            Ok(record) => Some(record),
            Err(error) if error.is_data() => {
                return Err(nonsense(at, format!("not a record: {error}")));
            }
            Err(_) => {
                recorded.torn.push(at);
                behind_torn(line)
            }
        };
        if let Some(record) = record {
            take(&mut recorded, record).map_err(|problem| nonsense(at, problem))?;
        }
    }
    Ok(recorded)
}

/// The complete record that follows a partial one in the same line. Quotes within a text are escaped, so
/// what looks like the beginning of a record is one.
fn behind_torn(line: &[u8]) -> Option<Line> {
    const BEGINNING: &[u8] = b"{\"record\":\"";
    let starts = (1..line.len()).filter(|at| line[*at..].starts_with(BEGINNING));
    starts.into_iter().find_map(|at| serde_json::from_slice(&line[at..]).ok())
}

fn begin(line: Line) -> Result<JournalHeader, String> {
    match line {
        Line::Begin { version: VERSION, created, policy, command } => {
            let policy = Digest::parse(&policy).map_err(|error| error.to_string())?;
            Ok(JournalHeader { created, policy, command })
        }
        Line::Begin { version, .. } => {
            Err(format!("a journal of version {version}; this program knows version {VERSION}"))
        }
        _ => Err("not a journal: it does not begin with a `begin` record".to_owned()),
    }
}

fn take(recorded: &mut JournalRecords, line: Line) -> Result<(), String> {
    match line {
        Line::Begin { .. } => return Err("a second `begin` record".to_owned()),
        Line::Delete(step) => recorded.steps.push(step.read(false)?),
        Line::Untag(step) => recorded.steps.push(step.read(true)?),
        Line::Move(_) if recorded.moved.is_some() => {
            return Err("a second `move` record".to_owned());
        }
        Line::Move(line) => recorded.moved = Some(line.read()?),
        Line::Result(result) => recorded.results.push(result),
        Line::Latest(line) => recorded.latest.push(line.read()?),
        Line::End {} => (recorded.finished, recorded.completed) = (true, true),
        Line::Finished { .. } => recorded.finished = true,
        Line::Undone { from, to } => recorded.undone.push((from, to)),
    }
    Ok(())
}
