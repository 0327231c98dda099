//! What a command does to images: the facts that rules are about.

use crate::lint::position::Position;

/// What a command does, with references as they are written.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// An image is built; `push` sends it to its registries at once.
    Build { tags: Vec<(String, Position)>, push: bool, source: String },
    /// A name is given to an image.
    Tag { from: String, to: String },
    /// One reference is pushed.
    Push { reference: String, at: Position },
    /// Every tag of a repository that this machine has is pushed.
    PushAll { repository: String, at: Position },
    /// An image is copied inside registries, so that a new tag appears there.
    Promote { from: String, to: String, at: Position },
    /// An image is taken from a registry.
    Use { reference: String, at: Position, verb: Verb },
    /// Credentials for a registry; an empty host can be any.
    Login { host: String, token: Option<String>, argument: Option<Position> },
    /// A database is migrated.
    Migrate { at: Position, tool: String, must_be_idempotent: bool, is_idempotent: bool },
    /// Something is pushed, and nobody can tell what.
    PushUnknown,
}

/// What is done with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Pull,
    Run,
    Create,
    Scan,
}

impl Verb {
    /// The word for messages.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Pull => "pulled",
            Self::Run => "run",
            Self::Create => "created",
            Self::Scan => "scanned",
        }
    }
}
