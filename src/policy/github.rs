//! The settings of `[github]`, and of the runs that deploy to an environment.

use std::time::Duration;

use globset::GlobMatcher;
use url::Url;

use crate::model::Sha;

/// The repository on GitHub whose pipeline deploys.
#[derive(Debug, Clone)]
pub struct GitHubSettings {
    /// `owner/name`; none if the policy leaves it to the job's environment or the checkout.
    pub repository: Option<GitHubRepository>,
    /// The address of the API, with a path on GitHub Enterprise.
    pub api_url: Url,
    /// Whether the policy file sets `api-url`.
    pub api_url_written: bool,
    /// Variables that may hold the token; the first that is set is used.
    pub token_env: Vec<String>,
    /// Where records of releases are kept.
    pub records: RecordStore,
    /// Whose deployments are records.
    pub records_by: Vec<String>,
}

/// A repository on GitHub: `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubRepository {
    owner: String,
    name: String,
}

/// The text is not `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `owner/name` of a repository")]
pub struct InvalidGitHubRepository(String);

impl GitHubRepository {
    /// Reads `owner/name`.
    ///
    /// # Errors
    /// [`InvalidGitHubRepository`] for anything else, or other characters than GitHub allows.
    pub fn parse(text: &str) -> Result<Self, InvalidGitHubRepository> {
        let allowed = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        match text.split_once('/') {
            Some((owner, name)) if allowed(owner) && allowed(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(InvalidGitHubRepository(text.chars().take(80).collect())),
        }
    }

    /// The user or organisation.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for GitHubRepository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Where records of releases are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordStore {
    /// As deployments of the repository, of a task of their own.
    Deployments,
    /// In a file of JSON lines, by its path.
    File(String),
    /// Nowhere.
    None,
}

/// Which runs of the pipeline deploy to an environment.
#[derive(Debug, Clone)]
pub struct Deploys {
    /// The files of the workflows, newer ones first.
    pub workflows: Vec<String>,
    /// The jobs that deploy.
    pub jobs: Vec<GlobMatcher>,
    /// The jobs that migrate.
    pub migrate_jobs: Vec<GlobMatcher>,
    /// The events whose runs count.
    pub events: Vec<String>,
    /// How the title of a run names the commit, if it does.
    pub title: Option<TitlePattern>,
    /// When a deployed release is known to be good.
    pub success: SuccessBy,
}

/// When a deployed release is known to be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SuccessBy {
    /// When the whole run succeeded.
    #[default]
    Run,
    /// When its deploy jobs succeeded.
    Jobs,
}

/// The title of a run, with a placeholder for the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitlePattern {
    before: String,
    after: String,
}

/// The text does not have the placeholder exactly once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not have `{{sha}}` exactly once")]
pub struct InvalidTitle(String);

impl TitlePattern {
    const PLACEHOLDER: &str = "{sha}";

    /// Reads a pattern.
    ///
    /// # Errors
    /// [`InvalidTitle`] unless the text has the placeholder exactly once.
    pub fn parse(text: &str) -> Result<Self, InvalidTitle> {
        match text.split_once(Self::PLACEHOLDER) {
            Some((before, after)) if !after.contains(Self::PLACEHOLDER) => {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            _ => Err(InvalidTitle(text.chars().take(80).collect())),
        }
    }

    /// The commit that a title names, if it has this form.
    #[must_use]
    pub fn sha(&self, title: &str) -> Option<Sha> {
        let rest = title.strip_prefix(self.before.as_str())?;
        Sha::parse(rest.strip_suffix(self.after.as_str())?).ok()
    }
}

/// The limits that an environment's runs are judged by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunLimits {
    /// How long the migrations of a run may take.
    pub migrate_max: Duration,
    /// How long it may take from the start of a run to the end of its last deploy job.
    pub deploy_max: Duration,
    /// The share of runs that may fail, 0 to 1.
    pub max_failure_rate: f64,
    /// The share of runs whose migrations may fail, 0 to 1.
    pub max_migrate_failure_rate: f64,
    /// How many of the newest runs are judged.
    pub last: u32,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            migrate_max: Duration::from_mins(15),
            deploy_max: Duration::from_mins(20),
            max_failure_rate: 0.05,
            max_migrate_failure_rate: 0.01,
            last: 30,
        }
    }
}
