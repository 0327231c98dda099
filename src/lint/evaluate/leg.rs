//! What one leg of a job does, for rules.

use crate::lint::position::Position;
use crate::lint::reference::Reference;
use crate::lint::shell::Verb;

/// One run of a job: a leg of its matrix, or the whole of it.
#[derive(Debug, Default)]
pub(crate) struct Leg {
    /// `app=frontend`, empty without a matrix.
    pub(crate) label: String,
    /// The `timeout-minutes` of the job, as they are in this leg; none where it has none.
    pub(crate) timeout: Option<String>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) uses: Vec<Use>,
    pub(crate) logins: Vec<Login>,
    pub(crate) migrations: Vec<Migration>,
    /// Whether something is pushed of which nobody can tell what.
    pub(crate) may_push_more: bool,
}

/// A reference that is pushed.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) reference: Reference,
    /// The step, counted from 0: what it pushes is a push set.
    pub(crate) step: usize,
    /// Where findings about the whole set stand: the `tags:` line, or the first command.
    pub(crate) anchor: Position,
    /// Where its content comes from, where that is known.
    pub(crate) origin: Option<Origin>,
    /// Conditions that are not known, as written; different ones may exclude each other.
    pub(crate) condition: String,
    /// Whether it is pushed whenever its step runs.
    pub(crate) certain: bool,
    /// The branches of the script that lead to it.
    pub(crate) branch: Vec<u32>,
    /// Whether another host pushes it.
    pub(crate) remote: bool,
}

/// Where the content of an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// A build: the job, the step and what is built there, to tell it from other builds.
    Build(String),
    /// Another image, by its reference.
    Image(String),
}

/// An image that is used.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) reference: Reference,
    pub(crate) verb: Verb,
}

/// A login to a registry.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The host; empty where it can be any.
    pub(crate) host: String,
    pub(crate) step: usize,
    /// Whether the job's own token is used.
    pub(crate) own_token: bool,
    /// The password's place, when it stands on the command line.
    pub(crate) argument: Option<Position>,
}

/// A migration of a database.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    pub(crate) at: Position,
    pub(crate) tool: String,
    /// Whether it is one that needs `--fake-initial` to be run again.
    pub(crate) must_be_idempotent: bool,
    /// Whether it has that option, or may have it.
    pub(crate) is_idempotent: bool,
}

/// A reference of a `tags:` input, at the line that gives it.
#[derive(Debug, Clone)]
pub(crate) struct TagEntry {
    pub(crate) text: String,
    pub(crate) at: Position,
    /// Whether it is there in every run.
    pub(crate) certain: bool,
}
