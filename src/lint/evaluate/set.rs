//! A set of workflows, with every job in every context in which it runs.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::fact::{Leg, Push};
use super::index::Index;
use super::scope::JobScope;
use crate::lint::reference::Reference;
use crate::lint::setup::Setup;
use crate::lint::symbol::{Symbols, may_equal_by_ends};
use crate::lint::workflow::{Job, Workflow};
use crate::lint::yaml::Defect;

/// A readable workflow.
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
pub(crate) enum Call {
    /// Its own steps.
    Steps,
    /// A workflow of the set.
    Inside,
    /// A workflow that is not at hand.
    Opaque,
}

/// A job in one context: its workflow alone, or behind one caller.
pub(crate) struct Task<'a> {
    pub(crate) file: &'a File,
    pub(crate) job: &'a Job,
    /// The workflow run that it belongs to, callers included.
    pub(crate) tree: usize,
    pub(crate) caller: Option<usize>,
    pub(crate) call: Call,
    /// Every job that has ended before this one begins.
    pub(crate) after: BTreeSet<usize>,
    pub(crate) kind: JobKind,
    pub(crate) legs: Vec<Leg>,
    /// Its names, to ask about conditions.
    pub(crate) scope: JobScope<'a>,
}

/// All that rules look at.
pub(crate) struct Set<'a> {
    pub(crate) setup: Setup<'a>,
    pub(crate) symbols: &'a Symbols,
    pub(crate) tasks: Vec<Task<'a>>,
    pub(crate) files: &'a [File],
    /// What keeps files from being read, with their names.
    pub(crate) defects: Vec<(String, Defect)>,
    /// Whether every file could be read and everything was evaluated.
    pub(crate) complete: bool,
    /// Every push: its job, its leg and its number there.
    places: Vec<(usize, usize, usize)>,
    references: Index,
    repositories: Index,
    /// How many texts may still be compared; beyond that, any push may be there.
    comparisons: Cell<usize>,
    /// Jobs that may push what cannot be read.
    pub(crate) opaque: BTreeSet<usize>,
    /// The first parts of the paths that are pushed to, by host.
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

impl Task<'_> {
    /// All that its legs push.
    pub(crate) fn pushes(&self) -> impl Iterator<Item = &Push> {
        self.legs.iter().flat_map(|leg| &leg.pushes)
    }
}

impl<'a> Set<'a> {
    pub(super) fn new(
        tasks: Vec<Task<'a>>,
        files: &'a [File],
        (setup, symbols): (Setup<'a>, &'a Symbols),
        complete: bool,
    ) -> Self {
        let mut set = Self {
            setup,
            symbols,
            tasks,
            files,
            defects: Vec::new(),
            complete,
            places: Vec::new(),
            references: Index::default(),
            repositories: Index::default(),
            comparisons: Cell::new(4_000_000),
            opaque: BTreeSet::new(),
            namespaces: BTreeMap::new(),
        };
        set.index();
        set
    }

    fn index(&mut self) {
        let (mut texts, mut repositories) = (Vec::new(), Vec::new());
        for (at, task) in self.tasks.iter().enumerate() {
            if task.call == Call::Opaque || task.legs.iter().any(|leg| leg.pushes_unknown) {
                self.opaque.insert(at);
            }
            // One and the same for every leg is enough.
            let mut seen = HashSet::new();
            for (number, leg) in task.legs.iter().enumerate() {
                for (push, fact) in leg.pushes.iter().enumerate() {
                    let reference = &fact.reference;
                    if !seen.insert((reference.text(), fact.certain)) {
                        continue;
                    }
                    self.places.push((at, number, push));
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
        let (task, leg, push) = self.places[at];
        (task, &self.tasks[task].legs[leg].pushes[push])
    }

    /// All pushes that may be of a reference.
    pub(crate) fn pushes_of(&self, reference: &Reference) -> Vec<(usize, &Push)> {
        let text = reference.text();
        let found = self.references.candidates(&text, self.symbols);
        self.matching(found, &text, Reference::text)
    }

    /// All pushes that may go to a repository.
    pub(crate) fn pushes_to(&self, repository: &str) -> Vec<(usize, &Push)> {
        let found = self.repositories.candidates(repository, self.symbols);
        self.matching(found, repository, Reference::repository)
    }

    /// Whether so much was compared that what is not found may be there all the same.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.comparisons.get() == 0
    }

    /// Those pushes of which a text may equal a wanted one; none when too much was compared.
    fn matching(
        &self,
        candidates: Vec<usize>,
        wanted: &str,
        text: impl Fn(&Reference) -> String,
    ) -> Vec<(usize, &Push)> {
        const BY_PIECES: usize = 10;
        let mut found = Vec::new();
        for at in candidates {
            let (task, push) = self.push(at);
            let text = text(&push.reference);
            let by_ends = may_equal_by_ends(&text, wanted);
            let cost = if by_ends.is_some() { 1 } else { BY_PIECES };
            self.comparisons.set(self.comparisons.get().saturating_sub(cost));
            if self.is_exhausted() {
                return Vec::new();
            }
            if by_ends.unwrap_or_else(|| self.symbols.may_equal_by_pieces(&text, wanted)) {
                found.push((task, push));
            }
        }
        found
    }

    /// Jobs of one workflow run.
    pub(crate) fn tree(&self, tree: usize) -> impl Iterator<Item = (usize, &Task<'a>)> {
        self.tasks.iter().enumerate().filter(move |(_, task)| task.tree == tree)
    }

    /// The number of workflow runs.
    pub(crate) fn trees(&self) -> usize {
        self.tasks.iter().map(|task| task.tree + 1).max().unwrap_or(0)
    }

    /// All that is pushed, with the jobs that do.
    pub(crate) fn pushes(&self) -> impl Iterator<Item = (usize, &Push)> {
        self.tasks
            .iter()
            .enumerate()
            .flat_map(|(at, task)| task.pushes().map(move |push| (at, push)))
    }
}
