//! The formats of the API, with every field that its description requires.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::rest::time;
use super::Request;
use super::pipeline::PipelineDeployment;
use super::run::{PipelineJob, PipelineRun};
use crate::model::RunState;

/// A refusal of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned() }
    }

    /// The error of this status, worded as by the API.
    pub(super) fn of(status: StatusCode) -> Self {
        let message = match status.as_u16() {
            401 => "Requires authentication",
            403 => "Resource not accessible by integration",
            404 => "Not Found",
            429 => super::SECONDARY_LIMIT,
            _ => "Server Error",
        };
        Self::new(status, message)
    }

    pub(super) fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND)
    }

    pub(super) fn answer(&self) -> Answer {
        let body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": self.status.as_str(),
        });
        Answer::json(self.status, &body)
    }
}

/// The word for how far a run or a job is.
pub(super) fn status(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::InProgress => "in_progress",
        RunState::Completed(_) => "completed",
    }
}

fn conclusion(state: RunState) -> Value {
    state.conclusion().map_or(Value::Null, |end| end.as_str().into())
}

pub(super) fn workflow(request: &Request<'_>, file: &str) -> Value {
    let html = html_url(request);
    json!({
        "id": 1,
        "node_id": "W_1",
        "name": file,
        "path": format!(".github/workflows/{file}"),
        "state": "active",
        "url": format!("{}/actions/workflows/{file}", url(request)),
        "html_url": format!("{html}/blob/main/.github/workflows/{file}"),
        "badge_url": format!("{html}/workflows/{file}/badge.svg"),
        "created_at": time(request.shared.clock.now()),
        "updated_at": time(request.shared.clock.now()),
    })
}

/// A run in one of its attempts, counted from 1.
pub(super) fn run(request: &Request<'_>, (id, run): (u64, &PipelineRun), number: usize) -> Value {
    let attempt = &run.attempts[number - 1];
    let (url, state) = (format!("{}/actions/runs/{id}", url(request)), attempt.state());
    let repository = repository(request);
    let previous = format!("{url}/attempts/{}", number - 1);
    let mut value = json!({
        "id": id,
        "node_id": format!("WFR_{id}"),
        "name": "Pipeline",
        "path": format!(".github/workflows/{}", run.workflow),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "display_title": run.title,
        "run_number": id % 100_000,
        "run_attempt": number,
        "event": run.event,
        "status": status(state),
        "conclusion": conclusion(state),
        "workflow_id": 1,
        "created_at": time(run.attempts[0].started),
        "run_started_at": time(attempt.started),
        "updated_at": time(attempt.end()),
        "url": url,
        "html_url": format!("{}/actions/runs/{id}", html_url(request)),
        "previous_attempt_url": if number > 1 { previous.into() } else { Value::Null },
        "workflow_url": format!("{}/actions/workflows/1", self::url(request)),
        "check_suite_url": format!("{}/check-suites/{id}", self::url(request)),
        "pull_requests": [],
        "actor": user(&request.github.login),
        "head_commit": Value::Null,
        "repository": repository,
        "head_repository": repository,
    });
    for name in ["jobs", "logs", "artifacts", "cancel", "rerun"] {
        value[format!("{name}_url")] = format!("{url}/{name}").into();
    }
    value
}

/// A job of the attempt with this number.
pub(super) fn job(
    request: &Request<'_>,
    (run_id, run): (u64, &PipelineRun),
    attempt: usize,
    job: &PipelineJob,
) -> Value {
    let id = job.id;
    let run_page = format!("{}/actions/runs/{run_id}", html_url(request));
    json!({
        "id": id,
        "node_id": format!("CR_{id}"),
        "run_id": run_id,
        "run_url": format!("{}/actions/runs/{run_id}", url(request)),
        "run_attempt": attempt,
        "head_sha": run.sha,
        "head_branch": run.branch,
        "workflow_name": "Pipeline",
        "name": job.name,
        "url": format!("{}/actions/jobs/{id}", url(request)),
        "html_url": format!("{run_page}/job/{id}"),
        "status": status(job.state),
        "conclusion": conclusion(job.state),
        "created_at": time(job.started),
        "started_at": time(job.started),
        "completed_at": job.completed.map_or(Value::Null, time),
        "check_run_url": format!("{}/check-runs/{id}", url(request)),
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "runner",
        "runner_group_id": 1,
        "runner_group_name": "Default",
        "steps": [],
    })
}

