//! What `tags rollback` and `tags promote` report.

use super::exit::Exit;
use crate::change::{Guard, MoveCause, MoveCommand, MoveVerdict, MovedPlace, PlaceResult};
use crate::model::{EnvironmentName, Sha};

/// A move: planned, refused or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The command.
    pub command: MoveCommand,
    /// The environment whose latest tags move.
    pub environment: EnvironmentName,
    /// The environment that a promotion takes the release from.
    pub source: Option<EnvironmentName>,
    /// The release that the latest tags pointed to, if they agreed.
    pub from: Option<Sha>,
    /// The release that they are to point to, if there is one.
    pub to: Option<Sha>,
    /// Each latest tag, by image and registry.
    pub places: Vec<MovedPlace>,
    /// Why it was refused, if so.
    pub guards: Vec<Guard>,
    /// Where it is on record, if something was to be written.
    pub journal: Option<String>,
    /// What it comes to.
    pub verdict: MoveVerdict,
    /// Whether somebody asked to stop before the end.
    pub interrupted: bool,
    /// What is wrong, each with what to do about it: with the release, or with reading it.
    pub problems: Vec<MoveProblem>,
    /// Something to know about it.
    pub notes: Vec<String>,
    /// What was written and stays although the move failed: copies of the release, and new SHA tags.
    pub stays: Vec<String>,
    /// The command line that makes the move, or finishes it.
    pub command_line: Option<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveProblem {
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Move {
    /// How the program ends for this move alone.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let by_cause = |cause| match cause {
            MoveCause::Conflict => Exit::Refused,
            MoveCause::Rights => Exit::Credentials,
            MoveCause::Registry => Exit::Unreadable,
        };
        match self.verdict {
            MoveVerdict::Done | MoveVerdict::Planned => Exit::Ok,
            MoveVerdict::Missing => Exit::Fails,
            MoveVerdict::Unknown(cause) => Exit::unread(cause),
            MoveVerdict::NotPermitted(cause) | MoveVerdict::PutBack(cause) => by_cause(cause),
            MoveVerdict::Refused => Exit::Refused,
            MoveVerdict::Partial | MoveVerdict::LeftElsewhere => Exit::Partly,
        }
    }

    /// Whether it was planned and not made, and would move something.
    pub(super) fn is_planned(&self) -> bool {
        let moves = |place: &MovedPlace| place.result == PlaceResult::Planned;
        self.verdict == MoveVerdict::Planned && self.places.iter().any(moves)
    }

    /// A move of an environment of which nothing is known yet.
    #[must_use]
    pub(crate) fn of(command: MoveCommand, environment: &EnvironmentName) -> Self {
        Self {
            command,
            environment: environment.clone(),
            source: None,
            from: None,
            to: None,
            places: Vec::new(),
            guards: Vec::new(),
            journal: None,
            verdict: MoveVerdict::Planned,
            interrupted: false,
            problems: Vec::new(),
            notes: Vec::new(),
            stays: Vec::new(),
            command_line: None,
        }
    }

    /// The references by digest to deploy; none where the latest tags do not point to the release,
    /// and are not about to.
    #[must_use]
    pub fn references(&self) -> Vec<(&MovedPlace, String)> {
        if !matches!(self.verdict, MoveVerdict::Done | MoveVerdict::Planned) {
            return Vec::new();
        }
        let reference = |place| Some((place, MovedPlace::reference(place)?));
        self.places.iter().filter_map(reference).collect()
    }
}
