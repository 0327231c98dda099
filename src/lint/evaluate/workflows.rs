//! All workflows that are linted together, with each job in every context in which it runs: what rules look at.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::index::Index;
use super::leg::{Leg, Push, Use};
use super::scope::JobScope;
use crate::lint::conventions::Conventions;
use crate::lint::reference::Reference;
use crate::lint::symbol::{Symbols, may_equal_by_ends};
use crate::lint::workflow::{Job, Workflow};
use crate::lint::yaml::Defect;

/// How many texts may be compared: a comparison by ends costs one, by pieces ten.
const MOST_COMPARISONS: usize = 4_000_000;

/// A workflow and its file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) workflow: Workflow,
}

/// What a job is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobKind {
    Migrate,
    Deploy,
    Other,
}

/// What a job is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobBody {
    /// Its own steps.
    Steps,
    /// A called workflow that is linted too.
    KnownWorkflow,
    /// A called workflow that was not given.
    UnknownWorkflow,
}

/// A job in one context: started by its own workflow alone, or called by one other job.
pub(crate) struct JobRun<'a> {
    pub(crate) file: &'a File,
    pub(crate) job: &'a Job,
    /// The number of the workflow run that it belongs to, callers included.
    pub(crate) workflow_run: usize,
    /// The job that calls its workflow.
    pub(crate) caller: Option<usize>,
    pub(crate) body: JobBody,
    /// Every job that has ended before this one begins.
    pub(crate) after: BTreeSet<usize>,
    pub(crate) kind: JobKind,
    pub(crate) legs: Vec<Leg>,
    /// Its names, to ask about conditions.
    pub(crate) scope: JobScope<'a>,
}

/// All workflows, evaluated together.
pub(crate) struct Workflows<'a> {
    pub(crate) conventions: Conventions<'a>,
    pub(crate) symbols: &'a Symbols,
    pub(crate) job_runs: Vec<JobRun<'a>>,
    pub(crate) files: &'a [File],
    /// What keeps files from being read, with their names.
    pub(crate) defects: Vec<(String, Defect)>,
    /// Whether every file could be read and everything was evaluated.
    pub(crate) complete: bool,
    /// Every push: its job, its leg and its number there.
    push_numbers: Vec<(usize, usize, usize)>,
    references: Index,
    repositories: Index,
    /// How many comparisons are left; without one, any push may be there.
    comparisons: Cell<usize>,
    /// Jobs that may push what cannot be read.
    unread_pushers: BTreeSet<usize>,
    /// The owners of the repositories that are pushed to, by host.
    pub(crate) namespaces: BTreeMap<String, BTreeSet<String>>,
}

impl JobKind {
    /// The kind that a job's id tells.
    pub(crate) fn of(id: &str) -> Self {
        let id = id.to_ascii_lowercase();
        if id.contains("migrat") {
            Self::Migrate
        } else if ["deploy", "promote", "rollback"].iter().any(|start| id.starts_with(start)) {
            Self::Deploy
        } else {
            Self::Other
        }
    }
}

impl JobRun<'_> {
    /// All that its legs push.
    pub(crate) fn pushes(&self) -> impl Iterator<Item = &Push> {
        self.legs.iter().flat_map(|leg| &leg.pushes)
    }

    /// All images that its legs use.
    pub(crate) fn uses(&self) -> impl Iterator<Item = &Use> {
        self.legs.iter().flat_map(|leg| &leg.uses)
    }

    /// Whether it deploys by its own name, and is not there to go back.
    pub(crate) fn is_deploy(&self) -> bool {
        JobKind::of(&self.job.id) == JobKind::Deploy
            && !self.job.id.to_ascii_lowercase().starts_with("rollback")
    }

    /// Whether its workflow is called only, and by none that was given.
    pub(crate) fn has_unknown_caller(&self) -> bool {
        self.caller.is_none() && self.file.workflow.is_only_called()
    }
}

impl<'a> Workflows<'a> {
    pub(super) fn new(
        job_runs: Vec<JobRun<'a>>,
        files: &'a [File],
        (conventions, symbols): (Conventions<'a>, &'a Symbols),
        complete: bool,
    ) -> Self {
        let mut workflows = Self {
            conventions,
            symbols,
            job_runs,
            files,
            defects: Vec::new(),
            complete,
            push_numbers: Vec::new(),
            references: Index::default(),
            repositories: Index::default(),
            comparisons: Cell::new(MOST_COMPARISONS),
            unread_pushers: BTreeSet::new(),
            namespaces: BTreeMap::new(),
        };
        workflows.index();
        workflows
    }

