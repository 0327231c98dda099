//! Deployments and their statuses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Answer;
use super::Request;
use super::actions::page;
use super::pipeline::{PipelineDeployment, State};
use super::wire::{self, Problem};

/// All deployments that fit, newest first.
pub(super) fn list(request: &Request<'_>) -> Result<Answer, Problem> {
    let wanted = |deployment: &&PipelineDeployment| {
        [
            ("environment", &deployment.environment),
            ("task", &deployment.task),
            ("sha", &deployment.sha),
            ("ref", &deployment.sha),
        ]
        .iter()
        .all(|(name, value)| request.call.param(name).is_none_or(|asked| asked == *value))
    };
    let state = request.github.pipeline.lock();
    let found = state.deployments.iter().rev().filter(wanted);
    paged(request, found.map(|deployment| wire::deployment(request, deployment)).collect())
}

pub(super) fn single(request: &Request<'_>, id: u64) -> Result<Answer, Problem> {
    let mut state = request.github.pipeline.lock();
    let found = wire::deployment(request, find(&mut state, id)?);
    Ok(Answer::json(StatusCode::OK, &found))
}

/// The statuses of a deployment, newest first.
pub(super) fn statuses(request: &Request<'_>, id: u64) -> Result<Answer, Problem> {
    let mut state = request.github.pipeline.lock();
    let deployment = find(&mut state, id)?;
    let numbers = (0..deployment.statuses.len()).rev();
    paged(request, numbers.map(|at| wire::deployment_status(request, deployment, at)).collect())
}

/// Creates a deployment. Unless the request says otherwise, GitHub first merges the default branch, and
/// then wants all checks of the commit to have succeeded.
pub(super) fn create(request: &Request<'_>) -> Result<Answer, Problem> {
    let asked: Value = serde_json::from_slice(&request.call.body).map_err(|_| not_json())?;
    let text = |name: &str| asked[name].as_str().map(str::to_owned);
    let Some(sha) = text("ref") else { return Err(invalid("Invalid request.")) };
    let mut state = request.github.pipeline.lock();
    let is_commit = matches!(sha.len(), 40 | 64) && !state.unknown_commits.contains(&sha);
    if !is_commit {
        return Err(invalid("No ref found for the commit"));
    }
    if asked["auto_merge"] != false {
        let body = json!({"message": "Auto-merged main into the commit on deployment."});
        return Ok(Answer::json(StatusCode::ACCEPTED, &body));
    }
    if asked["required_contexts"] != json!([]) {
        let message = "Conflict: Commit status checks failed for the commit.";
        return Err(Problem::new(StatusCode::CONFLICT, message));
    }
    drop(state);
    let deployment = PipelineDeployment {
        id: 0,
        sha,
        task: text("task").unwrap_or_else(|| "deploy".to_owned()),
        environment: text("environment").unwrap_or_else(|| "production".to_owned()),
        description: text("description").unwrap_or_default(),
        creator: request.github.login.clone(),
        created: request.shared.clock.now(),
        payload: asked.get("payload").cloned().unwrap_or_else(|| json!({})),
        statuses: Vec::new(),
    };
    let id = request.github.pipeline.deploy(deployment);
    state = request.github.pipeline.lock();
    let created = wire::deployment(request, find(&mut state, id)?);
    Ok(Answer::json(StatusCode::CREATED, &created))
}

/// Gives a deployment a status. Unless the request says otherwise, earlier ones of the same environment
/// that succeeded become inactive.
pub(super) fn create_status(request: &Request<'_>, id: u64) -> Result<Answer, Problem> {
    const STATES: [&str; 7] =
        ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];
    let asked: Value = serde_json::from_slice(&request.call.body).map_err(|_| not_json())?;
    let state = asked["state"].as_str().filter(|state| STATES.contains(state));
    let Some(new) = state else { return Err(invalid("Invalid request.")) };
    let mut state = request.github.pipeline.lock();
    let environment = find(&mut state, id)?.environment.clone();
    if new == "success" && asked["auto_inactive"] != false {
        let earlier = |one: &&mut PipelineDeployment| one.id < id && one.environment == environment;
        for one in state.deployments.iter_mut().filter(earlier) {
            if one.statuses.iter().any(|state| state == "success") {
                one.statuses.push("inactive".to_owned());
            }
        }
    }
    let deployment = find(&mut state, id)?;
    deployment.statuses.push(new.to_owned());
    let last = deployment.statuses.len() - 1;
    let created = wire::deployment_status(request, deployment, last);
    Ok(Answer::json(StatusCode::CREATED, &created))
}

fn find(state: &mut State, id: u64) -> Result<&mut PipelineDeployment, Problem> {
    let found = state.deployments.iter_mut().find(|deployment| deployment.id == id);
    found.ok_or_else(Problem::not_found)
}

fn paged(request: &Request<'_>, all: Vec<Value>) -> Result<Answer, Problem> {
    let page = page(request)?;
    let links = page.links(request.call, all.len());
    Ok(links.add(Answer::json(StatusCode::OK, &Value::from(page.cut(all)))))
}

fn not_json() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "Problems parsing JSON")
}

fn invalid(message: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message)
}
