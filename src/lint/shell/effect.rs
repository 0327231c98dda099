//! What a command does: the effects that rules look at.

use crate::lint::position::Position;

/// What a command does, with references as text.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// An image is built; `push` sends it to its registries at once, perhaps only by its digest.
    Build { tags: Vec<(String, Position)>, push: bool, by_digest: bool, source: String },
    /// A name is given to an image.
    Tag { from: String, to: String },
    /// One reference is pushed.
    Push { reference: String, at: Position },
    /// Every local tag of a repository is pushed.
    PushAll { repository: String, at: Position },
    /// An image is copied between or within registries.
    CopyImage { from: String, to: String, at: Position },
    /// An image from a registry is used.
    Use { reference: String, at: Position, how: ImageUse },
    /// A login to a registry; an empty host may be any.
    Login { host: String, token: Option<String>, argument: Option<Position> },
    /// A database is migrated.
    Migrate { at: Position, tool: String, must_be_idempotent: bool, is_idempotent: bool },
    /// Something unknown is pushed.
    PushUnknown,
}

/// How an image is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageUse {
    Pulled,
    Run,
    Created,
    Scanned,
}

impl ImageUse {
    /// The word for messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pulled => "pulled",
            Self::Run => "run",
            Self::Created => "created",
            Self::Scanned => "scanned",
        }
    }
}
