//! What names such as `env.X` or `needs.x.outputs.y` mean inside of a job.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::event::Event;
use super::leg::TagEntry;
use crate::lint::expression::{Scope, Value, condition, facts, interpolate, value_of_text};
use crate::lint::position::{SourceChar, text_of};
use crate::lint::symbol::{Symbols, bounded};
use crate::lint::workflow::{Settings, Step};
use crate::lint::yaml::Scalar;

/// Outputs by name.
pub(crate) type Outputs = BTreeMap<String, String>;

/// The names that a job sees.
#[derive(Clone)]
pub(crate) struct JobScope<'a> {
    pub(crate) symbols: &'a Symbols,
    /// Keeps unknown values of this job apart from those of other jobs.
    pub(super) id: String,
    pub(super) env: BTreeMap<String, String>,
    /// The values of the leg; none if the matrix is not known.
    pub(super) matrix: Option<Value>,
    /// The values of the matrix as text; builds of the same source are one if this is equal.
    pub(super) leg: String,
    /// The event that started the run.
    pub(crate) event: Rc<Event>,
    /// What a condition that holds says of values, by path.
    assumed_values: BTreeMap<String, Value>,
    /// The inputs of `workflow_dispatch` that have options.
    pub(super) options: Rc<BTreeMap<String, Vec<String>>>,
    /// The inputs from the caller; none without a caller.
    pub(super) inputs: Option<BTreeMap<String, Value>>,
    /// The outputs of needed jobs.
    pub(super) needs: BTreeMap<String, Outputs>,
    /// The outputs of all jobs, where a reusable workflow declares its own; else none.
    pub(super) jobs: Option<BTreeMap<String, Outputs>>,
    pub(super) steps: BTreeMap<String, Outputs>,
    pub(super) metadata: BTreeMap<String, Vec<TagEntry>>,
    /// The results of needed jobs that a rule assumes.
    pub(crate) results: BTreeMap<String, String>,
    /// How a rule assumes that a needed job has ended.
    pub(crate) assumed: Option<BadResult>,
}

/// The result of a job that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadResult {
    Failure,
    Cancelled,
}

impl BadResult {
    /// The value of `needs.NAME.result`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
        }
    }
}

impl<'a> JobScope<'a> {
    pub(super) fn new(symbols: &'a Symbols, id: String, event: &Rc<Event>) -> Self {
        Self {
            symbols,
            id,
            leg: String::new(),
            event: Rc::clone(event),
            assumed_values: BTreeMap::new(),
            options: Rc::default(),
            env: BTreeMap::new(),
            matrix: None,
            inputs: None,
            needs: BTreeMap::new(),
            jobs: None,
            steps: BTreeMap::new(),
            metadata: BTreeMap::new(),
            results: BTreeMap::new(),
            assumed: None,
        }
    }

    /// What keeps its unknown values apart: the callers and the job.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Adds variables; each may refer to those before.
    pub(super) fn add_env(&mut self, settings: &Settings) {
        let values: Vec<(String, String)> = settings
            .iter()
            .map(|setting| {
                let value = self.value(setting.value.text()).text(self.symbols);
                (setting.name.clone(), value)
            })
            .collect();
        self.env.extend(values);
    }

    /// The value of a text with expressions.
    pub(crate) fn value(&self, text: &str) -> Value {
        value_of_text(text, self)
    }

    /// The text with its expressions replaced.
    pub(crate) fn text(&self, text: &str) -> String {
        self.value(text).text(self.symbols)
    }

    /// The same with positions.
    pub(super) fn chars(&self, chars: &[SourceChar]) -> Vec<SourceChar> {
        interpolate(chars, self)
    }

    /// The conditions that are not known, with an `if` added to the outer ones; none if what has
    /// the `if` does not run.
    pub(super) fn conditions(&self, outer: &str, own: Option<&Scalar>) -> Option<String> {
        let text = own.map_or("", Scalar::text);
        match if text.is_empty() { Some(true) } else { condition(text, self) } {
            Some(false) => None,
            Some(true) => Some(outer.to_owned()),
            None => Some(format!("{outer}; {text}")),
        }
    }

    /// Assumes that a condition holds; returns what was assumed before.
    pub(super) fn assume(&mut self, condition: Option<&Scalar>) -> BTreeMap<String, Value> {
        let before = self.assumed_values.clone();
        let facts = condition.map(|text| facts(text.text())).unwrap_or_default();
        self.assumed_values.extend(facts);
        before
    }

    /// Restores what was assumed before.
    pub(super) fn forget(&mut self, before: BTreeMap<String, Value>) {
        self.assumed_values = before;
    }

    /// The job and the values of its matrix, to tell builds apart.
    pub(super) fn leg_id(&self) -> String {
        self.leg.clone()
    }

    /// An input of an action, as text.
    pub(super) fn input(&self, step: &Step, name: &str) -> Option<String> {
        step.input(name).map(|setting| self.text(setting.value.text()))
    }

