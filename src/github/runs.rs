//! Reads runs and their jobs.

use std::collections::BTreeMap;

use super::api::PAGE;
use super::wire::{self, JobList, JobWire, RunList, RunWire};
use super::{GitHub, Permission, RunPage};
use crate::http::{Call, ErrorKind, Reply, RequestError, redacted_url};
use crate::model::{Job, Run, RunId, RunState};

/// More pages than the jobs of any run fill: a matrix has at most 256 jobs.
const MOST_PAGES: u32 = 1000;

/// What to do about a workflow that the repository does not have.
const WORKFLOWS: &str = "check `workflows` of `deploys` in the policy";
/// What to do about a run that the repository does not have.
const RUNS: &str = "check its number; GitHub deletes runs after a time";

impl GitHub {
    /// One page of a workflow's runs, counted from 1, up to 100 a page. No filters are used: GitHub's
    /// filtered lists are a search, and at times stale.
    ///
    /// # Errors
    /// [`RequestError`] when the page cannot be read.
    pub async fn runs(&self, workflow: &str, page: u32) -> Result<RunPage, RequestError> {
        if let Some(kept) = self.pages.get(workflow, page) {
            return Ok(kept);
        }
        let call = self.api.runs(workflow, page);
        let reply = self.send(&call).await?;
        match reply.status.as_u16() {
            200 => {}
            404 => return Err(self.missing(&format!("workflow `{workflow}`"), WORKFLOWS).await),
            _ => return Err(self.refused(&call, &reply, Permission::ActionsRead)),
        }
        let what = "a list of runs";
        let list: RunList = wire::parsed(&call.url, &reply, what)?;
        let has_next = has_next(&reply, page, (list.workflow_runs.len(), list.total_count));
        let read = |wire: RunWire| wire.run(workflow);
        let runs: Option<Vec<Run>> = list.workflow_runs.into_iter().map(read).collect();
        let runs = runs.ok_or_else(|| wire::broken(&call.url, what))?;
        check_whole(&call, (runs.len(), list.total_count), page, has_next)?;
        let read = RunPage { runs, has_next };
        self.pages.put(workflow, page, &read);
        Ok(read)
    }

    /// The newest attempt of a run. It is never cached, since a re-run changes it.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read.
    pub async fn run(&self, run: RunId) -> Result<Run, RequestError> {
        let call = self.api.run(run);
        let wire = self.run_wire(&call, run).await?;
        let is_asked = wire.id == run.0;
        let read = is_asked.then(|| wire.run("")).flatten();
        read.ok_or_else(|| wire::broken(&call.url, "this run"))
    }

    /// One attempt of a run. A completed one is cached.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot be read.
    pub async fn attempt(&self, run: RunId, attempt: u32) -> Result<Run, RequestError> {
        let is_asked = |wire: &RunWire| wire.id == run.0 && wire.run_attempt == attempt;
        let name = format!("attempt-{run}-{attempt}");
        let cached = self.cache.get(&name).filter(is_asked);
        if let Some(known) = cached.and_then(|wire: RunWire| wire.run("")).filter(is_completed) {
            return Ok(known);
        }
        let call = self.api.attempt(run, attempt);
        let wire = self.run_wire(&call, run).await?;
        let read = Some(wire.clone()).filter(is_asked).and_then(|wire| wire.run(""));
        let read = read.ok_or_else(|| wire::broken(&call.url, "this attempt of the run"))?;
        if is_completed(&read) {
            self.cache.put(&name, &wire);
        }
        Ok(read)
    }

    /// The jobs of this attempt of a run, all pages. A job that was not run again is that of an earlier
    /// attempt. Those of a completed attempt are cached.
    ///
    /// # Errors
    /// [`RequestError`] when they cannot be read.
    pub async fn jobs(&self, run: &Run) -> Result<Vec<Job>, RequestError> {
        let name = format!("jobs-{}-{}", run.id, run.attempt);
        let of_run = |wires: &Vec<JobWire>| wires.iter().all(|wire| wire.run_id == run.id.0);
        let read = |wires: Vec<JobWire>| {
            of_attempt(wires.into_iter().map(JobWire::job).collect(), run.attempt)
        };
        let known = self.cache.get(&name).filter(of_run).map(read);
        if let Some(known) = known.filter(|jobs| is_completed(run) && all_completed(jobs)) {
            return Ok(known);
        }
        let wires = self.all_jobs(run.id).await?;
        let jobs = read(wires.clone());
        if is_completed(run) && all_completed(&jobs) {
            self.cache.put(&name, &wires);
        }
        Ok(jobs)
    }

