//! Where the journal of a run is written; reading and closing the journals of earlier runs.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{CommandError, Session, State};
use crate::change::journal::{
    JournalError, JournalRecords, SkippedJournal, mark_finished, pending_journals,
};
use crate::change::restore_lost_by_untag;
use crate::collect::{Collector, NoProgress};
use crate::model::Repository;
use crate::report::Exit;

/// Where a run records what it deletes: the file that was named, else a new file of its own in the
/// state directory.
pub(super) fn journal_path(
    directory: Option<&Path>,
    named: Option<&Path>,
    now: DateTime<Utc>,
) -> Result<PathBuf, CommandError> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let directory = directory.ok_or_else(|| {
        CommandError::usage(
            "there is no directory for the journal: neither $XDG_STATE_HOME nor $HOME is set",
        )
        .hint("name a file with --journal FILE")
    })?;
    Ok(directory.join(journal_name(now, std::process::id())))
}

/// Names sort by time, and two runs at the same time have different ones.
fn journal_name(now: DateTime<Utc>, process: u32) -> String {
    format!("journal-{}-{process}.jsonl", now.format("%Y%m%dT%H%M%SZ"))
}

/// The journals of earlier runs with this policy, in the state directory and in the directory of the
/// file that was named for this run. Warns about those that are not used.
pub(super) fn earlier_journals(
    session: &Session,
    state: &dyn State,
    named: Option<&Path>,
) -> Result<Vec<JournalRecords>, CommandError> {
    let mut found = Vec::new();
    for directory in state_directories(state, named) {
        let pending = pending_journals(&directory, &session.policy_digest)
            .map_err(|error| unreadable(&error))?;
        for SkippedJournal { path, reason: why, hint } in pending.skipped {
            let text = format!("the journal {} is not used: {why}", path.display());
            session.warn(text, Some(hint.to_owned()));
        }
        for journal in &pending.journals {
            warn_of_torn(session, journal);
        }
        found.extend(pending.journals);
    }
    Ok(found)
}

/// The directories in which journals of earlier runs may be: the state directory, and that of the file
/// that was named for this run.
pub(super) fn state_directories(state: &dyn State, named: Option<&Path>) -> Vec<PathBuf> {
    let beside = named.map(|path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    });
    let mut directories: Vec<PathBuf> =
        state.journal_directories().into_iter().chain(beside).collect();
    directories.dedup();
    directories
}

/// Warns about lines that are incomplete.
pub(super) fn warn_of_torn(session: &Session, journal: &JournalRecords) {
    if let [first, ..] = journal.torn.as_slice() {
        let path = journal.path.display();
        let hint =
            "the deletion in that line was never started, so there is nothing to restore for it";
        session.warn(
            format!("{path}:{first}: the line is incomplete; the other lines are used"),
            Some(hint.to_owned()),
        );
    }
}

/// Restores manifests and tags that earlier, interrupted runs lost when they removed other tags.
pub(super) async fn finish_earlier_runs(session: &Session, journals: &[JournalRecords]) {
    let collector = Collector { connections: &session.connections, progress: &NoProgress };
    for lost in restore_lost_by_untag(collector, &session.policy, journals).await {
        let what = format!("{}@{}", lost.repository, lost.digest);
        let why = "an earlier run lost it, or tags of it, when it removed another tag";
        match lost.problem {
            None => session.status(format!("restored {what} with the tags that it keeps: {why}")),
            Some(problem) => {
                session.warn(format!("cannot restore {what} ({why}): {problem}"), None);
            }
        }
    }
}

/// The journals whose work this run ends: all of them, unless this is a shard, and some of it is in another.
pub(super) fn ended_here(session: &Session, mut all: Vec<JournalRecords>) -> Vec<JournalRecords> {
    let repositories = &session.policy.repositories;
    let is_here = |repository: &Repository| {
        repositories.keys().any(|at| at.host == repository.host && at.path == repository.path)
    };
    all.retain(|journal| {
        session.policy.shard.is_none() || journal.steps.iter().all(|step| is_here(&step.repository))
    });
    all
}

/// Closes the journals of interrupted runs, after a later run has done the rest.
pub(super) fn close_earlier(journals: &[JournalRecords], by: &str) -> Vec<CommandError> {
    let open = journals.iter().filter(|journal| !journal.finished);
    let closed = open.map(|journal| mark_finished(&journal.path, by));
    closed.filter_map(Result::err).map(|error| unreadable(&error)).collect()
}

/// Renames an earlier journal that has the name that this run's journal gets: both are kept.
pub(super) fn rename_earlier(session: &Session, named: Option<&Path>) -> Result<(), CommandError> {
    let Some(path) = named.filter(|path| path.exists()) else {
        return Ok(());
    };
    let earlier = JournalRecords::read(path).map_err(|error| match error {
        JournalError::Active { .. } => unwritten(&error),
        error => {
            CommandError::usage(format!("{} exists, and is not a journal: {error}", path.display()))
                .hint("name another file with --journal")
        }
    })?;
    let created = earlier.header.created.format("%Y%m%dT%H%M%SZ");
    let name = |number: u32| path.with_file_name(format!("journal-{created}-{number}.jsonl"));
    let mut renamed = name(0);
    for number in 1..u32::MAX {
        if !renamed.exists() {
            break;
        }
        renamed = name(number);
    }
    std::fs::rename(path, &renamed).map_err(|error| {
        CommandError::usage(format!("cannot rename {}: {error}", path.display()))
    })?;
    session.status(format!("the journal of an earlier run is now {}", renamed.display()));
    Ok(())
}

/// The error for a journal that cannot be written.
pub(super) fn unwritten(error: &JournalError) -> CommandError {
    let exit = match error {
        JournalError::Active { .. } => Exit::Refused,
        _ => Exit::Usage,
    };
    with_causes(exit, error)
}

/// The error for a journal that cannot be read.
pub(super) fn unreadable(error: &JournalError) -> CommandError {
    let exit = match error {
        JournalError::Doubtful { .. } | JournalError::Active { .. } => Exit::Refused,
        _ => Exit::Usage,
    };
    with_causes(exit, error)
}

fn with_causes(exit: Exit, error: &JournalError) -> CommandError {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        message = format!("{message}: {source}");
        cause = source.source();
    }
    let failure = CommandError::new(exit, message);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_named_by_time_and_process() {
        let now = "2026-11-22T03:04:05.678Z".parse().expect("a time");
        assert_eq!(journal_name(now, 42), "journal-20261122T030405Z-42.jsonl");
    }
}