    /// The value of a variable of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        if let Some(value) = self.env.get(name) {
            return Some(value.clone());
        }
        let context = match name {
            "GITHUB_OUTPUT"
            | "GITHUB_ENV"
            | "GITHUB_PATH"
            | "GITHUB_STEP_SUMMARY"
            | "GITHUB_TOKEN" => {
                return None;
            }
            _ => name.strip_prefix("GITHUB_")?.to_ascii_lowercase(),
        };
        if let Some(value) = self.event.lookup(&[context.as_str()], self.symbols) {
            return Some(value.text(self.symbols));
        }
        Some(self.symbols.context(&format!("github.{context}")))
    }

    /// A value, or a symbol of this job alone if it is not known.
    fn known(&self, value: Option<&String>, path: &[String]) -> Value {
        value.map_or_else(|| self.own(path), |value| Value::Text(value.clone()))
    }

    /// The value of `needs.NAME.outputs.NAME` and the like.
    fn output(&self, owners: &BTreeMap<String, Outputs>, path: &[String]) -> Value {
        let output = owners.get(&path[1]).and_then(|outputs| outputs.get(&path[3]));
        self.known(output, path)
    }

    /// A value of the leg; none if the matrix is not known.
    fn of_matrix(&self, path: &[String]) -> Option<Value> {
        let mut value = self.matrix.as_ref()?;
        for part in path {
            match value.member(part) {
                Some(member) => value = member,
                None if matches!(value, Value::Text(_)) => return None,
                None => return Some(Value::Null),
            }
        }
        Some(value.clone())
    }

    /// The value of a path, where a condition that holds says it.
    fn assumed(&self, path: &[&str]) -> Option<Value> {
        if self.assumed_values.is_empty() {
            return None;
        }
        self.assumed_values.get(&path.join(".").replace("github.event.inputs.", "inputs.")).cloned()
    }

    /// An input of a run that no other workflow calls.
    fn dispatched(&self, name: &str) -> Value {
        if self.event.name.is_some() && !self.event.is_dispatch() {
            return Value::Null;
        }
        match self.options.get(name) {
            Some(options) => {
                let (key, display) =
                    (format!("inputs.{name}: {options:?}"), format!("inputs.{name}"));
                let display = format!("${{{{ {display} }}}}");
                Value::Text(self.symbols.choice(&key, &display, options.clone()))
            }
            None => Value::Text(self.symbols.context(&format!("inputs.{name}"))),
        }
    }

    /// A symbol of this job alone.
    fn own(&self, path: &[String]) -> Value {
        let name = bounded(path.join("."));
        let display = format!("${{{{ {} }}}}", self.symbols.named(&name));
        Value::Text(self.symbols.any(&format!("{name} in {}", self.id), &display))
    }
}

impl Scope for JobScope<'_> {
    fn symbols(&self) -> &Symbols {
        self.symbols
    }

    fn lookup(&self, path: &[String]) -> Option<Value> {
        let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let original = |at: usize| path.get(at).map_or("", String::as_str);
        if let Some(value) = self.assumed(&lower) {
            return Some(value);
        }
        match lower.as_slice() {
            ["env", _] => Some(self.known(self.env.get(original(1)), path)),
            ["matrix", ..] => self.of_matrix(&path[1..]),
            ["inputs", name] | ["github", "event", "inputs", name] => match &self.inputs {
                Some(inputs) => Some(inputs.get(*name).cloned().unwrap_or(Value::Null)),
                None => Some(self.dispatched(name)),
            },
            ["github", rest @ ..] => self.event.lookup(rest, self.symbols),
            ["needs", _, "outputs", _] => Some(self.output(&self.needs, path)),
            ["jobs", _, "outputs", _] => Some(self.output(self.jobs.as_ref()?, path)),
            ["needs", "*", "result"] if !self.results.is_empty() => {
                Some(Value::List(self.results.values().map(|r| Value::Text(r.clone())).collect()))
            }
            ["needs", _, "result"] => self.results.get(original(1)).map(|r| Value::Text(r.clone())),
            ["steps", _, "outputs", _] => Some(self.output(&self.steps, path)),
            ["steps", ..] => Some(self.own(path)),
            _ => None,
        }
    }

    fn status(&self, function: &str) -> Option<bool> {
        match function {
            "always" => Some(true),
            "success" => self.assumed.map(|_| false),
            "failure" => self.assumed.map(|assumed| assumed == BadResult::Failure),
            "cancelled" => self.assumed.map(|assumed| assumed == BadResult::Cancelled),
            _ => None,
        }
    }
}

/// The text of a scalar with its expressions replaced, and with positions.
pub(super) fn script(scope: &JobScope<'_>, scalar: &Scalar) -> Vec<SourceChar> {
    scope.chars(&scalar.chars())
}

/// The text alone, without white space around it.
pub(super) fn plain(chars: &[SourceChar]) -> String {
    text_of(chars).trim().to_owned()
}