pub(super) fn deployment(request: &Request<'_>, deployment: &PipelineDeployment) -> Value {
    let url = format!("{}/deployments/{}", url(request), deployment.id);
    json!({
        "id": deployment.id,
        "node_id": format!("DE_{}", deployment.id),
        "sha": deployment.sha,
        "ref": deployment.sha,
        "task": deployment.task,
        "environment": deployment.environment,
        "original_environment": deployment.environment,
        "description": deployment.description,
        "creator": user(&deployment.creator),
        "payload": deployment.payload,
        "created_at": time(deployment.created),
        "updated_at": time(deployment.created),
        "statuses_url": format!("{url}/statuses"),
        "repository_url": self::url(request),
        "url": url,
    })
}

/// The status at this position of a deployment.
pub(super) fn deployment_status(
    request: &Request<'_>,
    deployment: &PipelineDeployment,
    at: usize,
) -> Value {
    let place = format!("{}/deployments/{}", url(request), deployment.id);
    json!({
        "id": at + 1,
        "node_id": format!("DES_{}_{at}", deployment.id),
        "state": deployment.statuses[at],
        "creator": user(&deployment.creator),
        "description": "",
        "environment": deployment.environment,
        "target_url": "",
        "created_at": time(deployment.created),
        "updated_at": time(deployment.created),
        "deployment_url": place,
        "repository_url": url(request),
        "url": format!("{place}/statuses/{}", at + 1),
    })
}

fn user(login: &str) -> Value {
    const LINKS: [&str; 12] = [
        "avatar",
        "events",
        "followers",
        "following",
        "gists",
        "html",
        "organizations",
        "received_events",
        "repos",
        "starred",
        "subscriptions",
        "",
    ];
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    let mut value = json!({
        "login": login, "id": 41_898_282, "node_id": "U_1", "gravatar_id": "", "type": kind,
        "site_admin": false,
    });
    for link in LINKS {
        let field = if link.is_empty() { "url".to_owned() } else { format!("{link}_url") };
        value[field] = format!("https://api.github.com/users/{login}").into();
    }
    value
}

fn repository(request: &Request<'_>) -> Value {
    const LINKS: [&str; 37] = [
        "archive",
        "assignees",
        "blobs",
        "branches",
        "collaborators",
        "comments",
        "commits",
        "compare",
        "contents",
        "contributors",
        "deployments",
        "downloads",
        "events",
        "forks",
        "git_commits",
        "git_refs",
        "git_tags",
        "hooks",
        "issue_comment",
        "issue_events",
        "issues",
        "keys",
        "labels",
        "languages",
        "merges",
        "milestones",
        "notifications",
        "pulls",
        "releases",
        "stargazers",
        "statuses",
        "subscribers",
        "subscription",
        "tags",
        "teams",
        "trees",
        "html",
    ];
    let full = &request.github.repository;
    let (owner, name) = full.split_once('/').unwrap_or((full, full));
    let mut value = json!({
        "id": 1, "node_id": "R_1", "name": name, "full_name": full, "owner": user(owner),
        "private": true, "fork": false, "description": "", "url": url(request),
    });
    for link in LINKS {
        value[format!("{link}_url")] = url(request).into();
    }
    value
}

fn url(request: &Request<'_>) -> String {
    format!("http://{}/repos/{}", request.call.host, request.github.repository)
}

fn html_url(request: &Request<'_>) -> String {
    format!("https://github.com/{}", request.github.repository)
}
