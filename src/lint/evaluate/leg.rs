//! What one leg of a job does: what it pushes, uses, migrates, and where it logs in.

use crate::lint::position::Position;
use crate::lint::reference::Reference;
use crate::lint::shell::ImageUse;

/// One leg of a job's matrix, or the whole job where it has no matrix.
#[derive(Debug, Default)]
pub(crate) struct Leg {
    /// The values of the matrix, such as `app=frontend`; empty without a matrix.
    pub(crate) label: String,
    /// The `timeout-minutes` of the job in this leg.
    pub(crate) timeout: Option<String>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) uses: Vec<Use>,
    pub(crate) logins: Vec<Login>,
    pub(crate) migrations: Vec<Migration>,
    /// Whether it pushes, or may push, something that is not known.
    pub(crate) may_push_more: bool,
}

/// A reference that is pushed.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) reference: Reference,
    /// The number of the step, from 0.
    pub(crate) step: usize,
    /// The position for findings about all that the step pushes: its `tags:` line, or its first push.
    pub(crate) anchor: Position,
    /// Where its content comes from, if that is known.
    pub(crate) origin: Option<Origin>,
    /// The unknown conditions of its step and job, as text; different ones may exclude each other.
    pub(crate) condition: String,
    /// Whether it is pushed whenever its step runs.
    pub(crate) certain: bool,
    /// The branches of the script in which it happens.
    pub(crate) branch: Vec<u32>,
    /// Whether another host pushes it, not the runner.
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
    pub(crate) how: ImageUse,
}

/// A login to a registry.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The host; empty if it may be any.
    pub(crate) host: String,
    pub(crate) step: usize,
    /// Whether the job's own token is used.
    pub(crate) own_token: bool,
    /// The position of the password, if it is on the command line.
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
