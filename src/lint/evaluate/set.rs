//! A set of workflows, with every job in every context in which it runs.

use std::collections::BTreeSet;

use super::fact::{Leg, Push};
use super::scope::JobScope;
use crate::lint::setup::Setup;
use crate::lint::symbol::Symbols;
use crate::lint::workflow::{Job, Workflow};

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
    /// Whether every file could be read and everything was evaluated.
    pub(crate) complete: bool,
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
