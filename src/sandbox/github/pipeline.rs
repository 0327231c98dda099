//! The runs and deployments of an embedded GitHub's repository.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::run::{Log, PipelineJob, PipelineRun};
use crate::model::{JobId, RunId};

/// Numbers of runs, jobs and deployments count from here.
const FIRST: u64 = 9_000_000_001;

/// The runs and deployments of one repository. Clones share them, so that a test can change them while
/// they are served.
#[derive(Clone, Default)]
pub struct Pipeline(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    /// By number: the order in which they were added.
    pub(super) runs: Vec<(u64, PipelineRun)>,
    pub(super) deployments: Vec<PipelineDeployment>,
    /// Workflows without runs.
    pub(super) workflows: BTreeSet<String>,
    /// Commits that the repository does not have.
    pub(super) unknown_commits: BTreeSet<String>,
    given: u64,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineDeployment {
    /// Its number; set when it is added.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// A sentence for people.
    pub description: String,
    /// The login of who created it.
    pub creator: String,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// Any JSON.
    pub payload: Value,
    /// The states that it had, oldest first.
    pub statuses: Vec<String>,
}

impl Pipeline {
    /// Adds a run; returns its number.
    #[expect(clippy::must_use_candidate, reason = "most runs are not changed later")]
    pub fn add(&self, run: PipelineRun) -> RunId {
        let mut state = self.lock();
        let id = state.next();
        let run = state.with_numbers(run);
        state.runs.push((id, run));
        RunId(id)
    }

    /// Changes a run: ends its jobs, or runs it again.
    pub fn change(&self, id: RunId, change: impl FnOnce(PipelineRun) -> PipelineRun) {
        let mut state = self.lock();
        let Some(at) = state.runs.iter().position(|(known, _)| *known == id.0) else { return };
        let run = change(state.runs[at].1.clone());
        let run = state.with_numbers(run);
        state.runs[at].1 = run;
    }

    /// Deletes a run with its jobs and logs.
    pub fn delete(&self, id: RunId) {
        self.lock().runs.retain(|(known, _)| *known != id.0);
    }

    /// The number of the job of this name in the newest attempt that ran it.
    #[must_use]
    pub fn job(&self, run: RunId, name: &str) -> Option<JobId> {
        let state = self.lock();
        let (_, run) = state.runs.iter().find(|(known, _)| *known == run.0)?;
        let mut jobs = run.attempts.iter().rev().flat_map(|attempt| &attempt.jobs);
        jobs.find(|job| job.name == name).map(|job| JobId(job.id))
    }

    /// Removes all logs, as GitHub does after their retention.
    pub fn expire_logs(&self) {
        for (_, run) in &mut self.lock().runs {
            for job in run.attempts.iter_mut().flat_map(|attempt| &mut attempt.jobs) {
                job.log = Log::Expired;
            }
        }
    }

    /// Adds a workflow that has no run.
    pub fn add_workflow(&self, file: &str) {
        self.lock().workflows.insert(file.to_owned());
    }

    /// Makes a commit one that the repository does not have, so that nothing can be deployed from it.
    pub fn forget_commit(&self, sha: &str) {
        self.lock().unknown_commits.insert(sha.to_owned());
    }

    /// Adds a deployment; returns its number.
    #[expect(clippy::must_use_candidate, reason = "most deployments are not looked up")]
    pub fn deploy(&self, deployment: PipelineDeployment) -> u64 {
        let mut state = self.lock();
        let id = state.next();
        state.deployments.push(PipelineDeployment { id, ..deployment });
        id
    }

    /// All deployments, oldest first.
    #[must_use]
    pub fn deployments(&self) -> Vec<PipelineDeployment> {
        self.lock().deployments.clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.given += 1;
        FIRST + self.given - 1
    }

    /// The run with numbers for its new jobs.
    fn with_numbers(&mut self, mut run: PipelineRun) -> PipelineRun {
        let jobs = run.attempts.iter_mut().flat_map(|attempt| &mut attempt.jobs);
        for job in jobs.filter(|job| job.id == 0) {
            job.id = self.next();
        }
        run
    }

    /// A job by its number.
    pub(super) fn job(&self, id: u64) -> Option<&PipelineJob> {
        let attempts = self.runs.iter().flat_map(|(_, run)| &run.attempts);
        attempts.flat_map(|attempt| &attempt.jobs).find(|job| job.id == id)
    }

    /// Whether the repository has a workflow.
    pub(super) fn has_workflow(&self, file: &str) -> bool {
        self.workflows.contains(file) || self.runs.iter().any(|(_, run)| run.workflow == file)
    }
}

/// Equal if they share their runs.
impl PartialEq for Pipeline {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Pipeline {}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Pipeline")
            .field("runs", &state.runs.len())
            .field("deployments", &state.deployments.len())
            .finish_non_exhaustive()
    }
}
