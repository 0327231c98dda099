//! `undo`: puts back what a journal says was deleted.

use std::path::Path;

use super::journals::{unreadable, warn_of_torn};
use super::{CommandError, Session};
use crate::change::journal::{JournalRecords, mark_finished, record_undone};
use crate::change::{self, ChangeVerdict, Stop, UndoJob, Undone};
use crate::model::{CLOCK_SKEW, now_by_servers};

/// What undoing is asked for.
pub struct Request<'a> {
    /// The journal.
    pub journal: &'a Path,
    /// Once it is asked nothing new is begun.
    pub stop: &'a Stop,
}

/// What was put back.
pub struct Restored {
    /// The report.
    pub undone: Undone,
    /// Why the journal could not be told of it.
    pub problem: Option<CommandError>,
}

/// Puts back what a journal says was deleted. What is there already is left as it is.
///
/// # Errors
/// [`CommandError`] when the journal cannot be read, or does not count.
pub async fn undo(session: &Session, request: &Request<'_>) -> Result<Restored, CommandError> {
    let journal = read(session, request.journal)?;
    let job = UndoJob {
        collector: session.collector(),
        policy: &session.policy,
        journal: &journal,
        stop: request.stop,
    };
    let began = session.clock.now();
    let undone = change::undo(&job).await;
    session.finish_requests();
    let mut noted = Ok(());
    if undone.has_pushed() || undone.interrupted {
        // What was pushed is dated by the registries' clocks, a push at its end.
        let samples = session.connections.http().clock_samples();
        let from = now_by_servers(began, &samples).earliest;
        let to = now_by_servers(session.clock.now(), &samples).latest;
        noted = record_undone(&journal.path, from - CLOCK_SKEW, to + CLOCK_SKEW);
    }
    // What is back must not be taken for something that a broken run has left to delete.
    if !journal.finished && undone.verdict() == ChangeVerdict::Done {
        noted = noted.and_then(|()| mark_finished(&journal.path, "undo"));
    }
    // What is back is reported, whatever else fails.
    Ok(Restored { undone, problem: noted.err().map(|error| unreadable(&error)) })
}

/// Reads a journal, perhaps of an earlier policy: that may have been what had to be mended.
fn read(session: &Session, path: &Path) -> Result<JournalRecords, CommandError> {
    // Who names a link means the file behind it.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let journal = JournalRecords::read(&path).map_err(|error| unreadable(&error))?;
    warn_of_torn(session, &journal);
    if journal.header.policy != session.policy_digest {
        let text = "the policy file is another than when this was deleted; only what is in its repositories is put back";
        session.note(text, None);
    }
    Ok(journal)
}
