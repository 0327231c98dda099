//! Builds a set: every workflow, every caller, every job with those that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::Budget;
use super::job::{self, LegScope};
use super::order;
use super::scope::{JobScope, Outputs};
use super::set::{Call, File, JobKind, Set, Task};
use crate::lint::expression::Value;
use crate::lint::setup::Setup;
use crate::lint::symbol::Symbols;
use crate::lint::workflow::{Job, Workflow};

/// Evaluates a set.
pub(crate) fn evaluate<'a>(
    files: &'a [File],
    setup: Setup<'a>,
    symbols: &'a Symbols,
    budget: &'a Budget,
) -> Set<'a> {
    let mut builder = Builder { files, symbols, budget, tasks: Vec::new(), tree: 0 };
    let called: BTreeSet<usize> = files
        .iter()
        .flat_map(|file| &file.workflow.jobs)
        .filter_map(|job| builder.callee(job))
        .collect();
    for (at, file) in files.iter().enumerate() {
        if called.contains(&at) && file.workflow.is_only_called() {
            continue;
        }
        builder.workflow(at, &Context::root(file));
        builder.tree += 1;
    }
    let complete = budget.held() && !symbols.overflowed();
    Set::new(builder.tasks, files, (setup, symbols), complete)
}

struct Builder<'a> {
    files: &'a [File],
    symbols: &'a Symbols,
    budget: &'a Budget,
    tasks: Vec<Task<'a>>,
    tree: usize,
}

/// How a workflow is started.
struct Context {
    id: String,
    caller: Option<usize>,
    inputs: Option<BTreeMap<String, Value>>,
    after: BTreeSet<usize>,
    condition: String,
    kind: JobKind,
    depth: usize,
}

impl Context {
    fn root(file: &File) -> Self {
        Self {
            id: file.name.clone(),
            caller: None,
            inputs: None,
            after: BTreeSet::new(),
            condition: String::new(),
            kind: JobKind::Other,
            depth: 0,
        }
    }
}

/// What is known of a job that others need.
#[derive(Default, Clone)]
struct Done {
    after: BTreeSet<usize>,
    outputs: Outputs,
}

impl<'a> Builder<'a> {
    /// The workflow of the set that a job calls.
    fn callee(&self, job: &Job) -> Option<usize> {
        let path = job.uses.as_ref()?.text().strip_prefix("./")?;
        let name = path.rsplit('/').next()?;
        self.files.iter().position(|file| file.name.rsplit(['/', '\\']).next() == Some(name))
    }

    /// Evaluates all jobs of a workflow, needed ones first; gives the outputs that it declares.
    fn workflow(&mut self, file: usize, context: &Context) -> Outputs {
        let workflow = &self.files[file].workflow;
        let needs = order::needs(workflow, self.budget);
        let mut done: Vec<Option<Done>> = vec![None; workflow.jobs.len()];
        for at in order::needed_first(&needs) {
            if !self.budget.held() {
                break;
            }
            done[at] = Some(self.job((file, at), &needs[at], &done, context));
        }
        self.declared(file, &done, context)
    }

    /// The outputs of a reusable workflow.
    fn declared(&self, file: usize, done: &[Option<Done>], context: &Context) -> Outputs {
        let workflow = &self.files[file].workflow;
        let mut scope = JobScope::new(self.symbols, context.id.clone());
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
        done: &[Option<Done>],
        context: &Context,
    ) -> Done {
        let source = &self.files[file];
        let job = &source.workflow.jobs[at];
        let mut scope = JobScope::new(self.symbols, format!("{}/{}", context.id, job.id));
        scope.inputs.clone_from(&context.inputs);
        let mut after = context.after.clone();
        for need in needs {
            if let Some(done) = &done[*need] {
                self.budget.characters(done.after.len());
                after.extend(&done.after);
                scope.needs.insert(source.workflow.jobs[*need].id.clone(), done.outputs.clone());
            }
        }
        let nothing = |after| Done { after, outputs: Outputs::new() };
        if !self.budget.characters(after.len()) {
            return nothing(after);
        }
        let legs = job::legs(&source.workflow, job, &scope, &context.condition);
        if legs.is_empty() || !self.budget.legs(legs.len()) {
            return nothing(after);
        }
        let callee = self.callee(job).filter(|_| context.depth < 8);
        let call = match (&job.uses, callee) {
            (None, _) => Call::Steps,
            (Some(_), Some(_)) => Call::Inside,
            (Some(_), None) => Call::Opaque,
        };
        let task = self.tasks.len();
        self.tasks.push(Task {
            file: source,
            job,
            tree: self.tree,
            caller: context.caller,
            call,
            after: after.clone(),
            kind: kind(&source.workflow, job, context.kind),
            legs: Vec::new(),
            scope,
        });
        let outputs = match callee.filter(|_| call == Call::Inside) {
            Some(callee) => self.callees(callee, task, legs, context),
            None => self.steps(task, legs),
        };
        let outputs = job::together(&outputs, &self.tasks[task].scope);
        after.extend(task..self.tasks.len());
        Done { after, outputs }
    }

    fn steps(&mut self, task: usize, legs: Vec<LegScope<'a>>) -> Vec<Outputs> {
        let job = self.tasks[task].job;
        let mut all = Vec::new();
        for leg in legs {
            if !self.budget.held() {
                break;
            }
            let (leg, outputs) = job::run(job, leg, self.budget);
            self.tasks[task].legs.push(leg);
            all.push(outputs);
        }
        all
    }

    fn callees(
        &mut self,
        callee: usize,
        task: usize,
        legs: Vec<LegScope<'a>>,
        around: &Context,
    ) -> Vec<Outputs> {
        let job = self.tasks[task].job;
        let mut all = Vec::new();
        for leg in legs {
            if !self.budget.held() {
                break;
            }
            let context = Context {
                id: leg.scope.id.clone(),
                caller: Some(task),
                inputs: Some(job::inputs(&self.files[callee].workflow, &job.with, &leg.scope)),
                after: self.tasks[task].after.clone(),
                condition: leg.condition,
                kind: self.tasks[task].kind,
                depth: around.depth + 1,
            };
            all.push(self.workflow(callee, &context));
        }
        all
    }
}

/// A job's kind; in a called workflow that names none, its caller's.
fn kind(workflow: &Workflow, job: &Job, caller: JobKind) -> JobKind {
    let own = JobKind::of(&job.id);
    if own != JobKind::Other || caller == JobKind::Other {
        return own;
    }
    let names_none = workflow.jobs.iter().all(|job| JobKind::of(&job.id) == JobKind::Other);
    if names_none { caller } else { own }
}
