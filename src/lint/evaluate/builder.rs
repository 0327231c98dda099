//! Evaluates workflows: every caller, every job with those that it needs, every leg of its matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::budget::Budget;
use super::event::Event;
use super::job::{self, LegScope};
use super::job_kind::JobKind;
use super::job_run::{File, JobBody, JobRun};
use super::leg::Leg;
use super::scope::{JobScope, Outputs};
use super::workflows::Workflows;
use super::{order, trigger};
use crate::lint::conventions::Conventions;
use crate::lint::expression::Value;
use crate::lint::shell::Failure;
use crate::lint::symbol::{Symbols, bounded};
use crate::lint::workflow::{Job, Workflow};

/// How many workflows may call each other in a row.
const DEEPEST: usize = 8;

/// Evaluates workflows that belong together.
pub(crate) fn evaluate<'a>(
    files: &'a [File],
    conventions: Conventions<'a>,
    symbols: &'a Symbols,
    budget: &'a Budget,
) -> Workflows<'a> {
    let events = Rc::from(vec![Event::unknown()]);
    let mut builder =
        Builder { files, symbols, budget, job_runs: Vec::new(), workflow_run: 0, events, root: 0 };
    let called: BTreeSet<usize> = files
        .iter()
        .flat_map(|file| &file.workflow.jobs)
        .filter_map(|job| builder.callee(job))
        .collect();
    for (at, file) in files.iter().enumerate() {
        if called.contains(&at) && file.workflow.is_only_called() {
            continue;
        }
        for events in runs_of(&file.workflow, called.contains(&at)) {
            builder.events = events.into();
            builder.root = at;
            builder.workflow(at, &Invocation::root(file));
            builder.workflow_run += 1;
        }
    }
    let complete = budget.is_kept() && !symbols.overflowed();
    Workflows::new(builder.job_runs, files, (conventions, symbols), complete)
}

/// The runs of a workflow to evaluate: one for each event, or one for all events if they make no
/// difference.
fn runs_of(workflow: &Workflow, is_called: bool) -> Vec<Vec<Event>> {
    let mut events = trigger::events(workflow);
    if is_called {
        // Its callers say what it does when it is called.
        events.retain(|event| event.name.is_some());
    }
    if workflow.depends_on_event {
        events.into_iter().map(|event| vec![event]).collect()
    } else {
        vec![events]
    }
}

struct Builder<'a> {
    files: &'a [File],
    symbols: &'a Symbols,
    budget: &'a Budget,
    job_runs: Vec<JobRun<'a>>,
    workflow_run: usize,
    /// The events of the workflow run.
    events: Rc<[Event]>,
    /// The file in which it begins.
    root: usize,
}

/// How a workflow is started.
struct Invocation {
    id: String,
    /// Tells its builds from others: by the workflow and its inputs, whichever job calls it.
    build: String,
    caller: Option<usize>,
    inputs: Option<BTreeMap<String, Value>>,
    after: BTreeSet<usize>,
    condition: String,
    /// Whether the caller surely runs.
    known: bool,
    depth: usize,
}

impl Invocation {
    fn root(file: &File) -> Self {
        Self {
            id: file.name.clone(),
            build: file.name.clone(),
            caller: None,
            inputs: None,
            after: BTreeSet::new(),
            condition: String::new(),
            known: true,
            depth: 0,
        }
    }
}

/// What is known of a job that others need.
#[derive(Default, Clone)]
struct FinishedJob {
    after: BTreeSet<usize>,
    outputs: Outputs,
    /// Whether it surely does not run.
    skipped: bool,
    /// Whether it surely runs, when all that it needs succeeds.
    known: bool,
}

impl<'a> Builder<'a> {
    /// The workflow that a job calls, when it is one of those that are evaluated.
    fn callee(&self, job: &Job) -> Option<usize> {
        let path = job.uses.as_ref()?.text().strip_prefix("./")?;
        let name = path.rsplit('/').next()?;
        self.files.iter().position(|file| file.name.rsplit(['/', '\\']).next() == Some(name))
    }

    /// The event that expressions see; where there are several, none looks at it.
    fn event(&self) -> Rc<Event> {
        Rc::new(self.events.first().cloned().unwrap_or_else(Event::unknown))
    }

    /// Evaluates all jobs of a workflow, needed ones first; gives the outputs that it declares.
    fn workflow(&mut self, file: usize, invocation: &Invocation) -> Outputs {
        let workflow = &self.files[file].workflow;
        let needs = order::needs(workflow, self.budget);
        let mut done: Vec<Option<FinishedJob>> = vec![None; workflow.jobs.len()];
        for at in order::needed_first(&needs) {
            if !self.budget.is_kept() {
                break;
            }
            done[at] = Some(self.job((file, at), &needs[at], &done, invocation));
        }
        self.declared(file, &done, invocation)
    }

