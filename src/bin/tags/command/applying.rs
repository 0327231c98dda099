//! Applying an approved plan: the journal, the signal to stop, and what was found out on the way.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tags::change::journal::{
    Journal, JournalError, JournalHeader, JournalRecords, SkippedJournal, pending_journals,
};
use tags::change::{Application, ApplyError, ApplyJob, apply, restore_lost_by_untag};
use tags::collect::{Collector, NoProgress};
use tags::model::Digest;
use tags::report::escape;
use tags::retention::ApprovedPlan;

use super::plan_end::journal_path;
use crate::ambient;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt::Gentle;
use crate::output;
use crate::sink;

/// What is applied, and how.
pub(super) struct Applying<'a> {
    pub(super) context: &'a Context,
    pub(super) collector: Collector<'a>,
    pub(super) plan: &'a ApprovedPlan,
    /// Where deletions are written down, if that was said.
    pub(super) journal: Option<&'a Path>,
    /// The command as the journal names it.
    pub(super) command: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// What came of it.
pub(super) struct Applied {
    pub(super) application: Application,
    /// The journal; none where nothing was to be deleted.
    pub(super) journal: Option<PathBuf>,
    /// Why it ended early, if it could not be written down any more.
    pub(super) broken: Option<JournalError>,
}

impl Applying<'_> {
    pub(super) async fn run(&self) -> Result<Applied, Failure> {
        if self.plan.deletions().next().is_none() {
            let application = Application::default();
            return Ok(Applied { application, journal: None, broken: None });
        }
        let path = journal_path(self.journal, self.now)?;
        let beginning = JournalHeader {
            created: self.now,
            policy: self.context.policy_digest.clone(),
            command: sink::secrets().redact_text(self.command).into_owned(),
        };
        let journal = Journal::create(&path, &beginning).map_err(|error| unwritten(&error))?;
        output::talk(&format!("journal: {}\n", path.display()));
        let gentle = Gentle::begin();
        let job = ApplyJob {
            collector: self.collector,
            plan: self.plan,
            policy: &self.context.policy,
            journal: &journal,
            stop: &gentle.0,
            patience: self.context.patience,
        };
        let (application, broken) = match apply(&job).await {
            Ok(application) => (application, None),
            Err(ApplyError::Journal { source, application }) => (application, Some(source)),
        };
        Ok(Applied { application, journal: Some(path), broken })
    }
}

/// Puts back what earlier runs that died had lost by taking tags off, before anything is planned, and
/// says so.
pub(super) async fn put_back_first(context: &Context, journals: &[JournalRecords]) {
    let collector = Collector { connections: &context.connections, progress: &NoProgress };
    for lost in restore_lost_by_untag(collector, &context.policy, journals).await {
        let what = format!("{}@{}", lost.repository, lost.digest);
        let why = "an earlier run lost it, or tags of it, when it took another tag off";
        output::talk(&match lost.problem {
            None => format!("put back {what} with the tags that it keeps: {why}\n"),
            Some(problem) => format!("warning: cannot put back {what} ({why}): {problem}\n"),
        });
    }
}

/// The journals of earlier runs under this policy, where journals are by default and where this
/// one shall be. Those that do not count are told.
pub(super) fn earlier(
    given: Option<&Path>,
    policy: &Digest,
) -> Result<Vec<JournalRecords>, Failure> {
    let beside = given.map(|path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    });
    let mut directories: Vec<PathBuf> =
        ambient::state_directory().into_iter().chain(beside).collect();
    directories.dedup();
    let mut found = Vec::new();
    for directory in directories {
        let pending = pending_journals(&directory, policy).map_err(|error| unreadable(&error))?;
        for SkippedJournal { path, reason: why, hint } in pending.skipped {
            let line = format!("the journal {} is not used: {why}", path.display());
            warn(&line, hint);
        }
        pending.journals.iter().for_each(warn_of_torn);
        found.extend(pending.journals);
    }
    Ok(found)
}

/// Says which lines of a journal were torn off.
pub(super) fn warn_of_torn(journal: &JournalRecords) {
    if let [first, ..] = journal.torn.as_slice() {
        let path = journal.path.display();
        let line = format!("{path}:{first}: the line is torn off; the whole ones are used");
        warn(&line, "what was begun in that line was not done; nothing has to be put back for it");
    }
}

fn warn(line: &str, hint: &str) {
    let (line, hint) = (escape::terminal(line), escape::terminal(hint));
    output::talk(&format!("warning: {line}\n  hint: {hint}\n"));
}

/// Moves a journal of an earlier run aside that stands where this one shall be, so that both are
/// kept and the earlier one is found among the others.
pub(super) fn make_room(given: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = given.filter(|path| path.exists()) else {
        return Ok(());
    };
    let earlier = JournalRecords::read(path).map_err(|error| match error {
        JournalError::Active { .. } => unwritten(&error),
        error => {
            Failure::usage(format!("{} is there already, and no journal: {error}", path.display()))
                .hint("name another file with --journal")
        }
    })?;
    let created = earlier.header.created.format("%Y%m%dT%H%M%SZ");
    let name = |number: u32| path.with_file_name(format!("journal-{created}-{number}.jsonl"));
    let mut aside = name(0);
    for number in 1..u32::MAX {
        if !aside.exists() {
            break;
        }
        aside = name(number);
    }
    std::fs::rename(path, &aside).map_err(|error| {
        Failure::usage(format!("cannot move {} aside: {error}", path.display()))
    })?;
    output::talk(&format!("the journal of an earlier run is now {}\n", aside.display()));
    Ok(())
}

/// A journal that cannot be written: nothing is deleted then.
pub(super) fn unwritten(error: &JournalError) -> Failure {
    let exit = match error {
        JournalError::Active { .. } => Exit::Refused,
        _ => Exit::Usage,
    };
    described(exit, error)
}

/// A journal that cannot be read.
pub(super) fn unreadable(error: &JournalError) -> Failure {
    let exit = match error {
        JournalError::Doubtful { .. } => Exit::Refused,
        _ => Exit::Usage,
    };
    described(exit, error)
}

fn described(exit: Exit, error: &JournalError) -> Failure {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        message = format!("{message}: {source}");
        cause = source.source();
    }
    let failure = Failure::new(exit, message);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
