//! Goes through the steps of one leg of a job, and notes what they do.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::leg::{Leg, Login, Migration, Origin, Push, Use};
use super::scope::{JobScope, script};
use crate::lint::position::{Position, SourceChar};
use crate::lint::reference::Reference;
use crate::lint::shell::{Effect, FoundEffect, ImageUse, Machine, Shell};
use crate::lint::workflow::{Job, Step};

/// How many pushes of one leg are noted.
const MOST_PUSHES: usize = 2_000;

/// A leg while its steps are gone through.
pub(super) struct LegRunner<'a> {
    pub(super) scope: JobScope<'a>,
    pub(super) budget: &'a Budget,
    pub(super) leg: Leg,
    /// The images that the runner has, by reference, and where their content comes from.
    pub(super) local: BTreeMap<String, Origin>,
    pub(super) step: usize,
    pub(super) condition: String,
    /// What a step writes to `$GITHUB_ENV`: it outlives the variables of the step itself.
    pub(super) exports: BTreeMap<String, String>,
}

impl LegRunner<'_> {
    /// Goes through all steps of the job.
    pub(super) fn job(&mut self, job: &Job) {
        for image in &job.images {
            let text = self.scope.text(image.text());
            self.used(&text, image.at, ImageUse::Pulled);
        }
        let outer = self.condition.clone();
        for (number, step) in job.steps.iter().enumerate() {
            self.step = number;
            if !self.budget.characters(step.length()) {
                self.leg.may_push_more = true;
                return;
            }
            let env = self.scope.env.clone();
            self.scope.add_env(&step.env);
            if let Some(condition) = self.scope.conditions(&outer, step.condition.as_ref()) {
                self.condition = condition;
                self.run(step);
            }
            self.scope.env = env;
            self.scope.env.append(&mut self.exports);
        }
    }

    fn run(&mut self, step: &Step) {
        if let Some(run) = &step.run {
            let foreign = step.shell.as_deref().is_some_and(|shell| {
                !["bash", "sh", "/bin/bash", "/bin/sh"].iter().any(|name| shell.starts_with(name))
            });
            if !foreign {
                let chars = script(&self.scope, run);
                self.script(&chars, Machine::Runner, step);
            }
        }
        if step.uses.is_some() {
            self.action(step);
        }
    }

    /// Goes through a script and notes what it does.
    pub(super) fn script(&mut self, chars: &[SourceChar], machine: Machine, step: &Step) {
        if !self.budget.characters(chars.len()) {
            self.leg.may_push_more = true;
            return;
        }
        let scope = &self.scope;
        let environment = |name: &str| {
            if machine == Machine::Remote { None } else { scope.variable(name) }
        };
        let mut shell = Shell::new(self.scope.symbols, &environment, machine);
        shell.run(chars);
        let (effects, outputs, exports) =
            (shell.effects, shell.outputs.values(), shell.exports.values());
        for (number, state) in effects.into_iter().enumerate() {
            self.effect(state, number);
        }
        if let Some(id) = &step.id {
            self.scope.steps.entry(id.clone()).or_default().extend(outputs);
        }
        self.exports.extend(exports);
    }

    fn effect(&mut self, state: FoundEffect, number: usize) {
        let FoundEffect { effect, branch, machine } = state;
        let remote = machine == Machine::Remote;
        match effect {
            Effect::Build { tags, push, by_digest, source } => {
                let build = format!("{} step {} {number} {source}", self.scope.id, self.step);
                let origin = Origin::Build(build);
                for (tag, at) in tags {
                    let Some(reference) = self.reference(&tag, at) else { continue };
                    let reference = if by_digest { reference.by_digest() } else { reference };
                    self.local.insert(reference.text(), origin.clone());
                    if push {
                        self.push(reference, Some(origin.clone()), branch.clone(), remote);
                    }
                }
            }
            Effect::Tag { from, to } => {
                let name = |text: &str| self.reference(text, Position::default()).map(|r| r.text());
                if let (Some(from), Some(to)) = (name(&from), name(&to)) {
                    let origin = self.local.get(&from).cloned();
                    self.local.insert(to, origin.unwrap_or(Origin::Image(from)));
                }
            }
            Effect::Push { reference, at } => {
                if let Some(reference) = self.reference(&reference, at) {
                    let origin = self.local.get(&reference.text()).cloned();
                    self.push(reference, origin, branch, remote);
                }
            }
            Effect::PushAll { repository, at } => self.push_all(&repository, at, &branch, remote),
            Effect::CopyImage { from, to, at } => {
                if let Some(reference) = self.reference(&to, at) {
                    self.push(reference, Some(Origin::Image(from)), branch, remote);
                }
            }
            Effect::Use { reference, at, how } => self.used(&reference, at, how),
            Effect::Login { host, token, argument } => {
                let own_token = token.is_some_and(|token| self.is_own_token(&token));
                self.leg.logins.push(Login { host, step: self.step, own_token, argument });
            }
            Effect::Migrate { at, tool, must_be_idempotent, is_idempotent } => {
                let migration = Migration { at, tool, must_be_idempotent, is_idempotent };
                self.leg.migrations.push(migration);
            }
            Effect::PushUnknown => self.leg.may_push_more = true,
        }
    }

    /// Whether a password is surely the job's own token.
    pub(super) fn is_own_token(&self, token: &str) -> bool {
        let shown = self.scope.symbols.named(token).to_ascii_lowercase();
        shown.contains("secrets.github_token") || shown.contains("github.token")
    }

    pub(super) fn reference(&self, text: &str, at: Position) -> Option<Reference> {
        Reference::parse(text, at, self.scope.symbols)
    }

    /// Whether one more push can be noted.
    pub(super) fn has_room(&mut self) -> bool {
        let room = self.leg.pushes.len() < MOST_PUSHES;
        self.leg.may_push_more |= !room;
        room
    }

    fn push_all(&mut self, repository: &str, at: Position, branch: &[u32], remote: bool) {
        let Some(wanted) = self.reference(repository, at).map(|r| r.repository()) else { return };
        let local = self.local.clone();
        let mut found = false;
        for (text, origin) in local {
            let reference = self.reference(&text, at).filter(|r| r.repository() == wanted);
            if let Some(reference) = reference {
                found = true;
                self.push(reference, Some(origin), branch.to_vec(), remote);
            }
        }
        self.leg.may_push_more |= !found;
    }

    fn push(
        &mut self,
        reference: Reference,
        origin: Option<Origin>,
        branch: Vec<u32>,
        remote: bool,
    ) {
        if !self.has_room() {
            return;
        }
        let same = |push: &&Push| {
            push.step == self.step && push.reference.repository() == reference.repository()
        };
        let anchor = self.leg.pushes.iter().find(same).map_or(reference.at, |push| push.anchor);
        let again = self.leg.pushes.iter().any(|push| {
            push.step == self.step
                && push.reference.at == reference.at
                && push.reference.equals(&reference)
        });
        if again {
            return;
        }
        self.leg.pushes.push(Push {
            certain: branch.is_empty(),
            condition: format!("{} {branch:?}", self.condition),
            step: self.step,
            anchor,
            origin,
            branch,
            remote,
            reference,
        });
    }

    /// Notes that an image is used, unless the runner has built it.
    pub(super) fn used(&mut self, text: &str, at: Position, how: ImageUse) {
        if let Some(reference) = self.reference(text, at)
            && !self.local.contains_key(&reference.text())
        {
            self.leg.uses.push(Use { reference, how });
        }
    }
}
