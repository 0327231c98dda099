//! What a move of latest tags is for.

use crate::model::{EnvironmentName, Sha};

/// The command that makes a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveCommand {
    /// `tags rollback`
    Rollback,
    /// `tags promote`
    Promote,
    /// `tags repair --latest`
    Repair,
}

impl MoveCommand {
    /// The command, as it is written on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Promote => "promote",
            Self::Repair => "repair",
        }
    }

    /// The command with this name.
    pub(in crate::change) fn named(name: &str) -> Option<Self> {
        [Self::Rollback, Self::Promote, Self::Repair]
            .into_iter()
            .find(|command| command.as_str() == name)
    }
}

/// What is done about a release that is older than the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backwards {
    /// It is refused.
    Refuse,
    /// It is promoted all the same.
    Allow,
}

/// What is done while a run of the pipeline may deploy to the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhileRunning {
    /// The move is refused.
    Refuse,
    /// It is made all the same.
    Allow,
}

/// What a move is for. Two runs with the same goal are one move: the second finishes the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveGoal {
    /// The command.
    pub command: MoveCommand,
    /// The environment whose latest tags move.
    pub environment: EnvironmentName,
    /// The environment that a promotion takes the release from.
    pub source: Option<EnvironmentName>,
    /// The release that the latest tags are to point to.
    pub to: Sha,
    /// `--steps`, if it was given: how the release was asked for.
    pub steps: Option<usize>,
    /// Whether a promotion may go to an older release.
    pub backwards: Backwards,
    /// Whether it may be made while a run may deploy to the environment.
    pub while_running: WhileRunning,
}

impl MoveGoal {
    /// Whether both move the same latest tags to the same release, by the same command.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.command == other.command
            && self.environment == other.environment
            && self.source == other.source
            && self.to == other.to
    }

    /// The command line that finishes it.
    #[must_use]
    pub fn command_line(&self) -> String {
        let Self { environment, to, .. } = self;
        let running = match self.while_running {
            WhileRunning::Allow => " --while-running",
            WhileRunning::Refuse => "",
        };
        match (&self.source, self.command) {
            (Some(source), _) => {
                let backwards = match self.backwards {
                    Backwards::Allow => " --backwards",
                    Backwards::Refuse => "",
                };
                format!(
                    "tags promote {source} {environment} --sha {to}{backwards}{running} --apply"
                )
            }
            (None, MoveCommand::Repair) => {
                format!("tags repair {environment} --sha {to} --latest --apply")
            }
            (None, _) => format!("tags rollback {environment} --to {to}{running} --apply"),
        }
    }
}
