//! The event that started the GitHub Actions run: for some events `$GITHUB_REF_NAME` and
//! `$GITHUB_SHA` do not name what was built.

use serde::Deserialize;

use super::env;
use super::exit::Failure;

/// What the event says about the environment and the release.
pub(crate) enum Event {
    /// Nothing: `$GITHUB_REF_NAME` and `$GITHUB_SHA` are right, or there is only a checkout.
    Usual,
    /// The run of another workflow ended. Those variables then name the default branch.
    WorkflowRun {
        /// The branch of that run.
        branch: String,
        /// Its commit.
        sha: String,
    },
    /// A pull request: its commit is not deployed, and its branch belongs to no environment.
    PullRequest(String),
}

#[derive(Deserialize)]
struct Payload {
    workflow_run: WorkflowRun,
}

#[derive(Deserialize)]
struct WorkflowRun {
    head_branch: Option<String>,
    head_sha: String,
    #[serde(default)]
    event: String,
}

/// Reads the event of this run.
pub(crate) fn event() -> Result<Event, Failure> {
    match env::variable("GITHUB_EVENT_NAME") {
        Some(name) if name.starts_with("pull_request") => Ok(Event::PullRequest(name)),
        Some(name) if name == "workflow_run" => workflow_run(),
        _ => Ok(Event::Usual),
    }
}

fn workflow_run() -> Result<Event, Failure> {
    let failure = |why: &dyn std::fmt::Display| {
        let message = format!(
            "this run was started by `workflow_run`, but the payload of that event cannot be read: {why}"
        );
        Failure::usage(message).hint(HINT)
    };
    let path = env::github_event().ok_or_else(|| failure(&"$GITHUB_EVENT_PATH is not set"))?;
    let text = std::fs::read_to_string(path).map_err(|error| failure(&error))?;
    let payload: Payload = serde_json::from_str(&text).map_err(|error| failure(&error))?;
    let run = payload.workflow_run;
    match run.head_branch {
        _ if run.event.starts_with("pull_request") => Ok(Event::PullRequest(run.event)),
        Some(branch) => Ok(Event::WorkflowRun { branch, sha: run.head_sha }),
        None => Err(failure(&"it names no branch")),
    }
}

/// The hint where the event does not name the environment and the release.
pub(crate) const HINT: &str = "pass the environment and --sha SHA";

/// The failure in the run of a pull request, where no environment or release is assumed.
pub(crate) fn pull_request_failure(what: &str, name: &str) -> Failure {
    let message = format!(
        "no {what} given, and this run was started by `{name}`: its branch and commit belong to a pull request, which is not deployed"
    );
    Failure::usage(message).hint(HINT)
}
