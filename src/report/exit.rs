//! The exit codes, and which one each report ends with.

use super::{Cleanup, Report};
use crate::change::ChangeVerdict as ApplyVerdict;
use crate::model::{CollectionState, UnreadCause};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun, RollbackVerdict};
use crate::verify::VerifyVerdict;

/// The exit codes; each means one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All checks passed, or done.
    Ok,
    /// A check failed, or there is no rollback target.
    Fails,
    /// Invalid arguments or policy file.
    Usage,
    /// A registry could not be read, so the answer is unknown.
    Unreadable,
    /// Credentials or a permission are missing.
    Credentials,
    /// Refused, before anything was changed.
    Refused,
    /// Done only in part.
    Partly,
    /// Interrupted by Ctrl-C or SIGTERM.
    Interrupted,
}

impl Exit {
    /// The code for something that could not be read.
    #[must_use]
    pub fn unread(cause: UnreadCause) -> Self {
        match cause {
            UnreadCause::Credentials => Self::Credentials,
            UnreadCause::NotFound | UnreadCause::Unreachable => Self::Unreadable,
        }
    }

    /// The one that counts when several apply; `Ok` when none does.
    #[must_use]
    pub fn gravest(exits: impl IntoIterator<Item = Self>) -> Self {
        let gravity = |exit: &Self| match exit {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Usage => 7,
            Self::Interrupted => 8,
        };
        exits.into_iter().max_by_key(gravity).unwrap_or(Self::Ok)
    }

    /// The code for the result of an apply or an undo.
    #[must_use]
    pub fn of_verdict(verdict: ApplyVerdict) -> Self {
        match verdict {
            ApplyVerdict::Interrupted => Self::Interrupted,
            ApplyVerdict::Partial => Self::Partly,
            ApplyVerdict::Rights => Self::Credentials,
            ApplyVerdict::Unread => Self::Unreadable,
            ApplyVerdict::Damaged => Self::Fails,
            ApplyVerdict::Done => Self::Ok,
        }
    }

    /// The code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Interrupted => 130,
        }
    }

    /// The same after something was deleted: never a code that says that nothing was deleted.
    #[must_use]
    pub fn after_changes(self) -> Self {
        match self {
            Self::Credentials => Self::Unreadable,
            Self::Usage | Self::Refused => Self::Partly,
            Self::Ok | Self::Fails | Self::Unreadable | Self::Partly | Self::Interrupted => self,
        }
    }
}

impl Report {
    /// The exit code for this report.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let ended = |is_right: bool| if is_right { Exit::Ok } else { Exit::Fails };
        match self {
            Self::Verify(verification) => match verification.verdict() {
                VerifyVerdict::Unknown(cause) => Exit::unread(cause),
                verdict => ended(verdict == VerifyVerdict::Passed),
            },
            Self::RollbackTarget(answer) => match answer.verdict() {
                RollbackVerdict::Unknown(cause) => Exit::unread(cause),
                verdict => ended(verdict == RollbackVerdict::Found),
            },
            Self::List(listing) => listing.unread_cause().map_or(Exit::Ok, Exit::unread),
            Self::Cleanup(cleanup) => of_cleanup(cleanup),
            Self::Explain(answer) if answer.explanation.manifests.is_empty() => {
                answer.unread.map_or(Exit::Fails, Exit::unread)
            }
            Self::Explain(answer) => answer.unread.map_or(Exit::Ok, Exit::unread),
            Self::Check(_) => Exit::Ok,
            Self::Move(moved) => moved.exit(),
            Self::Repair(repair) => repair.exit(),
            Self::Undo(undone) => Exit::of_verdict(undone.verdict()),
            Self::Doctor(examination) => examination.missing().map_or(Exit::Ok, Exit::unread),
            Self::Gc(run) => of_gc(run),
            Self::Init(drafted) => drafted.unread.map_or(Exit::Ok, Exit::unread),
            Self::Lint(linting) => ended(!linting.fails()),
            Self::Runs(runs) => {
                runs.unread_cause().map_or_else(|| ended(runs.outcome() == "ok"), Exit::unread)
            }
            Self::Overview(overview) => overview.exit(),
        }
    }
}

fn of_cleanup(cleanup: &Cleanup) -> Exit {
    let unread = cleanup.plan.coverage.iter().filter_map(|coverage| coverage.unread.as_ref());
    let mut exits: Vec<Exit> = unread.map(|why| Exit::unread(why.cause)).collect();
    if !cleanup.refusals.is_empty() {
        exits.push(Exit::Refused);
    }
    let applied = cleanup.application.as_ref();
    exits.extend(applied.map(|applied| Exit::of_verdict(applied.verdict(&cleanup.plan))));
    Exit::gravest(exits)
}

fn of_gc(run: &GarbageRun) -> Exit {
    match &run.end {
        GarbageOutcome::Idle => Exit::Ok,
        GarbageOutcome::Over(collection) => match collection.state {
            CollectionState::Succeeded => Exit::Ok,
            CollectionState::Cancelled if run.action == GarbageAction::Cancel => Exit::Ok,
            CollectionState::Failed | CollectionState::Cancelled => Exit::Fails,
            CollectionState::Running(_) | CollectionState::Unknown(_) => Exit::Unreadable,
        },
        GarbageOutcome::Running(_) => Exit::Fails,
        GarbageOutcome::Active(_) | GarbageOutcome::AtRisk(_) => Exit::Refused,
        GarbageOutcome::Unread(why, _) => Exit::unread(why.cause),
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_gravest_of_several_ends_it() {
        let order = [
            Exit::Partly,
            Exit::Refused,
            Exit::Credentials,
            Exit::Unreadable,
            Exit::Fails,
            Exit::Ok,
        ];
        for (index, exit) in order.iter().enumerate() {
            assert_eq!(Exit::gravest(order[index..].iter().rev().copied()), *exit);
        }
        assert_eq!(Exit::gravest([]), Exit::Ok);
    }
}
