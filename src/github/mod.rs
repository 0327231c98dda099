//! What GitHub knows about a pipeline: runs, jobs, logs and deployments of one repository.
//!
//! <https://docs.github.com/rest/actions>, <https://docs.github.com/rest/deployments>

mod api;
mod cache;
mod deployments;
mod diagnose;
mod log;
mod pages;
mod refusal;
mod runs;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::http::{Call, HostBudget, Http, Redirects, Reply, RequestError, VariableToken};
use crate::model::Run;
use crate::policy::{GitHubRepository, GitHubSettings};

pub use diagnose::GitHubDiagnosis;
pub use refusal::Permission;

/// A page of a workflow's runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The newest attempt of each run.
    pub runs: Vec<Run>,
    /// Whether older runs follow on another page.
    pub has_next: bool,
}

/// The number of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentId(pub u64);

/// A deployment of the repository, as GitHub lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentEntry {
    /// Its number.
    pub id: DeploymentId,
    /// The commit.
    pub sha: String,
    /// The task, such as `deploy`.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// Who created it: the login, such as `github-actions[bot]`.
    pub creator: Option<String>,
    /// When it was created, by GitHub's clock.
    pub created: DateTime<Utc>,
    /// Any JSON.
    pub payload: serde_json::Value,
}

/// A page of deployments.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentPage {
    /// The deployments. Their order is not documented: compare their numbers.
    pub deployments: Vec<DeploymentEntry>,
    /// Whether more follow on another page.
    pub has_next: bool,
}

/// A deployment to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDeployment {
    /// The commit; it must exist in the repository.
    pub sha: String,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// A sentence for people.
    pub description: String,
    /// Any JSON.
    pub payload: serde_json::Value,
}

/// How the reading of a log ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    /// All of it was read.
    Complete,
    /// It is longer than the limit; the beginning was read.
    TooLong,
    /// GitHub does not have it any more.
    Expired,
}

/// A connection to one repository. It reads without a token as well what is public.
pub struct GitHub {
    http: Arc<Http>,
    api: api::Api,
    token: Option<VariableToken>,
    cache: cache::Cache,
    pages: pages::Pages,
}

/// What a connection needs besides the settings of the policy.
pub struct GitHubConnection {
    /// The transport, whose limits are shared with the packages API at the same address.
    pub http: Arc<Http>,
    /// The token, if there is one.
    pub token: Option<VariableToken>,
    /// Where completed attempts are cached; without a directory they are kept in memory.
    pub cache_directory: Option<PathBuf>,
}

impl GitHub {
    /// A connection; none if the repository is not known. Nothing is sent yet.
    #[must_use]
    pub fn new(settings: &GitHubSettings, connection: GitHubConnection) -> Option<Self> {
        let GitHubConnection { http, token, cache_directory } = connection;
        let repository = settings.repository.clone()?;
        let place = (&settings.api_url, &repository);
        let cache = cache::Cache::new(cache_directory, place, http.secrets());
        http.limit(&settings.api_url, HostBudget::GITHUB);
        let api = api::Api { base: settings.api_url.clone(), repository };
        Some(Self { http, api, token, cache, pages: pages::Pages::default() })
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &GitHubRepository {
        &self.api.repository
    }

    /// Where the token was found, if there is one.
    fn origin(&self) -> Option<String> {
        self.token.as_ref().map(VariableToken::origin)
    }

    /// The call as it is sent: with the token, and counted against the budget.
    fn prepared(&self, call: Call) -> Result<Call, RequestError> {
        let token = self.token.as_ref().map(|token| token.header(&self.http, &call.url));
        Ok(call.authorization(token.transpose()?).on_budget())
    }

    /// Sends a call. Redirects are not followed, since the token must not be sent to their target.
    async fn send(&self, call: &Call) -> Result<Reply, RequestError> {
        let sent = self.prepared(call.clone())?.redirects(Redirects::Refuse);
        self.http.send(&sent).await.map_err(refusal::unanswered)
    }

    /// The error of a reply that is not a success.
    fn refused(&self, call: &Call, reply: &Reply, needed: Permission) -> RequestError {
        let origin = self.origin();
        match reply.status.as_u16() {
            404 => refusal::invisible(self.repository(), needed, origin.as_deref()),
            _ => refusal::refused(call, reply, needed, origin.as_deref()),
        }
    }
}
