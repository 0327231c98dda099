//! Which texts an unknown part may be.

/// Which texts a symbol may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SymbolKind {
    /// Any text.
    Any,
    /// Any text that holds no tag and no space: a name that GitHub gives.
    Name,
    /// The SHA of a commit, or its first digits, and how many digits it has; none if it is short and its
    /// length unknown, as `git rev-parse --short` prints it.
    Sha(Option<u8>, Commit),
    /// A version or the name of a git tag: it never moves.
    Version,
}

/// Which commit a SHA names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// The one that the run is about: `github.sha`.
    OfRun,
    /// The head of the pull request; on pull requests, `github.sha` is the merge commit instead.
    OfHead,
    /// Any.
    Other,
}

impl Commit {
    /// The commit that a context or a command names.
    pub(super) fn of(source: &str) -> Self {
        match source {
            "github.sha" => Self::OfRun,
            "github.event.pull_request.head.sha" => Self::OfHead,
            _ => Self::Other,
        }
    }
}

/// The digits of a whole SHA.
pub(crate) const WHOLE_SHA: u8 = 40;
