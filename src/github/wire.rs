//! Parses runs and jobs. Fields that are not known are ignored; words that are not known are kept apart.
//!
//! The cache holds the same forms, and is parsed the same way.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::http::{ErrorKind, Reply, RequestError, redacted_url};
use crate::model::{Conclusion, Job, JobId, Run, RunId, RunState, Sha};

/// `GET …/actions/workflows/{file}/runs`
#[derive(Deserialize)]
pub(super) struct RunList {
    pub(super) total_count: usize,
    pub(super) workflow_runs: Vec<RunWire>,
}

/// `GET …/actions/runs/{id}/jobs`
#[derive(Deserialize)]
pub(super) struct JobList {
    pub(super) total_count: usize,
    pub(super) jobs: Vec<JobWire>,
}

/// One attempt of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RunWire {
    pub(super) id: u64,
    #[serde(default = "first")]
    pub(super) run_attempt: u32,
    path: Option<String>,
    head_sha: String,
    head_branch: Option<String>,
    event: String,
    display_title: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    created_at: DateTime<Utc>,
    run_started_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    html_url: String,
}

/// A job of an attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct JobWire {
    pub(super) id: u64,
    pub(super) run_id: u64,
    #[serde(default = "first")]
    run_attempt: u32,
    name: String,
    status: String,
    conclusion: Option<String>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    html_url: Option<String>,
}

fn first() -> u32 {
    1
}

impl RunWire {
    /// The run; none if its commit is not one. `workflow` is the file where the answer names none.
    pub(super) fn run(self, workflow: &str) -> Option<Run> {
        let named = self.path.as_deref().and_then(file_name);
        Some(Run {
            id: RunId(self.id),
            attempt: self.run_attempt,
            workflow: named.unwrap_or(workflow).to_owned(),
            head_sha: Sha::parse(&self.head_sha).ok().filter(Sha::is_full)?,
            branch: self.head_branch,
            event: self.event,
            title: self.display_title.unwrap_or_default(),
            state: state(self.status.as_deref(), self.conclusion.as_deref()),
            created: self.created_at,
            started: self.run_started_at.unwrap_or(self.created_at),
            updated: self.updated_at,
            url: self.html_url,
        })
    }
}

/// The file of a path such as `.github/workflows/main.yml@refs/heads/main`.
fn file_name(path: &str) -> Option<&str> {
    let path = path.split('@').next()?;
    path.rsplit('/').next().filter(|name| !name.is_empty())
}

impl JobWire {
    pub(super) fn job(self) -> Job {
        let state = state(Some(&self.status), self.conclusion.as_deref());
        // A job that has not begun has the time of its creation in `started_at`.
        let started = self.started_at.filter(|_| state != RunState::Queued);
        Job {
            id: JobId(self.id),
            attempt: self.run_attempt,
            name: self.name,
            state,
            started,
            completed: self.completed_at,
            url: self.html_url,
        }
    }
}

/// How far a run or a job is. An unknown status may be one in which something happens.
fn state(status: Option<&str>, conclusion: Option<&str>) -> RunState {
    match status {
        Some("completed") => RunState::Completed(
            conclusion.and_then(|word| word.parse().ok()).unwrap_or(Conclusion::Other),
        ),
        Some("queued" | "requested" | "waiting" | "pending") => RunState::Queued,
        _ => RunState::InProgress,
    }
}

/// The body of an answer.
///
/// # Errors
/// [`RequestError`] when it is not what was asked for, such as the first half of it.
pub(super) fn parsed<T: DeserializeOwned>(
    url: &Url,
    reply: &Reply,
    what: &str,
) -> Result<T, RequestError> {
    serde_json::from_slice(&reply.body).map_err(|error| broken(url, what).with_source(error))
}

/// The error of an answer that is not what was asked for.
pub(super) fn broken(url: &Url, what: &str) -> RequestError {
    let message = format!("{} did not answer with {what}", redacted_url(url));
    RequestError::new(ErrorKind::BadAnswer, message).with_hint(
        "check `api-url` of `[github]` in the policy, and whether a proxy answers instead",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(change: impl FnOnce(&mut serde_json::Value)) -> Option<Run> {
        let mut value = serde_json::json!({
            "id": 7, "run_attempt": 2, "path": ".github/workflows/main.yml@refs/heads/main",
            "head_sha": "a".repeat(40), "head_branch": null, "event": "push",
            "display_title": "Deploy", "status": "completed", "conclusion": "success",
            "created_at": "2026-11-01T10:00:00Z", "run_started_at": "2026-11-01T11:00:00Z",
            "updated_at": "2026-11-01T11:09:00Z", "html_url": "https://x", "new_field": {"a": []},
        });
        change(&mut value);
        serde_json::from_value::<RunWire>(value).ok()?.run("asked.yml")
    }

    #[test]
    fn a_run_is_read_with_fields_that_are_not_known() {
        let run = run(|_| ()).expect("a run");
        assert_eq!((run.workflow.as_str(), run.attempt, run.branch), ("main.yml", 2, None));
        assert_eq!(run.state, RunState::Completed(Conclusion::Success));
    }

    #[test]
    fn each_word_of_the_api_is_a_state() {
        let state = |status: &str, conclusion: Option<&str>| {
            run(|value| {
                value["status"] = status.into();
                value["conclusion"] = conclusion.into();
            })
            .expect("a run")
            .state
        };
        let ended = |word| state("completed", Some(word));
        assert_eq!(ended("timed_out"), RunState::Completed(Conclusion::TimedOut));
        assert_eq!(ended("startup_failure"), RunState::Completed(Conclusion::StartupFailure));
        assert_eq!(ended("a_new_word"), RunState::Completed(Conclusion::Other));
        assert_eq!(state("completed", None), RunState::Completed(Conclusion::Other));
        assert_eq!(state("waiting", None), RunState::Queued);
        assert_eq!(state("in_progress", None), RunState::InProgress);
        assert_eq!(state("a_new_word", None), RunState::InProgress);
    }

    #[test]
    fn what_the_order_needs_must_be_there() {
        for field in ["id", "head_sha", "event", "created_at", "updated_at"] {
            assert!(run(|value| value[field] = serde_json::Value::Null).is_none(), "{field}");
        }
        assert!(run(|value| value["head_sha"] = "abcdef1".into()).is_none());
        let other = run(|value| value["path"] = serde_json::Value::Null).expect("a run");
        assert_eq!(other.workflow, "asked.yml");
    }
}
