//! The state of a shell that runs a script: variables, functions, and what was found so far.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::effect::Effect;
use super::env_file::EnvFile;
use super::lex::Token;
use crate::lint::symbol::Symbols;

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// The runner of the job.
    Runner,
    /// Another host, behind `ssh`.
    Remote,
}

/// A fact, with the branches under which it was found.
#[derive(Debug, Clone)]
pub(crate) struct FoundEffect {
    pub(crate) effect: Effect,
    pub(crate) branch: Vec<u32>,
    pub(crate) machine: Machine,
}

/// How deep commands may stand in each other, and how many may run.
pub(super) const DEEPEST: usize = 24;
const MOST: usize = 20_000;

/// A shell that runs one script.
pub(crate) struct Shell<'a> {
    pub(super) symbols: &'a Symbols,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    pub(super) vars: BTreeMap<String, String>,
    pub(super) functions: BTreeMap<String, Rc<[Token]>>,
    pub(super) arguments: Vec<String>,
    /// What was found.
    pub(crate) effects: Vec<FoundEffect>,
    pub(crate) outputs: EnvFile,
    pub(crate) exports: EnvFile,
    pub(super) branch: Vec<u32>,
    pub(super) branches: u32,
    pub(super) machine: Machine,
    /// Whether the variables around are out of sight.
    pub(super) isolated: bool,
    pub(super) dry: usize,
    pub(super) depth: usize,
    pub(super) commands_left: usize,
    pub(super) status: Option<bool>,
    /// What the last pipeline prints, as far as that is known.
    pub(super) printed: Option<String>,
    /// What a group in braces has printed, to be redirected as a whole.
    pub(super) group: Vec<String>,
}

impl<'a> Shell<'a> {
    /// A shell; the environment gives the values of variables that the script does not set.
    pub(crate) fn new(
        symbols: &'a Symbols,
        environment: &'a dyn Fn(&str) -> Option<String>,
        machine: Machine,
    ) -> Self {
        Self {
            symbols,
            environment,
            vars: BTreeMap::new(),
            functions: BTreeMap::new(),
            arguments: Vec::new(),
            effects: Vec::new(),
            outputs: EnvFile::default(),
            exports: EnvFile::default(),
            branch: Vec::new(),
            branches: 0,
            machine,
            isolated: false,
            dry: 0,
            depth: 0,
            commands_left: MOST,
            status: None,
            printed: None,
            group: Vec::new(),
        }
    }

    /// Begins a branch of the script, which may run or not.
    pub(super) fn enter_branch(&mut self) {
        self.branches += 1;
        self.branch.push(self.branches);
    }
}
