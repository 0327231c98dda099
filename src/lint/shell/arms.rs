//! The arms of `if`, `case` and loops: which run, and what is known after them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::env_file::EnvFile;
use super::failure::Failure;
use super::lex::Token;
use super::reach::Reach;
use super::state::{Branch, Shell, Variables};

/// The arms of one compound command, while it is gone through.
pub(super) struct Arms {
    /// The variables before the first arm.
    pub(super) before: Variables,
    /// The variables after each arm that may run.
    pub(super) ends: Vec<Variables>,
    /// The one undecided arm that is taken; without one, all are taken together.
    chosen: Option<usize>,
    /// How many undecided arms have been counted.
    undecided: usize,
    /// Whether the next arm is taken by the values that the script is given.
    pub(super) by_value: bool,
}

/// What an arm may change.
struct Snapshot {
    vars: Variables,
    functions: BTreeMap<String, Rc<[Token]>>,
    effects: usize,
    outputs: EnvFile,
    exports: EnvFile,
    group: Vec<String>,
    status: Option<bool>,
    notable: usize,
    reach: Reach,
    failure: Failure,
}

impl Shell<'_> {
    /// Goes through a compound command with arms. When they differ in what matters, one of them is
    /// taken, and the others in further passes.
    pub(super) fn with_arms(&mut self, run: impl Fn(&mut Self, &mut Arms) -> usize) -> usize {
        let start = self.snapshot();
        let mut arms = Arms::new(self.vars.clone(), None);
        if self.probing || self.is_skipping() {
            return self.taken_together(&mut arms, run);
        }
        self.probing = true;
        let end = run(self, &mut arms);
        self.probing = false;
        let outputs = self.outputs.len() + self.exports.len();
        let differ = self.notable > start.notable
            || outputs > start.outputs.len() + start.exports.len()
            || arms.ends.windows(2).any(|pair| pair[0] != pair[1]);
        let several = arms.undecided > 1 && differ;
        let chosen = if several { self.alternatives.choose(arms.undecided) } else { None };
        if chosen.is_none() {
            self.merge(&arms.before, arms.ends);
            return end;
        }
        self.restore(start);
        let mut arms = Arms::new(self.vars.clone(), chosen);
        self.taken_together(&mut arms, run)
    }

    fn taken_together(
        &mut self,
        arms: &mut Arms,
        run: impl Fn(&mut Self, &mut Arms) -> usize,
    ) -> usize {
        let end = run(self, arms);
        self.merge(&arms.before, std::mem::take(&mut arms.ends));
        end
    }

    /// One arm, which runs, does not run, or may run.
    pub(super) fn arm(
        &mut self,
        tokens: &[Token],
        at: usize,
        (runs, arms): (Option<bool>, &mut Arms),
        stops: &[&str],
    ) -> usize {
        self.vars.clone_from(&arms.before);
        let (depth, before) = (self.branch.len(), self.reach);
        let skipped = match runs {
            None => {
                let taken = arms.take();
                if taken {
                    self.enter_branch(arms.chosen.is_some(), arms.by_value);
                }
                !taken
            }
            Some(runs) => !runs,
        };
        self.skipping += usize::from(skipped);
        let end = self.list(tokens, at, stops);
        self.skipping -= usize::from(skipped);
        self.branch.truncate(depth);
        // What an arm leaves that ends the script is nowhere seen.
        if !skipped && !self.reach.is_over() {
            arms.ends.push(self.vars.clone());
        }
        if runs.is_none() && arms.chosen.is_none() {
            self.reach = before.after_perhaps(self.reach);
        }
        end
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            vars: self.vars.clone(),
            functions: self.functions.clone(),
            effects: self.effects.len(),
            outputs: self.outputs.clone(),
            exports: self.exports.clone(),
            group: self.group.clone(),
            status: self.status,
            notable: self.notable,
            reach: self.reach,
            failure: self.failure,
        }
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.vars = snapshot.vars;
        self.functions = snapshot.functions;
        self.effects.truncate(snapshot.effects);
        self.outputs = snapshot.outputs;
        self.exports = snapshot.exports;
        self.group = snapshot.group;
        self.status = snapshot.status;
        self.notable = snapshot.notable;
        self.reach = snapshot.reach;
        self.failure = snapshot.failure;
    }

    /// Begins a branch of the script, which surely runs in this pass, or may run.
    pub(super) fn enter_branch(&mut self, chosen: bool, by_value: bool) {
        self.branches += 1;
        self.branch.push(Branch { number: self.branches, chosen, by_value });
    }
}

impl Arms {
    pub(super) fn new(before: Variables, chosen: Option<usize>) -> Self {
        Self { before, ends: Vec::new(), chosen, undecided: 0, by_value: false }
    }

    /// Counts an undecided arm; whether it is taken in this pass.
    fn take(&mut self) -> bool {
        let number = self.undecided;
        self.undecided += 1;
        self.chosen.is_none_or(|chosen| chosen == number)
    }

    /// The arm of an `if` without `else`: nothing runs.
    pub(super) fn nothing(&mut self) {
        if self.take() {
            self.ends.push(self.before.clone());
        }
    }
}