    fn index(&mut self) {
        let (mut texts, mut repositories) = (Vec::new(), Vec::new());
        for (at, run) in self.job_runs.iter().enumerate() {
            if run.body == JobBody::UnknownWorkflow || run.legs.iter().any(|leg| leg.may_push_more)
            {
                self.unread_pushers.insert(at);
            }
            // One and the same for every leg is enough.
            let mut seen = HashSet::new();
            for (number, leg) in run.legs.iter().enumerate() {
                for (push_number, push) in leg.pushes.iter().enumerate() {
                    let reference = &push.reference;
                    if !seen.insert((reference.text(), push.certain)) {
                        continue;
                    }
                    self.push_numbers.push((at, number, push_number));
                    texts.push(reference.text());
                    repositories.push(reference.repository());
                    let known = self.namespaces.entry(reference.host.clone()).or_default();
                    known.insert(reference.namespace().to_owned());
                }
            }
        }
        self.references = Index::new(texts.iter().map(String::as_str), self.symbols);
        self.repositories = Index::new(repositories.iter().map(String::as_str), self.symbols);
    }

    fn push(&self, at: usize) -> (usize, &Push) {
        let (run, leg, push) = self.push_numbers[at];
        (run, &self.job_runs[run].legs[leg].pushes[push])
    }

    /// A reference as people write it, for messages.
    pub(crate) fn show(&self, reference: &Reference) -> String {
        self.symbols.show(&reference.text())
    }

    /// All pushes that may be of a reference, with their jobs.
    pub(crate) fn pushes_of(&self, reference: &Reference) -> Vec<(usize, &Push)> {
        let text = reference.text();
        let found = self.references.candidates(&text, self.symbols);
        self.matching(found, &text, Reference::text)
    }

    /// All pushes that may go to a repository, with their jobs.
    pub(crate) fn pushes_to(&self, repository: &str) -> Vec<(usize, &Push)> {
        let found = self.repositories.candidates(repository, self.symbols);
        self.matching(found, repository, Reference::repository)
    }

    /// Whether one of these jobs may push what cannot be read.
    pub(crate) fn may_push_unread(&self, is_one: impl Fn(usize) -> bool) -> bool {
        self.unread_pushers.iter().any(|at| is_one(*at))
    }

    /// Whether so much was compared that what is not found may be there all the same.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.comparisons.get() == 0
    }

    /// The pushes whose text may equal a wanted one; none if too much was compared.
    fn matching(
        &self,
        candidates: Vec<usize>,
        wanted: &str,
        text: impl Fn(&Reference) -> String,
    ) -> Vec<(usize, &Push)> {
        const BY_PIECES: usize = 10;
        let mut found = Vec::new();
        for at in candidates {
            let (run, push) = self.push(at);
            let text = text(&push.reference);
            let by_ends = may_equal_by_ends(&text, wanted);
            let cost = if by_ends.is_some() { 1 } else { BY_PIECES };
            self.comparisons.set(self.comparisons.get().saturating_sub(cost));
            if self.is_exhausted() {
                return Vec::new();
            }
            if by_ends.unwrap_or_else(|| self.symbols.may_equal_by_pieces(&text, wanted)) {
                found.push((run, push));
            }
        }
        found
    }

    /// The jobs of one workflow run.
    pub(crate) fn of_run(&self, run: usize) -> impl Iterator<Item = (usize, &JobRun<'a>)> {
        self.job_runs.iter().enumerate().filter(move |(_, job_run)| job_run.workflow_run == run)
    }

    /// The number of workflow runs.
    pub(crate) fn run_count(&self) -> usize {
        self.job_runs.iter().map(|run| run.workflow_run + 1).max().unwrap_or(0)
    }

    /// Whether a workflow run begins in a workflow that others call, and none of those was given.
    pub(crate) fn has_unknown_caller(&self, run: usize) -> bool {
        self.of_run(run).any(|(_, job_run)| job_run.has_unknown_caller())
    }

    /// A job, the job that calls its workflow, and so on.
    pub(crate) fn with_callers(&self, at: usize) -> impl Iterator<Item = (usize, &JobRun<'a>)> {
        let next = |at: &usize| self.job_runs[*at].caller;
        std::iter::successors(Some(at), next).map(|at| (at, &self.job_runs[at]))
    }

    /// Every leg, with its job.
    pub(crate) fn legs(&self) -> impl Iterator<Item = (&JobRun<'a>, &Leg)> {
        self.job_runs.iter().flat_map(|run| run.legs.iter().map(move |leg| (run, leg)))
    }

    /// All that is pushed, with the jobs that do.
    pub(crate) fn pushes(&self) -> impl Iterator<Item = (&JobRun<'a>, &Push)> {
        self.legs().flat_map(|(run, leg)| leg.pushes.iter().map(move |push| (run, push)))
    }

    /// All images that are used, with the jobs that do.
    pub(crate) fn uses(&self) -> impl Iterator<Item = (&JobRun<'a>, &Use)> {
        self.legs().flat_map(|(run, leg)| leg.uses.iter().map(move |used| (run, used)))
    }
}
