//! The legs of one job, and its outputs.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::Budget;
use super::leg::Leg;
use super::leg_runner::LegRunner;
use super::matrix;
use super::scope::{JobScope, Outputs};
use crate::lint::expression::Value;
use crate::lint::shell::Alternatives;
use crate::lint::workflow::{Job, Settings, Workflow};
use crate::lint::yaml::Scalar;

/// The names that a leg sees, and under which condition it runs.
pub(super) struct LegScope<'a> {
    pub(super) scope: JobScope<'a>,
    pub(super) label: String,
    /// The number of the leg in the matrix.
    pub(super) number: usize,
    pub(super) condition: String,
    /// The shell of steps that name none.
    pub(super) shell: String,
}

/// The legs in which a job runs, or may run.
pub(super) fn legs<'a>(
    workflow: &Workflow,
    job: &Job,
    base: &JobScope<'a>,
    outer: &str,
) -> Vec<LegScope<'a>> {
    let mut scope = base.clone();
    scope.add_env(&workflow.env);
    let mut found = Vec::new();
    for (number, leg) in matrix::legs(job.matrix.as_ref(), &scope).into_iter().enumerate() {
        let mut scope = scope.clone();
        let label = leg.as_ref().map(matrix::label).unwrap_or_default();
        scope.id = format!("{} [{number}]", scope.id);
        // The same source in the same leg is one build, whichever job makes it.
        scope.leg = format!("{} [{number}]", base.leg);
        scope.matrix = leg;
        scope.add_env(&job.env);
        let Some(condition) = scope.conditions(outer, job.condition.as_ref()) else { continue };
        scope.assume(job.condition.as_ref());
        let shell = shell(workflow, job, &scope);
        found.push(LegScope { scope, label, number, condition, shell });
    }
    found
}

/// The shell of steps that name none.
fn shell(workflow: &Workflow, job: &Job, scope: &JobScope<'_>) -> String {
    if let Some(shell) = job.shell.as_ref().or(workflow.shell.as_ref()) {
        return scope.text(shell.text());
    }
    let is_windows =
        |label: &Scalar| scope.text(label.text()).to_ascii_lowercase().contains("windows");
    if job.runs_on.iter().any(is_windows) { "pwsh" } else { "bash" }.to_owned()
}

/// What a leg does, and its outputs; once for each alternative of its scripts.
pub(super) fn run(job: &Job, leg: &LegScope<'_>, budget: &Budget) -> Vec<(Leg, Outputs)> {
    let alternatives = Alternatives::default();
    let mut found = Vec::new();
    loop {
        let scope = leg.scope.clone();
        let timeout = job.timeout.as_ref();
        let timeout = timeout.map(|setting| scope.value(setting.value.text()).text(scope.symbols));
        let environment = job.environment.as_ref().map(|text| scope.text(text.text()));
        let (label, number) = (leg.label.clone(), leg.number);
        let mut runner = LegRunner {
            scope,
            budget,
            alternatives: &alternatives,
            leg: Leg { label, number, timeout, environment, ..Leg::default() },
            local: BTreeMap::new(),
            made_manifests: BTreeSet::new(),
            step: 0,
            condition: leg.condition.clone(),
            shell: &leg.shell,
            has_database: false,
            exports: BTreeMap::new(),
        };
        runner.job(job);
        let outputs = outputs(&job.outputs, &runner.scope);
        found.push((runner.leg, outputs));
        if !alternatives.advance() || !budget.legs(1) {
            return found;
        }
    }
}

/// The outputs of a job.
fn outputs(settings: &Settings, scope: &JobScope<'_>) -> Outputs {
    let value = |text: &str| scope.value(text).text(scope.symbols);
    settings.iter().map(|s| (s.name.clone(), value(s.value.text()))).collect()
}

/// The outputs of all legs together: one of several values where legs differ.
pub(super) fn together(all: &[Outputs], base: &JobScope<'_>) -> Outputs {
    let names: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let mut outputs = Outputs::new();
    for name in names {
        let mut values: Vec<String> = all.iter().filter_map(|o| o.get(name).cloned()).collect();
        values.sort();
        values.dedup();
        let value = if let [value] = values.as_slice() {
            value.clone()
        } else {
            let key = format!("outputs.{name} of {}", base.id);
            base.symbols.choice(&key, &format!("<output {name}>"), values)
        };
        outputs.insert(name.clone(), value);
    }
    outputs
}

/// The inputs of a called workflow: the caller's values, or else the defaults.
pub(super) fn inputs(
    callee: &Workflow,
    with: &Settings,
    scope: &JobScope<'_>,
) -> BTreeMap<String, Value> {
    let mut inputs = BTreeMap::new();
    let declared = callee.trigger("workflow_call").map(|trigger| trigger.inputs.as_slice());
    for entry in declared.unwrap_or_default() {
        if let Some(default) = entry.value.text_of("default") {
            inputs.insert(
                entry.key.text().to_ascii_lowercase(),
                typed(Value::Text(default.to_owned())),
            );
        }
    }
    for setting in with {
        let value = scope.value(setting.value.text());
        inputs.insert(setting.name.to_ascii_lowercase(), typed(value));
    }
    inputs
}

/// The inputs of `workflow_dispatch` that have options, in lower case.
pub(super) fn options(workflow: &Workflow) -> BTreeMap<String, Vec<String>> {
    let inputs = workflow.trigger("workflow_dispatch").map(|trigger| trigger.inputs.as_slice());
    let options = inputs.unwrap_or_default().iter().filter_map(|input| {
        let options = input.value.get("options")?.texts();
        (!options.is_empty()).then(|| (input.key.text().to_ascii_lowercase(), options))
    });
    options.collect()
}

/// Inputs that are `true` or `false` are booleans.
fn typed(value: Value) -> Value {
    match &value {
        Value::Text(text) if text == "true" => Value::Bool(true),
        Value::Text(text) if text == "false" => Value::Bool(false),
        _ => value,
    }
}
