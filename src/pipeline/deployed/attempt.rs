//! What one attempt of a run deployed.

use chrono::{DateTime, Utc};

use crate::model::{
    Conclusion, Deployment, DeploymentResult, DeploymentSource, Job, Run, RunState, Sha,
};
use crate::policy::{Deploys, SuccessBy};

/// An attempt of a run with its jobs, those included that it took over from earlier attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRead {
    /// The attempt.
    pub run: Run,
    /// Its jobs.
    pub jobs: Vec<Job>,
}

/// What the attempts of a run deployed, newest attempt first. A deployment that a later attempt took over
/// is judged by the later one.
pub(super) fn deployments(
    deploys: &Deploys,
    (sha, attempts): (&Sha, &[AttemptRead]),
) -> Vec<Deployment> {
    let mut newest_first: Vec<&AttemptRead> = attempts.iter().collect();
    newest_first.sort_by_key(|read| std::cmp::Reverse(read.run.attempt));
    let mut found: Vec<Deployment> = Vec::new();
    for read in newest_first {
        let deployment = deployment(deploys, sha, read);
        found.extend(deployment.filter(|new| {
            let is_taken_over = |later: &Deployment| later.time == new.time;
            !(new.result.is_deployed() && found.iter().any(is_taken_over))
        }));
    }
    found
}

/// What an attempt deployed. None if no job of it deploys, or all that do were skipped.
fn deployment(deploys: &Deploys, sha: &Sha, read: &AttemptRead) -> Option<Deployment> {
    let AttemptRead { run, jobs } = read;
    let deploys_to = |job: &&Job| deploys.jobs.iter().any(|glob| glob.is_match(&job.name));
    let jobs: Vec<&Job> = jobs.iter().filter(deploys_to).collect();
    let is_skipped = |job: &&Job| job.state == RunState::Completed(Conclusion::Skipped);
    if jobs.iter().all(is_skipped) {
        return None;
    }
    let (result, detail) = judge(deploys.success, run, &jobs);
    Some(Deployment {
        sha: sha.clone(),
        time: time(result, run, &jobs),
        result,
        source: DeploymentSource::Run,
        run: Some(run.id),
        url: Some(run.url.clone()),
        detail,
    })
}

fn judge(success: SuccessBy, run: &Run, jobs: &[&Job]) -> (DeploymentResult, String) {
    let id = run.id;
    let failed = jobs.iter().find_map(|job| match job.state.conclusion() {
        None | Some(Conclusion::Success) => None,
        Some(other) => Some((&job.name, other)),
    });
    if let Some((name, conclusion)) = failed {
        let end = ended(conclusion);
        return (DeploymentResult::JobFailed, format!("`{name}` of run {id} {end}"));
    }
    if jobs.iter().any(|job| job.state.conclusion().is_none()) {
        return (DeploymentResult::JobUnfinished, format!("run {id} has not ended"));
    }
    match (success, run.state.conclusion()) {
        (SuccessBy::Jobs, _) => {
            (DeploymentResult::Good, format!("the deploy jobs of run {id} succeeded"))
        }
        (SuccessBy::Run, Some(Conclusion::Success)) => {
            (DeploymentResult::Good, format!("run {id} succeeded"))
        }
        (SuccessBy::Run, None) => {
            (DeploymentResult::RunUnfinished, format!("run {id} has not ended"))
        }
        (SuccessBy::Run, Some(other)) => {
            let end = ended(other);
            (DeploymentResult::RunFailed, format!("run {id} deployed it, and {end}"))
        }
    }
}

/// When the last deploy job ended; for what was not deployed, the last time that is known.
fn time(result: DeploymentResult, run: &Run, jobs: &[&Job]) -> DateTime<Utc> {
    let ends = jobs.iter().map(|job| job.completed);
    match result {
        DeploymentResult::JobUnfinished => run.updated,
        _ => ends.flatten().max().unwrap_or(run.updated),
    }
}

/// How a run or a job ended, as the end of a sentence.
pub(super) fn ended(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Success => "succeeded",
        Conclusion::Failure | Conclusion::StartupFailure => "failed",
        Conclusion::Cancelled => "was cancelled",
        Conclusion::Skipped => "was skipped",
        Conclusion::TimedOut => "ran out of time",
        Conclusion::ActionRequired => "waits for an approval",
        Conclusion::Neutral | Conclusion::Stale | Conclusion::Other => {
            "ended without having succeeded"
        }
    }
}
