//! A job in one context: one event, one caller.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::event::Event;
use super::job_kind::JobKind;
use super::leg::{Leg, Push, Use};
use super::scope::JobScope;
use crate::lint::reference::Reference;
use crate::lint::shell::Failure;
use crate::lint::workflow::{Job, Workflow};

/// A workflow and its file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) workflow: Workflow,
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
    /// Its own number.
    pub(crate) number: usize,
    /// The file in which its workflow run begins.
    pub(crate) root: &'a File,
    /// The number of the workflow run that it belongs to, callers included.
    pub(crate) workflow_run: usize,
    /// The job that calls its workflow.
    pub(crate) caller: Option<usize>,
    pub(crate) body: JobBody,
    /// The jobs that have ended before this one begins.
    pub(crate) after: BTreeSet<usize>,
    pub(crate) kind: JobKind,
    /// Whether it surely rolls something out, when it runs.
    pub(crate) deploys_surely: bool,
    /// The events of its workflow run.
    pub(crate) events: Rc<[Event]>,
    /// Whether it surely runs in these events, apart from its own conditions.
    pub(crate) known: bool,
    pub(crate) legs: Vec<Leg>,
    /// The names that its conditions can use.
    pub(crate) scope: JobScope<'a>,
}

impl JobRun<'_> {
    /// Whether one of its legs fails in every alternative.
    pub(crate) fn surely_fails(&self) -> bool {
        let fails = |leg: &Leg| leg.failure == Failure::Surely;
        let mut numbers =
            self.legs.iter().map(|leg| leg.number).collect::<BTreeSet<_>>().into_iter();
        !self.job.continues
            && numbers.any(|n| self.legs.iter().filter(|leg| leg.number == n).all(fails))
    }

    /// All that its legs push.
    pub(crate) fn pushes(&self) -> impl Iterator<Item = &Push> {
        self.legs.iter().flat_map(|leg| &leg.pushes)
    }

    /// All images that its legs use.
    pub(crate) fn uses(&self) -> impl Iterator<Item = &Use> {
        self.legs.iter().flat_map(|leg| &leg.uses)
    }

    /// Whether it deploys, and is not a rollback job.
    pub(crate) fn is_deploy(&self) -> bool {
        self.kind == JobKind::Deploy && !JobKind::is_rollback(self.job)
    }

    /// The alternatives of a leg, without those that end by a failure which no value asks for.
    fn alternatives<'s>(&'s self, leg: &Leg) -> impl Iterator<Item = &'s Leg> {
        let number = leg.number;
        let fails = |other: &Leg| other.failure == Failure::InAlternative;
        self.legs.iter().filter(move |other| other.number == number && !fails(other))
    }

    /// Whether every alternative of a leg pushes a reference.
    pub(crate) fn is_in_every_alternative(&self, leg: &Leg, reference: &Reference) -> bool {
        let same = |push: &Push| push.reference.equals(reference);
        let mut alternatives = self.alternatives(leg);
        alternatives.all(|other| other.pushes.iter().any(same))
    }

    /// Whether a push of a leg surely happens in every run of its events.
    pub(crate) fn surely_pushes(&self, leg: &Leg, push: &Push) -> bool {
        let same = |other: &Push| other.is_sure() && other.reference.equals(&push.reference);
        let mut alternatives = self.alternatives(leg);
        self.known && push.is_sure() && alternatives.all(|other| other.pushes.iter().any(same))
    }

    /// Whether a leg surely uses an image at this place in every run of its events.
    pub(crate) fn surely_uses(&self, leg: &Leg, used: &Use) -> bool {
        let same = |other: &Use| {
            other.is_sure
                && other.reference.at == used.reference.at
                && other.reference.equals(&used.reference)
        };
        let mut alternatives = self.alternatives(leg);
        self.known && used.is_sure && alternatives.all(|other| other.uses.iter().any(same))
    }

    /// Whether only pull requests start it.
    pub(crate) fn is_for_pull_requests(&self) -> bool {
        self.events.iter().all(Event::is_pull_request)
    }

    /// Whether its workflow is only called by others, and none of its callers was given.
    pub(crate) fn has_unknown_caller(&self) -> bool {
        self.caller.is_none() && self.file.workflow.is_only_called()
    }
}
