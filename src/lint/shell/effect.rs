//! What a command does: the effects that rules look at.

use crate::lint::position::Position;

/// A word of a command line, and its position.
pub(crate) type Word = (String, Position);

/// What a command does, with references as text.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// An image is built, and perhaps pushed at once.
    Build(Build),
    /// A name is given to an image.
    Tag { from: String, to: String },
    /// One reference is pushed.
    Push { reference: String, at: Position },
    /// Every local tag of a repository is pushed.
    PushAll { repository: String, at: Position },
    /// An image is copied between or within registries, or several are put in a manifest.
    CopyImage { from: Vec<Word>, to: String, at: Position },
    /// A manifest is made locally from images of a registry; `docker manifest push` pushes it.
    MakeManifest { from: Vec<Word>, to: String },
    /// An image from a registry is used.
    Use { reference: String, at: Position, how: ImageUse },
    /// Something is rolled out.
    RollOut { target: RollOutTarget, stays: bool },
    /// A login to a registry; an empty host may be any.
    Login { host: String, token: Option<String>, arguments: Vec<Word> },
    /// A database is migrated.
    Migrate { at: Position, tool: String, must_be_idempotent: bool, is_idempotent: bool },
    /// A script or a target of a build tool is run whose name says that it migrates.
    NamedMigration,
    /// A cluster for tests is made.
    MakeTestCluster,
    /// Another commit is checked out.
    Checkout { reference: String },
    /// A program gets words that are not only printed.
    Mention { words: Vec<String> },
    /// A program runs that may push, where a login lets it.
    RunUnread,
    /// Something unknown is pushed.
    PushUnknown,
}

/// A build.
#[derive(Debug, Clone)]
pub(crate) struct Build {
    pub(crate) tags: Vec<Word>,
    pub(crate) push: bool,
    /// The name that is pushed by its digest alone, where that is asked for.
    pub(crate) by_digest: Option<DigestName>,
    pub(crate) cache_to: Vec<Word>,
    /// What is built: Dockerfile, target, arguments, context.
    pub(crate) source: String,
}

/// What is pushed by digest alone.
#[derive(Debug, Clone)]
pub(crate) enum DigestName {
    /// The tags say it.
    OfTags,
    /// The output says it, here.
    Name(Word),
}

/// What a roll-out changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RollOutTarget {
    /// A cluster or a service: surely a deployment.
    Cluster,
    /// Containers of one machine: a deployment over ssh, or where the job says that it deploys.
    Machine,
}

/// How an image is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageUse {
    Pulled,
    Run,
    /// Run in the background.
    Started,
    Created,
    Scanned,
    RolledOut,
    /// Copied, or put in a manifest.
    Copied,
}

impl ImageUse {
    /// The word for messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pulled => "pulls",
            Self::Run | Self::Started => "runs",
            Self::Created => "creates",
            Self::Scanned => "scans",
            Self::RolledOut => "rolls out",
            Self::Copied => "copies",
        }
    }

    /// Whether a container of it stays after the command.
    pub(crate) fn stays(self) -> bool {
        matches!(self, Self::Started | Self::RolledOut)
    }
}
