//! Reads runs: the pages of workflows until there are enough, and the jobs of each run that is judged.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::collect::{Progress, Stage};
use crate::github::GitHub;
use crate::http::RequestError;
use crate::model::{Run, RunId, RunState, Unread};
use crate::pipeline::{Attempt, is_candidate};
use crate::policy::{Deploys, Environment};

/// Further pages of a workflow are not read: GitHub keeps runs for about 400 days.
const MOST_PAGES: u32 = 20;

/// How many runs these are.
pub(super) const MOST_RUNS: u32 = MOST_PAGES * 100;

/// How many requests are sent at once.
pub(super) const WAVE: usize = 4;

/// Asks GitHub, and reports progress.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) github: &'a GitHub,
    pub(super) progress: &'a dyn Progress,
}

/// The runs of an environment, as far as they could be read.
#[derive(Clone, Default)]
pub(super) struct RunsRead {
    pub(super) attempts: Vec<Attempt>,
    /// Why some are missing.
    pub(super) unread: Option<Unread>,
    /// The workflows of which not all pages were read, although there are too few runs.
    pub(super) cut: Vec<String>,
}

impl RunsRead {
    /// The first run.
    pub(super) fn run(&self) -> Option<&Run> {
        self.attempts.first().map(|attempt| &attempt.run)
    }
}

/// The pages of workflows that were read so far. Environments share them.
pub(super) struct WorkflowPages<'a> {
    reader: Reader<'a>,
    workflows: BTreeMap<String, Listed>,
    /// Why a page could not be read: nothing more is asked then.
    unread: Option<Unread>,
}

/// The runs of a workflow that were listed so far.
struct Listed {
    /// Each once: a new run moves others to the next page.
    runs: BTreeMap<RunId, Run>,
    pages: u32,
    has_next: bool,
    /// When the oldest was created.
    oldest: Option<DateTime<Utc>>,
}

impl Default for Listed {
    fn default() -> Self {
        Self { runs: BTreeMap::new(), pages: 0, has_next: true, oldest: None }
    }
}

impl<'a> WorkflowPages<'a> {
    pub(super) fn new(reader: Reader<'a>) -> Self {
        Self { reader, workflows: BTreeMap::new(), unread: None }
    }

    /// The newest ended runs of an environment, at most `last`.
    pub(super) async fn newest(
        &mut self,
        environment: &Environment,
        deploys: &Deploys,
        last: usize,
    ) -> RunsRead {
        let fits = |run: &Run| is_candidate(environment, deploys, run) && has_ended(run);
        let runs = loop {
            if let Some(why) = &self.unread {
                return RunsRead { unread: Some(why.clone()), ..RunsRead::default() };
            }
            let runs = self.candidates(deploys, fits, last);
            let oldest = runs.last().filter(|_| runs.len() == last).map(|run| run.created);
            let Some(workflow) = self.next_to_read(deploys, oldest) else { break runs };
            self.unread = self.read_page(&workflow).await.err().map(|error| error.to_unread());
        };
        let is_cut = |workflow: &&String| self.workflows.get(*workflow).is_some_and(|w| w.has_next);
        let cut = if runs.len() < last {
            deploys.workflows.iter().filter(is_cut).cloned().collect()
        } else {
            Vec::new()
        };
        RunsRead { cut, ..attempts(self.reader, runs).await }
    }

    /// The newest runs that fit, of those that were listed.
    fn candidates(&self, deploys: &Deploys, fits: impl Fn(&Run) -> bool, last: usize) -> Vec<Run> {
        let listed = deploys.workflows.iter().filter_map(|name| self.workflows.get(name));
        let mut runs: Vec<&Run> =
            listed.flat_map(|listed| listed.runs.values()).filter(|run| fits(run)).collect();
        runs.sort_by_key(|run| std::cmp::Reverse((run.created, run.id)));
        runs.into_iter().take(last).cloned().collect()
    }

    /// A workflow with another page that may have a run newer than this one, if there are enough.
    fn next_to_read(&self, deploys: &Deploys, enough: Option<DateTime<Utc>>) -> Option<String> {
        let may_help = |workflow: &&String| match self.workflows.get(*workflow) {
            None => true,
            Some(listed) => {
                let reaches =
                    enough.is_some_and(|time| listed.oldest.is_some_and(|old| old <= time));
                listed.has_next && listed.pages < MOST_PAGES && !reaches
            }
        };
        deploys.workflows.iter().find(may_help).cloned()
    }

    async fn read_page(&mut self, workflow: &str) -> Result<(), RequestError> {
        let listed = self.workflows.entry(workflow.to_owned()).or_default();
        let page = self.reader.github.runs(workflow, listed.pages + 1).await?;
        listed.pages += 1;
        listed.has_next = page.has_next;
        listed.oldest = page.runs.iter().map(|run| run.created).chain(listed.oldest).min();
        listed.runs.extend(page.runs.into_iter().map(|run| (run.id, run)));
        Ok(())
    }
}

/// One run by its number; no attempt if none has ended.
pub(super) async fn one_run(reader: Reader<'_>, id: RunId) -> RunsRead {
    match reader.github.run(id).await {
        Ok(run) if has_ended(&run) => attempts(reader, vec![run]).await,
        Ok(_) => RunsRead::default(),
        Err(error) => RunsRead { unread: Some(error.to_unread()), ..RunsRead::default() },
    }
}

/// Whether an attempt of a run has ended.
fn has_ended(run: &Run) -> bool {
    matches!(run.state, RunState::Completed(_)) || run.attempt > 1
}

/// The newest ended attempt of each run, with its jobs. The first error ends it.
async fn attempts(reader: Reader<'_>, runs: Vec<Run>) -> RunsRead {
    reader.progress.expect(runs.len(), Stage::Runs);
    let mut read = RunsRead::default();
    for wave in runs.chunks(WAVE) {
        for attempt in join_all(wave.iter().map(|run| attempt(reader, run))).await {
            match attempt {
                Ok(attempt) => read.attempts.extend(attempt),
                Err(error) => read.unread = Some(error.to_unread()),
            }
        }
        if read.unread.is_some() {
            break;
        }
    }
    read
}

async fn attempt(reader: Reader<'_>, run: &Run) -> Result<Option<Attempt>, RequestError> {
    let mut run = run.clone();
    while !matches!(run.state, RunState::Completed(_)) {
        if run.attempt <= 1 {
            return Ok(None);
        }
        run = reader.github.attempt(run.id, run.attempt - 1).await?;
    }
    let jobs = reader.github.jobs(&run).await?;
    reader.progress.advance(Stage::Runs);
    Ok(Some(Attempt { run, jobs }))
}
