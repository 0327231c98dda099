//! The state of a shell that goes through a script: variables, functions, and the effects so far.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::alternatives::Alternatives;
use super::effect::Effect;
use super::env_file::EnvFile;
use super::failure::{Failure, Tested};
use super::lex::Token;
use super::reach::Reach;
use crate::lint::position::SourceChar;
use crate::lint::symbol::Symbols;

/// The values of variables.
pub(super) type Variables = BTreeMap<String, String>;

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// The runner of the job.
    Runner,
    /// A container on the runner.
    Container,
    /// Another host, reached by `ssh`.
    Host,
}

/// A branch of a script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) number: u32,
    /// Whether it surely runs in this pass.
    pub(super) chosen: bool,
    /// Whether it is taken by the values that the script is given.
    pub(super) by_value: bool,
}

/// An effect, with the branches of the script and the machine on which it happens.
#[derive(Debug, Clone)]
pub(crate) struct FoundEffect {
    pub(crate) effect: Effect,
    pub(crate) branch: Vec<u32>,
    /// Whether it happens whenever the script runs, in this alternative.
    pub(crate) certain: bool,
    pub(crate) machine: Machine,
}

/// How deeply commands may be nested, and how many may run.
pub(super) const DEEPEST: usize = 24;
const MOST: usize = 20_000;

/// A shell that runs one script.
pub(crate) struct Shell<'a> {
    pub(super) symbols: &'a Symbols,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    pub(super) vars: Variables,
    pub(super) functions: BTreeMap<String, Rc<[Token]>>,
    pub(super) arguments: Vec<String>,
    /// What its commands read, where they have no other input.
    pub(super) input: Option<Vec<SourceChar>>,
    /// What the script does.
    pub(crate) effects: Vec<FoundEffect>,
    pub(crate) outputs: EnvFile,
    pub(crate) exports: EnvFile,
    pub(super) branch: Vec<Branch>,
    pub(super) branches: u32,
    pub(super) machine: Machine,
    /// Whether variables of the environment are not visible: the script runs on another host.
    pub(super) isolated: bool,
    /// Above zero in commands that do not run, such as those of a branch not taken.
    pub(super) skipping: usize,
    /// Whether the script gets here.
    pub(super) reach: Reach,
    pub(super) alternatives: &'a Alternatives,
    /// Whether this pass only compares the arms, and notes nothing.
    pub(super) probing: bool,
    /// How many effects on images there were.
    pub(super) notable: usize,
    /// Whether the last command was a test.
    pub(super) tested: Tested,
    /// Whether a test that stands alone ends the script when it does not hold (`set -e`).
    pub(super) stops_at_failure: bool,
    /// Whether the script fails.
    pub(crate) failure: Failure,
    pub(super) depth: usize,
    pub(super) commands_left: usize,
    /// Whether the last command succeeded, if that is known.
    pub(super) status: Option<bool>,
    /// What the last pipeline prints, as far as that is known.
    pub(super) printed: Option<String>,
    /// What the current group in braces has printed: it may be redirected as a whole.
    pub(super) group: Vec<String>,
}

impl<'a> Shell<'a> {
    /// A shell; the environment gives the values of variables that the script does not set.
    pub(crate) fn new(
        symbols: &'a Symbols,
        environment: &'a dyn Fn(&str) -> Option<String>,
        alternatives: &'a Alternatives,
        machine: Machine,
    ) -> Self {
        Self {
            symbols,
            environment,
            vars: BTreeMap::new(),
            functions: BTreeMap::new(),
            arguments: Vec::new(),
            input: None,
            effects: Vec::new(),
            outputs: EnvFile::default(),
            exports: EnvFile::default(),
            branch: Vec::new(),
            branches: 0,
            machine,
            isolated: false,
            skipping: 0,
            reach: Reach::START,
            alternatives,
            probing: false,
            notable: 0,
            tested: Tested::Nothing,
            stops_at_failure: machine == Machine::Runner,
            failure: Failure::Never,
            depth: 0,
            commands_left: MOST,
            status: None,
            printed: None,
            group: Vec::new(),
        }
    }

    /// Whether the commands here do not run: their branch is not taken, or the script has ended.
    pub(super) fn is_skipping(&self) -> bool {
        self.skipping > 0 || self.reach.is_over()
    }

    /// Adds what a command does.
    pub(super) fn note(&mut self, effect: Effect) {
        self.notable += usize::from(!matches!(effect, Effect::Mention { .. } | Effect::RunUnread));
        let branch = self.branch.iter().map(|branch| branch.number).collect();
        let certain = self.reach.is_sure() && self.branch.iter().all(|branch| branch.chosen);
        self.effects.push(FoundEffect { effect, branch, certain, machine: self.machine });
    }
}
