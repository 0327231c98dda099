//! GitHub's API for one repository: runs, jobs, logs and deployments.
//!
//! It follows <https://docs.github.com/rest/actions> and <https://docs.github.com/rest/deployments>. Logs are
//! on a host of their own, which refuses every request with credentials, as the real one does. Other things
//! of GitHub are not imitated: a deployment changes nothing, and no workflow is run.

mod actions;
mod api;
mod deployments;
mod example;
mod pipeline;
mod run;
mod settings;
mod storage;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};

pub use pipeline::{Pipeline, PipelineDeployment};
pub use run::PipelineRun;
pub use settings::{FilteredLists, GitHubSettings, Right, Visibility};

use super::call::{Answer, Call};
use super::rest::SECONDARY_LIMIT;
use super::settings::{Imitation, Settings};
use super::shared::Shared;
use super::{Sandbox, Store};
use wire::Problem;

pub(super) use api::answer;
pub(super) use storage::answer as log_answer;

/// A running GitHub: its API, and the storage of its logs on another port.
#[derive(Debug)]
pub struct EmbeddedGitHub {
    api: Sandbox,
    storage: Sandbox,
    pipeline: Pipeline,
}

impl EmbeddedGitHub {
    /// Starts it on the current tokio runtime, on free ports. Its clock starts at `now`.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start(github: GitHubSettings, now: DateTime<Utc>) -> io::Result<Self> {
        let pipeline = github.pipeline.clone();
        let (free, store) = (SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Store::default);
        let storage = Sandbox::start(free, storage_settings(&pipeline, now), store()).await?;
        let api = Sandbox::start(free, settings(github, &storage, now), store()).await?;
        Ok(Self { api, storage, pipeline })
    }

    /// Starts it on threads of its own, for callers without a runtime. Port 0 takes a free one for the API.
    ///
    /// # Errors
    /// When no port can be listened on, or no thread can be had.
    pub fn start_in_background(
        listen: SocketAddr,
        github: GitHubSettings,
        now: DateTime<Utc>,
    ) -> io::Result<Self> {
        let pipeline = github.pipeline.clone();
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let settings_of_storage = storage_settings(&pipeline, now);
        let storage = Sandbox::start_in_background(free, settings_of_storage, Store::default())?;
        let settings = settings(github, &storage, now);
        let api = Sandbox::start_in_background(listen, settings, Store::default())?;
        Ok(Self { api, storage, pipeline })
    }

    /// The address of the API, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        self.api.url()
    }

    /// The API, with its requests and faults.
    #[must_use]
    pub fn api(&self) -> &Sandbox {
        &self.api
    }

    /// The storage of the logs, with its requests and faults.
    #[must_use]
    pub fn storage(&self) -> &Sandbox {
        &self.storage
    }

    /// The runs and deployments, to be changed while it runs.
    #[must_use]
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }
}

fn settings(github: GitHubSettings, storage: &Sandbox, now: DateTime<Utc>) -> Settings {
    let github = GitHubSettings { storage: storage.url(), ..github };
    Settings { imitates: Imitation::GitHub(github), now: Some(now), ..Settings::default() }
}

fn storage_settings(pipeline: &Pipeline, now: DateTime<Utc>) -> Settings {
    let imitates = Imitation::GitHubLogs(pipeline.clone());
    Settings { imitates, now: Some(now), ..Settings::default() }
}

/// An error of this status as the API words it.
pub(super) fn failure(shared: &Shared, github: &GitHubSettings, status: StatusCode) -> Answer {
    let rate_limit = shared.rate_limiter.count(github.hourly_limit, 0, shared.clock);
    rate_limit.with_headers(Problem::of(status).answer())
}

/// The answer to too many requests at a time.
pub(super) fn secondary_limit(shared: &Shared, github: &GitHubSettings) -> Answer {
    let rate_limit = shared.rate_limiter.count(github.hourly_limit, 0, shared.clock);
    rate_limit.with_headers(Problem::new(StatusCode::FORBIDDEN, SECONDARY_LIMIT).answer())
}

/// A request to the API, as its handlers get it.
struct Request<'a> {
    shared: &'a Shared,
    github: &'a GitHubSettings,
    call: &'a Call,
}
