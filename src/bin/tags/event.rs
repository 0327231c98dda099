//! The event that started a run of GitHub Actions, where it says more than the usual variables.

use serde::Deserialize;

use super::ambient;
use super::exit::Failure;

/// What the event says about the environment and the release.
pub(crate) enum Event {
    /// Nothing: `$GITHUB_REF_NAME` and `$GITHUB_SHA` say it, or the checkout.
    Usual,
    /// The run of another workflow ended. The usual variables then name the default branch.
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
    match ambient::variable("GITHUB_EVENT_NAME") {
        Some(name) if name.starts_with("pull_request") => Ok(Event::PullRequest(name)),
        Some(name) if name == "workflow_run" => workflow_run(),
        _ => Ok(Event::Usual),
    }
}

fn workflow_run() -> Result<Event, Failure> {
    let unread = |why: &dyn std::fmt::Display| {
        let message = format!(
            "this run is of the event `workflow_run`, and its payload cannot be read: {why}"
        );
        Failure::usage(message).hint(GIVEN)
    };
    let path = ambient::github_event().ok_or_else(|| unread(&"there is no $GITHUB_EVENT_PATH"))?;
    let text = std::fs::read_to_string(path).map_err(|error| unread(&error))?;
    let payload: Payload = serde_json::from_str(&text).map_err(|error| unread(&error))?;
    let run = payload.workflow_run;
    match run.head_branch {
        _ if run.event.starts_with("pull_request") => Ok(Event::PullRequest(run.event)),
        Some(branch) => Ok(Event::WorkflowRun { branch, sha: run.head_sha }),
        None => Err(unread(&"it names no branch")),
    }
}

/// What helps where the event does not tell.
pub(crate) const GIVEN: &str = "name the environment and say --sha SHA";

/// Why nothing is assumed in the run of a pull request.
pub(crate) fn of_pull_request(what: &str, name: &str) -> Failure {
    let message = format!(
        "which {what}? this run is of the event `{name}`, whose branch and commit are those of a pull request, and none that is deployed"
    );
    Failure::usage(message).hint(GIVEN)
}
