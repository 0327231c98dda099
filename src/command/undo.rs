//! `undo`: restores what a run deleted, from its journal.

use std::path::Path;

use super::journals::{unreadable, warn_of_torn};
use super::{CommandError, Session};
use crate::change::journal::{JournalRecords, mark_finished, record_undone};
use crate::change::{self, ChangeVerdict, Stop, UndoJob, Undone};
use crate::model::{CLOCK_SKEW, now_by_servers};

/// Asks for an undo.
pub struct Request<'a> {
    /// The journal.
    pub journal: &'a Path,
    /// Asks the run to stop: then nothing more is restored.
    pub stop: &'a Stop,
}

/// What was restored.
pub struct Restored {
    /// The report.
    pub undone: Undone,
    /// The error if this could not be recorded in the journal.
    pub problem: Option<CommandError>,
}

/// Restores what a run deleted, from its journal. What still exists is left as it is.
///
/// # Errors
/// [`CommandError`] when the journal cannot be read, or must not be used.
pub async fn undo(session: &Session, request: &Request<'_>) -> Result<Restored, CommandError> {
    let journal = read(session, request.journal)?;
    let job = UndoJob {
        collector: session.collector(),
        policy: &session.policy,
        journal: &journal,
        stop: request.stop,
    };
    let began = session.clock.now();
    let undone = match &journal.moved {
        Some(record) => change::undo_move(&job, record).await,
        None => change::undo(&job).await,
    };
    session.finish_requests();
    let mut noted = Ok(());
    let is_put_back = undone.moved.is_some() && undone.verdict() == ChangeVerdict::Done;
    if undone.has_pushed() || undone.interrupted || is_put_back {
        // Registries date a push by their own clock, when it ends.
        let samples = session.connections.http().clock_samples();
        let from = now_by_servers(began, &samples).earliest;
        let to = now_by_servers(session.clock.now(), &samples).latest;
        noted = record_undone(&journal.path, from - CLOCK_SKEW, to + CLOCK_SKEW);
    }
    // A later cleanup must not take restored manifests for the unfinished rest of this run.
    if !journal.finished && undone.verdict() == ChangeVerdict::Done {
        noted = noted.and_then(|()| mark_finished(&journal.path, "undo"));
    }
    // The restored manifests are reported, even if the journal could not be written.
    Ok(Restored { undone, problem: noted.err().map(|error| unreadable(&error)) })
}

/// Reads a journal. The policy may have changed since: a mistake in it may be why this is undone.
fn read(session: &Session, path: &Path) -> Result<JournalRecords, CommandError> {
    // A link stands for the file that it points to.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let journal = JournalRecords::read(&path).map_err(|error| unreadable(&error))?;
    warn_of_torn(session, &journal);
    if journal.header.policy != session.policy_digest {
        let text = match journal.moved {
            Some(_) => {
                "the policy file has changed since the move; only latest tags in its repositories are moved back"
            }
            None => {
                "the policy file has changed since the deletion; only manifests of its repositories are restored"
            }
        };
        session.note(text, None);
    }
    Ok(journal)
}
