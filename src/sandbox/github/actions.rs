//! Runs, their attempts and jobs, and where the logs are.

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::page::Page;
use super::Request;
use super::pipeline::State;
use super::run::{Attempt, Log, PipelineJob, PipelineRun};
use super::settings::FilteredLists;
use super::wire::{self, Problem};
use crate::model::RunState;

/// The default and the largest page size.
const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 100;

/// The filters of lists of runs.
const FILTERS: [&str; 7] =
    ["actor", "branch", "event", "status", "created", "check_suite_id", "head_sha"];

pub(super) fn workflows(request: &Request<'_>) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    let of_runs = state.runs.iter().map(|(_, run)| &run.workflow);
    let files: BTreeSet<&String> = of_runs.chain(&state.workflows).collect();
    let all = files.into_iter().map(|file| wire::workflow(request, file)).collect();
    page_of(request, "workflows", all)
}

/// The runs of a workflow, newest first by their creation; a re-run does not move one.
pub(super) fn runs(request: &Request<'_>, workflow: &str) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    if !state.has_workflow(workflow) {
        return Err(Problem::not_found());
    }
    let fits = |run: &PipelineRun| run.workflow == workflow && is_wanted(request, run);
    let mut found: Vec<&(u64, PipelineRun)> =
        state.runs.iter().filter(|(_, run)| fits(run)).collect();
    found.sort_by_key(|(id, run)| std::cmp::Reverse((run.attempts[0].started, *id)));
    let is_filtered = FILTERS.iter().any(|name| request.call.param(name).is_some());
    if is_filtered && request.github.filtered_lists == FilteredLists::Stale && !found.is_empty() {
        found.remove(0);
    }
    let entry = |(id, run): &(u64, PipelineRun)| wire::run(request, (*id, run), run.attempts.len());
    page_of(request, "workflow_runs", found.into_iter().map(entry).collect())
}

/// Whether a run fits the filters that are imitated.
fn is_wanted(request: &Request<'_>, run: &PipelineRun) -> bool {
    let fits =
        |name: &str, value: &str| request.call.param(name).is_none_or(|asked| asked == value);
    let state = run.newest().state();
    let words = [wire::status(state), state.conclusion().map_or("", |end| end.as_str())];
    fits("branch", run.branch.as_deref().unwrap_or_default())
        && fits("event", &run.event)
        && fits("head_sha", &run.sha)
        && request.call.param("status").is_none_or(|asked| words.contains(&asked))
}

/// A run, in its newest or in one of its attempts.
pub(super) fn run(request: &Request<'_>, id: u64, asked: Option<usize>) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    let run = find(&state, id)?;
    let attempt = asked.unwrap_or(run.attempts.len());
    if !(1..=run.attempts.len()).contains(&attempt) {
        return Err(Problem::not_found());
    }
    Ok(Answer::json(StatusCode::OK, &wire::run(request, (id, run), attempt)))
}

/// The jobs of an attempt, or of all of them.
pub(super) fn jobs(
    request: &Request<'_>,
    id: u64,
    asked: Option<usize>,
) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    let run = find(&state, id)?;
    let numbered = run.attempts.iter().enumerate().map(|(at, attempt)| (at + 1, attempt));
    let all: Vec<(usize, &PipelineJob)> = numbered
        .flat_map(|(number, attempt): (usize, &Attempt)| {
            attempt.jobs.iter().map(move |job| (number, job))
        })
        .collect();
    let of_attempt = |newest: usize| {
        let mut names = BTreeSet::new();
        let mut kept: Vec<(usize, &PipelineJob)> = Vec::new();
        for attempt in (1..=newest).rev() {
            let new: Vec<_> = all
                .iter()
                .filter(|(number, job)| *number == attempt && !names.contains(&job.name.as_str()))
                .copied()
                .collect();
            names.extend(new.iter().map(|(_, job)| job.name.as_str()));
            kept.extend(new);
        }
        kept.sort_by_key(|(_, job)| job.id);
        kept
    };
    let wanted = match (asked, request.call.param("filter")) {
        (Some(attempt), _) if (1..=run.attempts.len()).contains(&attempt) => of_attempt(attempt),
        (Some(_), _) => return Err(Problem::not_found()),
        (None, Some("all")) => all,
        (None, None | Some("latest")) => of_attempt(run.attempts.len()),
        (None, Some(_)) => {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid filter"));
        }
    };
    let entry = |(attempt, job)| wire::job(request, (id, run), attempt, job);
    page_of(request, "jobs", wanted.into_iter().map(entry).collect())
}

pub(super) fn job(request: &Request<'_>, id: u64) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    for (number, run) in &state.runs {
        for (at, attempt) in run.attempts.iter().enumerate() {
            if let Some(job) = attempt.jobs.iter().find(|job| job.id == id) {
                let job = wire::job(request, (*number, run), at + 1, job);
                return Ok(Answer::json(StatusCode::OK, &job));
            }
        }
    }
    Err(Problem::not_found())
}

/// Where the log of a job is, for a minute. A job that has not ended has none yet.
pub(super) fn log(request: &Request<'_>, id: u64) -> Result<Answer, Problem> {
    let state = request.github.pipeline.lock();
    let job = state.job(id).ok_or_else(Problem::not_found)?;
    if !matches!(job.state, RunState::Completed(_)) {
        return Err(Problem::not_found());
    }
    if matches!(job.log, Log::Expired) {
        return Err(Problem::new(StatusCode::GONE, "Server Error"));
    }
    let location = format!("{}/logs/{id}?sig=c2lnbmF0dXJl", request.github.storage);
    Ok(Answer::new(StatusCode::FOUND).with(header::LOCATION, &location))
}

fn find(state: &State, id: u64) -> Result<&PipelineRun, Problem> {
    let found = state.runs.iter().find(|(known, _)| *known == id);
    found.map(|(_, run)| run).ok_or_else(Problem::not_found)
}

/// A page of a list that has a total and a name.
fn page_of(request: &Request<'_>, name: &str, all: Vec<Value>) -> Result<Answer, Problem> {
    let page = page(request)?;
    let total = all.len();
    let body = json!({"total_count": total, name: page.cut(all)});
    Ok(page.links(request.call, total).add(Answer::json(StatusCode::OK, &body)))
}

/// The page that was asked for.
pub(super) fn page(request: &Request<'_>) -> Result<Page, Problem> {
    let most = request.shared.quirks.max_page_size(MAX_PAGE_SIZE);
    let page = Page::asked(request.call, DEFAULT_PAGE_SIZE, most);
    page.ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid page"))
}
