//! What a token is asked for: a repository and what shall be done there.

use std::fmt;

use crate::model::RepositoryPath;

/// What shall be done in a repository; each includes reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Actions {
    /// Read.
    Pull,
    /// Read and write.
    Push,
}

/// `repository:acme/backend:pull`:
/// <https://distribution.github.io/distribution/spec/auth/scope/>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Scope {
    pub(crate) repository: RepositoryPath,
    pub(crate) actions: Actions,
}

impl Scope {
    pub(crate) fn pull(repository: &RepositoryPath) -> Self {
        Self { repository: repository.clone(), actions: Actions::Pull }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = match self.actions {
            Actions::Pull => "pull",
            Actions::Push => "pull,push",
        };
        write!(f, "repository:{}:{actions}", self.repository)
    }
}
