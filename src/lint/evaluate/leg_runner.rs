//! Goes through the steps of one leg of a job, and notes what they do.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::Budget;
use super::database::has_database;
use super::leg::{Leg, Login, Origin, Push};
use super::scope::{JobScope, script};
use crate::lint::position::{Position, SourceChar};
use crate::lint::reference::Reference;
use crate::lint::shell::{Alternatives, Failure, ImageUse, Machine, Shell};
use crate::lint::symbol::is_symbol;
use crate::lint::workflow::{Job, Step};

/// How many pushes of one leg are noted.
const MOST_PUSHES: usize = 2_000;

/// A leg while its steps are gone through.
pub(super) struct LegRunner<'a> {
    pub(super) scope: JobScope<'a>,
    pub(super) budget: &'a Budget,
    pub(super) alternatives: &'a Alternatives,
    pub(super) leg: Leg,
    /// The images that the runner has, by reference, and where their content comes from.
    pub(super) local: BTreeMap<String, Origin>,
    /// The manifests that were made and not pushed yet, by reference.
    pub(super) made_manifests: BTreeSet<String>,
    pub(super) step: usize,
    pub(super) condition: String,
    /// The shell of steps that name none.
    pub(super) shell: &'a str,
    /// Whether the job has a database of its own.
    pub(super) has_database: bool,
    /// What a step writes to `$GITHUB_ENV`: it outlives the variables of the step itself.
    pub(super) exports: BTreeMap<String, String>,
}

/// Where and when something in a script happens.
pub(super) struct Occurrence {
    pub(super) branch: Vec<u32>,
    pub(super) certain: bool,
    pub(super) machine: Machine,
}

impl LegRunner<'_> {
    /// Goes through all steps of the job.
    pub(super) fn job(&mut self, job: &Job) {
        for image in &job.images {
            let text = self.scope.text(image.text());
            self.used(&text, image.at, ImageUse::Pulled, None);
        }
        self.has_database = has_database(job, |text| self.scope.text(text));
        let outer = self.condition.clone();
        for (number, step) in job.steps.iter().enumerate() {
            self.step = number;
            if !self.budget.characters(step.length()) {
                self.leg.may_push_more = true;
                return;
            }
            let env = self.scope.env.clone();
            self.scope.add_env(&step.env);
            self.given_credentials();
            let is_over = self.leg.failure.ends() && !step.asks_for_status();
            let condition = self.scope.conditions(&outer, step.condition.as_ref());
            if let Some(condition) = condition.filter(|_| !is_over) {
                self.condition = condition;
                let assumed = self.scope.assume(step.condition.as_ref());
                self.run(step);
                self.scope.forget(assumed);
            }
            self.scope.env = env;
            self.scope.env.append(&mut self.exports);
        }
    }

    /// Whether a step before may have failed by the values that it was given.
    pub(super) fn is_guarded(&self) -> bool {
        self.leg.failure == Failure::ByValue
    }

    /// Notes that a step fails; under a condition that is not known, it may not run.
    pub(super) fn failed(&mut self, failure: Failure, step: &Step) {
        let may_not_run = !self.condition.is_empty();
        let failure = if may_not_run { failure.min(Failure::ByValue) } else { failure };
        if !step.continues {
            self.leg.failure = self.leg.failure.max(failure);
        }
    }

    /// A variable names a file with credentials: who wrote it has logged in.
    fn given_credentials(&mut self) {
        let names = ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE"];
        if names.iter().any(|name| self.scope.env.contains_key(*name)) {
            let (host, step) = (String::new(), self.step);
            self.leg.logins.push(Login { host, step, own_token: false, argument: None });
        }
    }

    fn run(&mut self, step: &Step) {
        if let Some(run) = &step.run {
            let named = step.shell.as_ref().map(|shell| self.scope.text(shell.text()));
            let shell = named.as_deref().unwrap_or(self.shell);
            let read_here = ["bash", "sh", "/bin/bash", "/bin/sh"];
            if read_here.iter().any(|name| shell.starts_with(name)) {
                let chars = script(&self.scope, run);
                self.script(&chars, Machine::Runner, step, None);
            } else {
                // What PowerShell, cmd or Python run is not read.
                self.leg.may_push_more = true;
            }
        }
        if step.uses.is_some() {
            self.action(step);
        }
    }

    /// Goes through a script and notes what it does; on another host it sees only the variables that
    /// are handed over.
    pub(super) fn script(
        &mut self,
        chars: &[SourceChar],
        machine: Machine,
        step: &Step,
        handed_over: Option<&str>,
    ) {
        if !self.budget.characters(chars.len()) {
            self.leg.may_push_more = true;
            return;
        }
        let scope = &self.scope;
        let environment = |name: &str| {
            let seen = |names: &str| names.split([',', '\n', ' ']).any(|other| other == name);
            match handed_over {
                _ if machine == Machine::Runner => scope.variable(name),
                Some(names) if seen(names) => scope.variable(name),
                _ => None,
            }
        };
        let mut shell = Shell::new(self.scope.symbols, &environment, self.alternatives, machine);
        shell.run(chars);
        let (effects, outputs, exports) =
            (shell.effects, shell.outputs.values(), shell.exports.values());
        let failure = shell.failure;
        for effect in effects {
            self.effect(effect);
        }
        self.failed(failure, step);
        if let Some(id) = &step.id {
            self.scope.steps.entry(id.clone()).or_default().extend(outputs);
        }
        self.exports.extend(exports);
    }

    /// Whether a password is surely the job's own token.
    pub(super) fn is_own_token(&self, token: &str) -> bool {
        let shown = self.scope.symbols.named(token).to_ascii_lowercase();
        shown.contains("secrets.github_token") || shown.contains("github.token")
    }

    /// Whether a text has a secret in it.
    pub(super) fn is_secret(&self, text: &str) -> bool {
        let shown = self.scope.symbols.named(text).to_ascii_lowercase();
        shown.contains("secrets.") || shown.contains("github.token")
    }

    pub(super) fn reference(&self, text: &str, at: Position) -> Option<Reference> {
        Reference::parse(text, at, self.scope.symbols)
    }

    /// Notes the unknown values that a program or an action gets.
    pub(super) fn mentioned(&mut self, text: &str) {
        self.leg.mentions.extend(text.chars().filter(|c| is_symbol(*c)));
    }

    /// Whether one more push can be noted.
    pub(super) fn has_room(&mut self) -> bool {
        let room = self.leg.pushes.len() < MOST_PUSHES;
        self.leg.may_push_more |= !room;
        room
    }

    /// Notes a push, unless nobody can tell where it goes.
    pub(super) fn push(&mut self, push: Push) {
        if push.reference.is_unresolved(self.scope.symbols) {
            self.leg.may_push_more = true;
            return;
        }
        if !self.has_room() {
            return;
        }
        let again = self.leg.pushes.iter().any(|other| {
            other.step == push.step
                && other.reference.at == push.reference.at
                && other.reference.equals(&push.reference)
        });
        if !again {
            self.leg.pushes.push(push);
        }
    }
}