    /// The outputs of a reusable workflow.
    fn declared(
        &self,
        file: usize,
        done: &[Option<FinishedJob>],
        invocation: &Invocation,
    ) -> Outputs {
        let workflow = &self.files[file].workflow;
        let mut scope = JobScope::new(self.symbols, invocation.id.clone(), &self.event());
        let outputs = workflow.jobs.iter().zip(done).map(|(job, done)| {
            let outputs = done.as_ref().map(|done| done.outputs.clone()).unwrap_or_default();
            (job.id.clone(), outputs)
        });
        scope.jobs = Some(outputs.collect());
        let declared = workflow.trigger("workflow_call").map(|trigger| trigger.outputs.as_slice());
        let outputs = declared.unwrap_or_default().iter().filter_map(|entry| {
            let value = scope.text(entry.value.text_of("value")?);
            Some((entry.key.text().to_owned(), value))
        });
        outputs.collect()
    }

    fn job(
        &mut self,
        (file, at): (usize, usize),
        needs: &[usize],
        done: &[Option<FinishedJob>],
        invocation: &Invocation,
    ) -> FinishedJob {
        let source = &self.files[file];
        let job = &source.workflow.jobs[at];
        let id = format!("{}/{}", invocation.id, job.id);
        let mut scope = JobScope::new(self.symbols, id, &self.event());
        scope.inputs.clone_from(&invocation.inputs);
        scope.options = Rc::new(job::options(&source.workflow));
        let needed = needs.iter().filter_map(|need| done[*need].as_ref());
        let asks_status = job.asks_for_status();
        let skipped = !asks_status && needed.clone().any(|need| need.skipped);
        let known = invocation.known && (asks_status || needed.clone().all(|need| need.known));
        let mut after = invocation.after.clone();
        for need in needs {
            if let Some(done) = &done[*need] {
                self.budget.characters(done.after.len());
                after.extend(&done.after);
                scope.needs.insert(source.workflow.jobs[*need].id.clone(), done.outputs.clone());
            }
        }
        let nothing =
            |after| FinishedJob { after, outputs: Outputs::new(), skipped: true, known: false };
        if skipped || !self.budget.characters(after.len()) {
            return nothing(after);
        }
        scope.leg.clone_from(&invocation.build);
        let legs = job::legs(&source.workflow, job, &scope, &invocation.condition);
        if legs.is_empty() || !self.budget.legs(legs.len()) {
            return nothing(after);
        }
        let callee = self.callee(job).filter(|_| invocation.depth < DEEPEST);
        let body = match (&job.uses, callee) {
            (None, _) => JobBody::Steps,
            (Some(_), Some(_)) => JobBody::KnownWorkflow,
            (Some(_), None) => JobBody::UnknownWorkflow,
        };
        let run = self.job_runs.len();
        self.job_runs.push(JobRun {
            number: run,
            root: &self.files[self.root],
            file: source,
            job,
            workflow_run: self.workflow_run,
            caller: invocation.caller,
            body,
            after: after.clone(),
            kind: JobKind::Other,
            deploys_surely: false,
            events: Rc::clone(&self.events),
            known,
            legs: Vec::new(),
            scope,
        });
        let known = known && legs.iter().all(|leg| leg.condition.is_empty());
        let outputs = self.legs(run, callee, legs, invocation.depth);
        let (fails, may_fail) = self.failures(run);
        let outputs = job::together(&outputs, &self.job_runs[run].scope);
        after.extend(run..self.job_runs.len());
        FinishedJob { after, outputs, skipped: fails, known: known && !may_fail }
    }

    /// Whether a job, or one of those that it calls, surely fails, and whether it may by its values.
    fn failures(&self, from: usize) -> (bool, bool) {
        let of_value = |leg: &Leg| matches!(leg.failure, Failure::Surely | Failure::ByValue);
        let legs = || self.job_runs[from..].iter().flat_map(|run| &run.legs);
        let fails = self.job_runs[from..].iter().any(JobRun::surely_fails);
        (fails, legs().any(of_value))
    }

    /// Evaluates the legs of a job: its own steps, or the workflow that it calls.
    fn legs(
        &mut self,
        run: usize,
        callee: Option<usize>,
        legs: Vec<LegScope<'a>>,
        depth: usize,
    ) -> Vec<Outputs> {
        let job = self.job_runs[run].job;
        let mut all = Vec::new();
        for leg in legs {
            if !self.budget.is_kept() {
                break;
            }
            let Some(callee) = callee else {
                for (leg, outputs) in job::run(job, &leg, self.budget) {
                    self.job_runs[run].legs.push(leg);
                    all.push(outputs);
                }
                continue;
            };
            let file = &self.files[callee];
            let inputs = job::inputs(&file.workflow, &job.with, &leg.scope);
            let invocation = Invocation {
                id: leg.scope.id.clone(),
                build: bounded(format!("{} {inputs:?}", file.name)),
                caller: Some(run),
                inputs: Some(inputs),
                after: self.job_runs[run].after.clone(),
                known: self.job_runs[run].known && leg.condition.is_empty(),
                condition: leg.condition,
                depth: depth + 1,
            };
            all.push(self.workflow(callee, &invocation));
        }
        all
    }
}
