//! Moves that are on record: one that was interrupted is finished or refuses another, and a rollback that
//! was just finished is not repeated by itself.

use std::path::Path;

use super::super::journals::{state_directories, unreadable};
use super::super::{CommandError, Session, State};
use crate::change::journal::{
    JournalRecords, MoveRecord, RecordedPlace, SkippedJournal, move_journals,
};
use crate::change::{Backwards, Guard, GuardCode, MoveCommand, MoveGoal, MovePlan, WhileRunning};
use crate::model::{Digest, EnvironmentName, TagReference};

/// A move on record, with its journal.
pub(in crate::command) struct EarlierMove {
    pub(in crate::command) journal: JournalRecords,
    pub(in crate::command) record: MoveRecord,
}

/// The moves of one environment that are on record, oldest first.
pub(in crate::command) struct EarlierMoves {
    moves: Vec<EarlierMove>,
    policy: Digest,
}

impl EarlierMoves {
    /// Reads the journals in the state directory, and beside the file that was named for this run.
    /// Warns about those that do not count.
    pub(in crate::command) fn read(
        session: &Session,
        environment: &EnvironmentName,
        (state, named): (&dyn State, Option<&Path>),
    ) -> Result<Self, CommandError> {
        let mut moves = Vec::new();
        for directory in state_directories(state, named) {
            let found = move_journals(&directory).map_err(|error| unreadable(&error))?;
            for SkippedJournal { path, reason, hint } in found.skipped {
                let text = format!("the journal {} is not used: {reason}", path.display());
                session.warn(text, Some(hint.to_owned()));
            }
            moves.extend(found.journals.into_iter().filter_map(|journal| {
                let record = journal.moved.clone()?;
                let is_ours = record.goal.environment == *environment;
                is_ours.then_some(EarlierMove { journal, record })
            }));
        }
        moves.sort_by_key(|earlier| earlier.journal.header.created);
        Ok(Self { moves, policy: session.policy_digest.clone() })
    }

    /// All of them, oldest first.
    pub(in crate::command) fn all(&self) -> impl Iterator<Item = &EarlierMove> {
        self.moves.iter()
    }

    fn unfinished(&self) -> impl DoubleEndedIterator<Item = &EarlierMove> {
        self.moves.iter().filter(|earlier| !earlier.journal.finished)
    }

    /// The goal of a move that was interrupted, if this run was asked for in the same words: by the same
    /// command, with the same `--steps`, and without a SHA.
    pub(in crate::command) fn goal_to_take_up(
        &self,
        command: MoveCommand,
        source: Option<&EnvironmentName>,
        steps: Option<usize>,
    ) -> Option<&MoveGoal> {
        let goal = &self.unfinished().next_back()?.record.goal;
        let is_same =
            goal.command == command && goal.source.as_ref() == source && goal.steps == steps;
        is_same.then_some(goal)
    }

    /// The goal of the same move, if an earlier run of it was interrupted.
    pub(in crate::command) fn same_goal(&self, goal: &MoveGoal) -> Option<&MoveGoal> {
        Some(&self.same(goal)?.record.goal)
    }

    /// The goal of a run that goes on with an earlier one, which was allowed all that the earlier one was.
    pub(in crate::command) fn with_allowances(&self, goal: MoveGoal) -> MoveGoal {
        let Some(earlier) = self.same_goal(&goal) else { return goal };
        let backwards = match earlier.backwards {
            Backwards::Allow => Backwards::Allow,
            Backwards::Refuse => goal.backwards,
        };
        let while_running = match earlier.while_running {
            WhileRunning::Allow => WhileRunning::Allow,
            WhileRunning::Refuse => goal.while_running,
        };
        MoveGoal { backwards, while_running, ..goal }
    }

    /// The move with this goal that was interrupted last.
    fn same(&self, goal: &MoveGoal) -> Option<&EarlierMove> {
        self.unfinished().rfind(|earlier| earlier.record.goal.is_same(goal))
    }

    /// Goes on where an earlier run with the same goal was interrupted: what it had moved counts as moved
    /// by this run, and is put back with the rest.
    pub(in crate::command) fn resume(&self, plan: &mut MovePlan) {
        let Some(earlier) = self.same(&plan.goal) else {
            return;
        };
        plan.from = earlier.record.from.clone();
        for place in plan.places.iter_mut().filter(|place| place.is_there()) {
            let known = earlier.record.places.iter().find(|known| known.latest == place.latest);
            if let Some(known) = known.filter(|known| known.after.digest == place.after.digest) {
                place.before.clone_from(&known.before);
            }
        }
    }

