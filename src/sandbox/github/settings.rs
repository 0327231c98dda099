//! How an embedded GitHub behaves: its repository, and what the token may do there.

use std::collections::BTreeSet;
use std::fmt;

use super::pipeline::Pipeline;

/// A right of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// `actions: read`: runs, jobs and logs.
    ActionsRead,
    /// `deployments: read`
    DeploymentsRead,
    /// `deployments: write`
    DeploymentsWrite,
}

/// Whether the token may see the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody may, also without a token.
    Public,
    /// With the token only.
    Private,
    /// Not with this token either: everything is 404.
    Hidden,
}

/// How lists with filters are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilteredLists {
    /// With all that fits.
    Whole,
    /// Without the newest that fits, as a search whose index is late:
    /// <https://github.com/nrwl/nx-set-shas/issues/219>
    Stale,
}

/// One repository with its pipeline.
#[derive(Clone, PartialEq, Eq)]
pub struct GitHubSettings {
    /// `owner/name`.
    pub repository: String,
    /// The token.
    pub token: String,
    /// What the token may do.
    pub rights: BTreeSet<Right>,
    /// Whether the token may see the repository.
    pub visibility: Visibility,
    /// Who creates deployments with the token.
    pub login: String,
    /// How many requests an hour takes.
    pub hourly_limit: u32,
    /// How lists with filters are answered.
    pub filtered_lists: FilteredLists,
    /// The runs and deployments.
    pub pipeline: Pipeline,
    /// The address of the storage of logs; set by [`EmbeddedGitHub`](super::EmbeddedGitHub).
    pub storage: String,
}

impl GitHubSettings {
    /// A private repository, and a job's token with every right.
    #[must_use]
    pub fn new(repository: &str, token: &str, pipeline: Pipeline) -> Self {
        let rights = [Right::ActionsRead, Right::DeploymentsRead, Right::DeploymentsWrite];
        Self {
            repository: repository.to_owned(),
            token: token.to_owned(),
            rights: BTreeSet::from(rights),
            visibility: Visibility::Private,
            login: "github-actions[bot]".to_owned(),
            hourly_limit: 5000,
            filtered_lists: FilteredLists::Whole,
            pipeline,
            storage: String::new(),
        }
    }

    /// Without this right. Without reading deployments, they cannot be created either.
    #[must_use]
    pub fn without(mut self, right: Right) -> Self {
        self.rights.remove(&right);
        if right == Right::DeploymentsRead {
            self.rights.remove(&Right::DeploymentsWrite);
        }
        self
    }
}

impl fmt::Debug for GitHubSettings {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHubSettings")
            .field("repository", &self.repository)
            .field("rights", &self.rights)
            .field("visibility", &self.visibility)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}