    /// The jobs of all attempts. A re-run that begins meanwhile adds jobs, and moves others to the next
    /// page, where they are seen twice.
    async fn all_jobs(&self, run: RunId) -> Result<Vec<JobWire>, RequestError> {
        let mut jobs: BTreeMap<u64, JobWire> = BTreeMap::new();
        for page in 1..=MOST_PAGES {
            let call = self.api.jobs(run, page);
            let reply = self.send(&call).await?;
            match reply.status.as_u16() {
                200 => {}
                404 => return Err(self.missing(&format!("run {run}"), RUNS).await),
                _ => return Err(self.refused(&call, &reply, Permission::ActionsRead)),
            }
            let what = "the jobs of the run";
            let list: JobList = wire::parsed(&call.url, &reply, what)?;
            if list.jobs.iter().any(|job| job.run_id != run.0) {
                return Err(wire::broken(&call.url, what));
            }
            let has_next = has_next(&reply, page, (list.jobs.len(), list.total_count));
            jobs.extend(list.jobs.into_iter().map(|job| (job.id, job)));
            if has_next {
                continue;
            }
            if jobs.len() < list.total_count {
                return Err(incomplete(&call, jobs.len(), list.total_count));
            }
            return Ok(jobs.into_values().collect());
        }
        Err(wire::broken(&self.api.jobs(run, MOST_PAGES).url, "an end of the list of jobs"))
    }

    async fn run_wire(&self, call: &Call, run: RunId) -> Result<RunWire, RequestError> {
        let reply = self.send(call).await?;
        match reply.status.as_u16() {
            200 => wire::parsed(&call.url, &reply, "a run"),
            404 => Err(self.missing(&format!("run {run}, or not this attempt"), RUNS).await),
            _ => Err(self.refused(call, &reply, Permission::ActionsRead)),
        }
    }

    /// The error of a 404: a repository that the token may not see, or something that the repository does
    /// not have.
    async fn missing(&self, what: &str, hint: &str) -> RequestError {
        let call = self.api.workflows();
        match self.send(&call).await {
            Err(error) => error,
            Ok(reply) if reply.status.as_u16() == 200 => {
                let message = format!("{} has no {what}", self.api.repository);
                RequestError::new(ErrorKind::NotFound, message).with_status(404).with_hint(hint)
            }
            Ok(reply) => self.refused(&call, &reply, Permission::ActionsRead),
        }
    }
}

fn is_completed(run: &Run) -> bool {
    matches!(run.state, RunState::Completed(_))
}

fn all_completed(jobs: &[Job]) -> bool {
    !jobs.is_empty() && jobs.iter().all(|job| matches!(job.state, RunState::Completed(_)))
}

/// The jobs of an attempt: those of each name from the newest attempt that ran it. If that one ran fewer of
/// the name than an earlier one, it is not known which were run again, so all of them count.
fn of_attempt(jobs: Vec<Job>, attempt: u32) -> Vec<Job> {
    let mut by_name: BTreeMap<String, BTreeMap<u32, Vec<Job>>> = BTreeMap::new();
    for job in jobs.into_iter().filter(|job| job.attempt <= attempt) {
        by_name.entry(job.name.clone()).or_default().entry(job.attempt).or_default().push(job);
    }
    let mut jobs: Vec<Job> = by_name.into_values().flat_map(of_name).collect();
    jobs.sort_by_key(|job| job.id);
    jobs
}

fn of_name(mut attempts: BTreeMap<u32, Vec<Job>>) -> Vec<Job> {
    let most = attempts.values().map(Vec::len).max();
    match attempts.pop_last() {
        Some((_, newest)) if Some(newest.len()) == most => newest,
        newest => attempts.into_values().chain(newest.map(|(_, jobs)| jobs)).flatten().collect(),
    }
}

/// Whether another page follows. Some proxies remove the `Link` header; then the total decides.
fn has_next(reply: &Reply, page: u32, (listed, total): (usize, usize)) -> bool {
    let told = crate::http::has_next(&reply.headers);
    let is_told = reply.headers.contains_key(reqwest::header::LINK);
    told || (!is_told && listed == PAGE && total > PAGE * page as usize)
}

/// Checks that the last page has as many runs as the total says.
fn check_whole(
    call: &Call,
    (listed, total): (usize, usize),
    page: u32,
    has_next: bool,
) -> Result<(), RequestError> {
    let before = PAGE * page.saturating_sub(1) as usize;
    if has_next || before + listed >= total {
        return Ok(());
    }
    Err(incomplete(call, before + listed, total))
}

fn incomplete(call: &Call, listed: usize, total: usize) -> RequestError {
    let url = redacted_url(&call.url);
    let message = format!("{url} lists {listed} of {total} entries, and no further page");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again")
}