    /// The journals that a finished run closes.
    pub(in crate::command) fn into_same(self, goal: &MoveGoal) -> Vec<JournalRecords> {
        let same = self
            .moves
            .into_iter()
            .filter(|earlier| !earlier.journal.finished && earlier.record.goal.is_same(goal));
        same.map(|earlier| earlier.journal).collect()
    }

    /// Whether a move that was interrupted stands in the way of one with this goal, or of any. `now` is what
    /// the latest tags point to, as far as it was read.
    pub(in crate::command) fn unfinished_guard(
        &self,
        goal: Option<&MoveGoal>,
        now: &[(&TagReference, Option<&Digest>)],
    ) -> Option<Guard> {
        let other = |earlier: &&EarlierMove| {
            let same = goal.is_some_and(|goal| earlier.record.goal.is_same(goal));
            !same || earlier.journal.header.policy != self.policy
        };
        let earlier = self.unfinished().find(other)?;
        let path = earlier.journal.path.display();
        let goal = &earlier.record.goal;
        let is_other_policy = earlier.journal.header.policy != self.policy;
        let what = if is_other_policy { ", under another policy file" } else { "" };
        let hint = if is_other_policy || self.moved_since_guard(goal, now).is_some() {
            format!("undo it with `tags undo {path}`, then try again")
        } else {
            format!("finish it with `{}`, or undo it with `tags undo {path}`", goal.command_line())
        };
        let message = format!("{} was interrupted{what} (journal {path})", said(goal));
        Some(Guard::new(GuardCode::UnfinishedJournal, message, hint))
    }

    /// The guard of a move that was interrupted and cannot go on, since its release is not found any more.
    pub(in crate::command) fn release_gone_guard(
        &self,
        goal: &MoveGoal,
        why: &str,
    ) -> Option<Guard> {
        let path = self.same(goal)?.journal.path.display();
        let message =
            format!("{} was interrupted (journal {path}) and cannot continue: {why}", said(goal));
        let hint = format!("undo it with `tags undo {path}`, then try again");
        Some(Guard::new(GuardCode::UnfinishedJournal, message, hint))
    }

    /// Whether somebody else moved a latest tag since a run with the same goal was interrupted. To go on would
    /// move it away from where they put it.
    pub(in crate::command) fn moved_since_guard(
        &self,
        goal: &MoveGoal,
        now: &[(&TagReference, Option<&Digest>)],
    ) -> Option<Guard> {
        let earlier = self.same(goal)?;
        let is_known = |place: &RecordedPlace, now: Option<&Digest>| {
            let before = place.before.as_ref().map(|before| &before.digest);
            now == before || now == Some(&place.after.digest)
        };
        let (latest, now) = earlier.record.places.iter().find_map(|place| {
            let (latest, now) = now.iter().find(|(latest, _)| **latest == place.latest)?;
            (!is_known(place, *now)).then_some((latest, now))
        })?;
        let now = now.map_or_else(|| "nothing".to_owned(), Digest::short);
        let path = earlier.journal.path.display();
        let message = format!(
            "an earlier run of this command was interrupted (journal {path}), and somebody else has moved {latest} to {now} since"
        );
        let hint =
            format!("`tags undo {path}` puts back the others and leaves that one; then try again");
        Some(Guard::new(GuardCode::UnfinishedJournal, message, hint))
    }

    /// Whether the last move that was made, and not undone, is a rollback, and left the latest tags where they
    /// are now.
    pub(in crate::command) fn repeated_guard(
        &self,
        now: &[(&TagReference, Option<&Digest>)],
    ) -> Option<Guard> {
        let stands =
            |earlier: &&EarlierMove| earlier.journal.completed && earlier.journal.undone.is_empty();
        let last = self.moves.iter().rfind(stands)?;
        let goal = &last.record.goal;
        let is_there = |place: &RecordedPlace| {
            let found = now.iter().find(|(latest, _)| **latest == place.latest);
            found.is_some_and(|(_, digest)| *digest == Some(&place.after.digest))
        };
        let places = &last.record.places;
        if goal.command != MoveCommand::Rollback
            || places.is_empty()
            || !places.iter().all(is_there)
        {
            return None;
        }
        let message = format!(
            "{} was rolled back to {} (journal {}), and no latest tag moved since",
            goal.environment,
            goal.to,
            last.journal.path.display()
        );
        let hint = "to go back further, pass --steps N or --to SHA";
        Some(Guard::new(GuardCode::AlreadyRolledBack, message, hint))
    }
}

/// An earlier move in words.
fn said(goal: &MoveGoal) -> String {
    format!("an earlier {} of {} to {}", goal.command.as_str(), goal.environment, goal.to)
}
