//! What GitHub knows about a pipeline: runs, jobs, logs and deployments of one repository.
//!
//! <https://docs.github.com/rest/actions>, <https://docs.github.com/rest/deployments>

use chrono::{DateTime, Utc};

use crate::http::{ErrorKind, RequestError};
use crate::model::{Job, JobId, Run, RunId};

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

/// A connection to one repository.
pub struct GitHub {}

impl GitHub {
    /// One page of a workflow's runs, counted from 1, up to 100 a page. No filters are used: GitHub's
    /// filtered lists are a search, and at times stale.
    ///
    /// # Errors
    /// [`RequestError`] when the page cannot be read.
    pub async fn runs(&self, workflow: &str, page: u32) -> Result<RunPage, RequestError> {
        let _ = (workflow, page);
        Err(unbuilt())
    }

    /// The newest attempt of a run. It is never cached, since a re-run changes it.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read.
    pub async fn run(&self, run: RunId) -> Result<Run, RequestError> {
        let _ = run;
        Err(unbuilt())
    }

    /// One attempt of a run. A completed one is cached.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read.
    pub async fn attempt(&self, run: RunId, attempt: u32) -> Result<Run, RequestError> {
        let _ = (run, attempt);
        Err(unbuilt())
    }

    /// The jobs of this attempt of a run, all pages. Those of a completed attempt are cached.
    ///
    /// # Errors
    /// [`RequestError`] when they cannot be read.
    pub async fn jobs(&self, run: &Run) -> Result<Vec<Job>, RequestError> {
        let _ = run;
        Err(unbuilt())
    }

    /// Passes the log of a job on, piece by piece, up to 64 MiB. Nothing of it is kept.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read, or breaks off.
    pub async fn log(
        &self,
        job: JobId,
        mut take: impl FnMut(&[u8]) + Send,
    ) -> Result<LogEnd, RequestError> {
        let _ = job;
        take(&[]);
        Err(unbuilt())
    }

    /// One page of the deployments to an environment, counted from 1.
    ///
    /// # Errors
    /// [`RequestError`] when the page cannot be read.
    pub async fn deployments(
        &self,
        environment: &str,
        page: u32,
    ) -> Result<DeploymentPage, RequestError> {
        let _ = (environment, page);
        Err(unbuilt())
    }

    /// Whether any status of a deployment was `success`; once it was, that is cached.
    ///
    /// # Errors
    /// [`RequestError`] when the statuses cannot be read.
    pub async fn succeeded(&self, deployment: DeploymentId) -> Result<bool, RequestError> {
        let _ = deployment;
        Err(unbuilt())
    }

    /// Creates a deployment. Nothing is merged and no check is required.
    ///
    /// # Errors
    /// [`RequestError`] when it is refused, or it is unknown whether it was created.
    pub async fn create_deployment(
        &self,
        deployment: &NewDeployment,
    ) -> Result<DeploymentId, RequestError> {
        let _ = deployment;
        Err(unbuilt())
    }

    /// Gives a deployment the status `success`.
    ///
    /// # Errors
    /// [`RequestError`] when it is refused.
    pub async fn succeed(&self, deployment: DeploymentId) -> Result<(), RequestError> {
        let _ = deployment;
        Err(unbuilt())
    }
}

fn unbuilt() -> RequestError {
    RequestError::new(ErrorKind::Client, "GitHub is not asked yet")
}
