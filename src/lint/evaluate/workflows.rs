//! All workflows that are linted together, with each job in every context in which it runs: what rules look at.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};

use super::classify::{deploys_surely, kind_of};
use super::facts::Facts;
use super::index::Index;
use super::job_kind::JobKind;
use super::job_run::{File, JobBody, JobRun};
use super::leg::{Leg, Push};
use crate::lint::conventions::Conventions;
use crate::lint::reference::Reference;
use crate::lint::symbol::{Symbols, may_equal_by_ends};
use crate::lint::yaml::Defect;

/// How many texts may be compared: a comparison by ends costs one, by pieces ten.
const MOST_COMPARISONS: usize = 4_000_000;

/// A push, with its job and its leg.
pub(crate) struct FoundPush<'s> {
    pub(crate) run: usize,
    pub(crate) leg: &'s Leg,
    pub(crate) push: &'s Push,
}

/// All workflows, evaluated together.
pub(crate) struct Workflows<'a> {
    pub(crate) conventions: Conventions<'a>,
    pub(crate) symbols: &'a Symbols,
    pub(crate) job_runs: Vec<JobRun<'a>>,
    pub(crate) files: &'a [File],
    /// The defects of files that could not be read, with the files' names.
    pub(crate) defects: Vec<(String, Defect)>,
    /// Whether every file could be read and everything was evaluated.
    pub(crate) complete: bool,
    /// Every push: its job, its leg and its number there.
    push_numbers: Vec<(usize, usize, usize)>,
    references: Index,
    repositories: Index,
    /// How many comparisons are left; at zero, every reference counts as possibly pushed.
    comparisons: Cell<usize>,
    /// Jobs that may push something that cannot be read.
    unread_pushers: BTreeSet<usize>,
    /// What the set shows.
    pub(crate) facts: Facts,
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
            facts: Facts::default(),
        };
        workflows.index();
        workflows.know();
        workflows
    }

    fn index(&mut self) {
        let (mut texts, mut repositories) = (Vec::new(), Vec::new());
        for (at, run) in self.job_runs.iter().enumerate() {
            if run.body == JobBody::UnknownWorkflow || run.legs.iter().any(|leg| leg.may_push_more)
            {
                self.unread_pushers.insert(at);
            }
            let numbers: HashSet<usize> = run.legs.iter().map(|leg| leg.number).collect();
            let alternatives = numbers.len() < run.legs.len();
            // One and the same for every leg is enough; alternatives do not run together.
            let mut seen = HashSet::new();
            for (number, leg) in run.legs.iter().enumerate() {
                for (push_number, push) in leg.pushes.iter().enumerate() {
                    let reference = &push.reference;
                    if !seen.insert((
                        reference.text(),
                        push.certain,
                        alternatives.then_some(number),
                    )) {
                        continue;
                    }
                    self.push_numbers.push((at, number, push_number));
                    texts.push(reference.text());
                    repositories.push(reference.repository());
                }
            }
        }
        self.references = Index::new(texts.iter().map(String::as_str), self.symbols);
        self.repositories = Index::new(repositories.iter().map(String::as_str), self.symbols);
    }

    /// Finds out what the set shows, and what each job is for.
    fn know(&mut self) {
        let (conventions, symbols) = (self.conventions, self.symbols);
        let mut facts = Facts::of_pushes(&self.job_runs, conventions, symbols);
        let kinds: Vec<(JobKind, bool)> = {
            let is_own = |reference: &Reference| facts.is_own(reference, conventions, symbols);
            let of = |run: &JobRun<'_>| (kind_of(run, &is_own), deploys_surely(run, &is_own));
            self.job_runs.iter().map(of).collect()
        };
        for (run, (kind, deploys_surely)) in self.job_runs.iter_mut().zip(kinds) {
            run.kind = kind;
            run.deploys_surely = deploys_surely;
        }
        facts.add_jobs(&self.job_runs);
        self.facts = facts;
    }

    fn push(&self, at: usize) -> FoundPush<'_> {
        let (run, leg, push) = self.push_numbers[at];
        let leg = &self.job_runs[run].legs[leg];
        FoundPush { run, leg, push: &leg.pushes[push] }
    }

    /// A reference as people write it, for messages.
    pub(crate) fn show(&self, reference: &Reference) -> String {
        self.symbols.show(&reference.text())
    }

    /// All pushes that may be of a reference, with their jobs.
    pub(crate) fn pushes_of(&self, reference: &Reference) -> Vec<FoundPush<'_>> {
        let text = reference.text();
        let found = self.references.candidates(&text, self.symbols);
        self.matching(found, &text, Reference::text)
    }

    /// All pushes that may go to a repository, with their jobs.
    pub(crate) fn pushes_to(&self, repository: &str) -> Vec<FoundPush<'_>> {
        let found = self.repositories.candidates(repository, self.symbols);
        self.matching(found, repository, Reference::repository)
    }

    /// Whether one of these jobs may push something that cannot be read.
    pub(crate) fn may_push_unread(&self, is_one: impl Fn(usize) -> bool) -> bool {
        self.unread_pushers.iter().any(|at| is_one(*at))
    }

    /// Whether the limit of comparisons was reached, so that a push may exist although none is found.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.comparisons.get() == 0
    }

    /// The pushes whose text may equal a wanted one; none if too much was compared.
    fn matching(
        &self,
        candidates: Vec<usize>,
        wanted: &str,
        text: impl Fn(&Reference) -> String,
    ) -> Vec<FoundPush<'_>> {
        const BY_PIECES: usize = 10;
        let mut found = Vec::new();
        for at in candidates {
            let found_push = self.push(at);
            let text = text(&found_push.push.reference);
            let by_ends = may_equal_by_ends(&text, wanted);
            let cost = if by_ends.is_some() { 1 } else { BY_PIECES };
            self.comparisons.set(self.comparisons.get().saturating_sub(cost));
            if self.is_exhausted() {
                return Vec::new();
            }
            if by_ends.unwrap_or_else(|| self.symbols.may_equal_by_pieces(&text, wanted)) {
                found.push(found_push);
            }
        }
        found
    }

    /// The jobs of one workflow run.
    pub(crate) fn of_run(&self, run: usize) -> impl Iterator<Item = (usize, &JobRun<'a>)> {
        self.job_runs.iter().enumerate().filter(move |(_, job_run)| job_run.workflow_run == run)
    }

    /// The jobs of every workflow run that begins in a file, those of called workflows included.
    pub(crate) fn started_by<'s>(&'s self, file: &'s File) -> impl Iterator<Item = &'s JobRun<'a>> {
        self.job_runs.iter().filter(move |run| std::ptr::eq(run.root, file))
    }

    /// Whether an image is one of the set.
    pub(crate) fn is_own(&self, reference: &Reference) -> bool {
        self.facts.is_own(reference, self.conventions, self.symbols)
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
}
