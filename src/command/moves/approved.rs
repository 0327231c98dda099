//! The second half of `rollback` and `promote`: makes a planned move, and reports what became of it.

use std::path::{Path, PathBuf};

use super::super::journals::{close_earlier, journal_path, unwritten};
use super::super::{CommandError, Session};
use crate::change::journal::{Journal, JournalHeader, JournalRecords};
use crate::change::{
    FailedPreparation, FillJob, MoveCause, MoveEnd, MoveJob, MovePlan, MoveVerdict, Stop,
    carry_out, fill, rehearse, rehearse_copies,
};
use crate::model::{Repository, TagReference};
use crate::report::{Exit, Move, Report};

/// The result of planning a move.
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
pub enum PlannedMove {
    /// The move may be made now.
    Approved(Box<ApprovedMove>),
    /// The final report: of a dry run, or of a move that must not be made.
    Ended(EndedMove),
}

/// A move that may be made once. Only `rollback::plan` and `promote::plan` make one.
pub struct ApprovedMove {
    pub(super) plan: MovePlan,
    pub(super) report: Move,
    /// The journals of runs with the same goal that was interrupted.
    pub(super) earlier: Vec<JournalRecords>,
    /// The state directory.
    pub(super) directory: Option<PathBuf>,
    /// The file that was named for the journal.
    pub(super) journal: Option<PathBuf>,
}

/// The end of `rollback` or `promote`: the report, and errors that are not part of it.
#[derive(Debug)]
pub struct EndedMove {
    /// The report, a [`Report::Move`].
    pub report: Report,
    /// Errors that are not in the report: a journal that could not be closed.
    pub problems: Vec<CommandError>,
}

impl EndedMove {
    pub(super) fn new(report: Move) -> Self {
        Self { report: Report::Move(report), problems: Vec::new() }
    }

    /// The exit code of the program, given the failures to write the report. Once something may have
    /// been moved, the code never says that nothing was.
    #[must_use]
    pub fn exit(&self, failures: &[Exit]) -> Exit {
        let exit = self.report.exit();
        let problems = self.problems.iter().map(|problem| problem.exit);
        let mut failed = problems.chain(failures.iter().copied()).peekable();
        match (self.has_written(), failed.peek()) {
            (_, None) => exit,
            (true, Some(_)) => Exit::gravest([exit, Exit::Fails]),
            (false, Some(_)) => failed.next().unwrap_or(exit),
        }
    }

    fn has_written(&self) -> bool {
        matches!(&self.report, Report::Move(report) if report.journal.is_some())
    }
}

impl ApprovedMove {
    /// The plan.
    #[must_use]
    pub fn report(&self) -> &Move {
        &self.report
    }

    /// Whether making it writes anything.
    #[must_use]
    pub fn moves(&self) -> bool {
        !self.plan.is_finished()
    }

    /// Makes the move: rehearses it, writes the journal, moves the tags and looks at all of them.
    ///
    /// # Errors
    /// [`CommandError`] when the journal cannot be created; then nothing was moved.
    pub async fn apply(self, session: &Session, stop: &Stop) -> Result<EndedMove, CommandError> {
        let ended = self.make(session, stop).await;
        session.finish_requests();
        ended
    }

    async fn make(self, session: &Session, stop: &Stop) -> Result<EndedMove, CommandError> {
        if !self.moves() {
            let report = Move { verdict: MoveVerdict::Done, ..self.report };
            let problems = close_earlier(&self.earlier, "a later run");
            return Ok(EndedMove { problems, ..EndedMove::new(report) });
        }
        let prepared = tokio::select! {
            biased;
            prepared = self.prepare(session, stop) => prepared,
            () = stop.grace_over() => return Ok(EndedMove::new(interrupted(self.report))),
        };
        let copied = match prepared {
            Ok(copied) => copied,
            Err(failed) => {
                let FailedPreparation { places, verdict, interrupted, copied } = *failed;
                let stays = stays(&copied, &[]);
                let report = Move { places, verdict, interrupted, stays, ..self.report };
                return Ok(EndedMove::new(report));
            }
        };
        if stop.is_requested() {
            let report = Move { stays: stays(&copied, &[]), ..self.report };
            return Ok(EndedMove::new(interrupted(report)));
        }
        self.carry_out(session, stop, &copied).await
    }

    /// Copies the release to where it is not, and tries the right to push. No tag moves.
    /// Returns where something was copied to.
    async fn prepare(
        &self,
        session: &Session,
        stop: &Stop,
    ) -> Result<Vec<Repository>, Box<FailedPreparation>> {
        let (collector, policy) = (session.collector(), &session.policy);
        rehearse_copies(&session.connections, &self.plan).await?;
        let filled = fill(&FillJob { collector, policy, plan: &self.plan, stop }).await?;
        for note in filled.notes {
            session.note(note, None);
        }
        match rehearse(&session.connections, &self.plan).await {
            Ok(()) => Ok(filled.copied),
            Err(failed) => Err(Box::new(FailedPreparation { copied: filled.copied, ..*failed })),
        }
    }

    async fn carry_out(
        self,
        session: &Session,
        stop: &Stop,
        copied: &[Repository],
    ) -> Result<EndedMove, CommandError> {
        let (path, journal) = self.create_journal(session)?;
        let job = MoveJob {
            connections: &session.connections,
            plan: &self.plan,
            journal: &journal,
            stop,
        };
        let end = carry_out(&job).await.map_err(|error| unwritten(&error))?;
        let MoveEnd { places, verdict, interrupted, sha_tags, unrecorded } = end;
        let mut problems: Vec<CommandError> = unrecorded.iter().map(unwritten).collect();
        let name = path.display().to_string();
        if verdict != MoveVerdict::Partial {
            problems.extend(close_earlier(&self.earlier, &name));
        }
        let stays = match verdict {
            MoveVerdict::Done => Vec::new(),
            _ => stays(copied, &sha_tags),
        };
        let journal = Some(name);
        let report = Move { places, journal, verdict, interrupted, stays, ..self.report };
        Ok(EndedMove { problems, ..EndedMove::new(report) })
    }

    fn create_journal(&self, session: &Session) -> Result<(PathBuf, Journal), CommandError> {
        let created = session.clock.now();
        let named: Option<&Path> = self.journal.as_deref();
        let path = journal_path(self.directory.as_deref(), named, created)?;
        let command = format!("{} --apply", self.plan.goal.command.as_str());
        let header = JournalHeader { created, policy: session.policy_digest.clone(), command };
        let journal = Journal::create(&path, &header).map_err(|error| unwritten(&error))?;
        session.status(format!("journal: {}", path.display()));
        Ok((path, journal))
    }
}

/// Stopped before anything was written.
fn interrupted(report: Move) -> Move {
    let verdict = MoveVerdict::PutBack(MoveCause::Registry);
    Move { verdict, interrupted: true, ..report }
}

/// What a move that failed leaves behind, in words.
fn stays(copied: &[Repository], sha_tags: &[TagReference]) -> Vec<String> {
    let filled = copied.iter().map(|at| format!("what was copied to {at} stays there"));
    let tags = sha_tags.iter().map(|tag| format!("the new SHA tag {tag} stays"));
    filled.chain(tags).collect()
}
