//! Whether a script fails: by `exit 1`, or by a test that does not hold.
//!
//! What comes after a step that fails does not run, so a check of a value guards the steps and jobs
//! after it.

use super::command::Command;
use super::compound::word;
use super::lex::Token;
use super::state::Shell;
use crate::lint::symbol::Symbols;

/// Whether a script fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// Not by itself; any of its programs may.
    #[default]
    Never,
    /// By the values that it is given, which are not known.
    ByValue,
    /// In this alternative, which may be one that no value asks for.
    InAlternative,
    /// Whatever it is given.
    Surely,
}

/// Whether a command was a test, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tested {
    Nothing,
    /// Files, or what other programs print.
    Other,
    /// The values that the script is given.
    Values,
}

impl Tested {
    /// What a pipeline tests.
    pub(super) fn of(pipeline: &[Command], symbols: &Symbols) -> Self {
        let is_test = |command: &Command| matches!(command.program(), "[" | "[[" | "test" | "grep");
        let ends = pipeline.first().into_iter().chain(pipeline.last());
        if !ends.into_iter().any(is_test) {
            Self::Nothing
        } else if tests_values(pipeline, symbols) {
            Self::Values
        } else {
            Self::Other
        }
    }

    /// Whether it was a test.
    pub(super) fn is_test(self) -> bool {
        self != Self::Nothing
    }
}

impl Failure {
    /// Whether nothing comes after it.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::InAlternative | Self::Surely)
    }
}

impl Shell<'_> {
    /// Notes that the script fails here.
    pub(super) fn fail(&mut self) {
        let chosen = self.branch.iter().all(|branch| branch.chosen);
        let found = if !self.reach.is_sure() || !chosen {
            let by_value = self.branch.iter().any(|branch| !branch.chosen && branch.by_value);
            if by_value || chosen { Failure::ByValue } else { Failure::Never }
        } else if self.branch.iter().all(|branch| branch.by_value) {
            Failure::Surely
        } else {
            Failure::InAlternative
        };
        self.failure = self.failure.max(found);
    }

    /// Ends the script where a test stands alone and does not hold: the shell of a step stops there.
    pub(super) fn stop_at_test(&mut self) {
        if !self.stops_at_failure || !self.tested.is_test() || self.is_skipping() {
            return;
        }
        match self.status {
            Some(false) => {
                self.fail();
                self.reach = self.reach.ended();
            }
            None if self.tested == Tested::Values => {
                self.reach = self.reach.perhaps_ended();
                self.failure = self.failure.max(Failure::ByValue);
            }
            _ => {}
        }
    }
}

impl Shell<'_> {
    /// `set -e` and `set +e`.
    pub(super) fn set_options(&mut self, words: &[String]) {
        for word in words.iter().skip(1) {
            match word.strip_prefix(['-', '+']) {
                Some(options) if options.contains('e') && !options.starts_with('-') => {
                    self.stops_at_failure = word.starts_with('-');
                }
                _ => {}
            }
        }
    }

    /// Runs the commands of a condition: what fails there ends nothing.
    pub(super) fn condition(&mut self, tokens: &[Token], at: usize, stops: &[&str]) -> usize {
        let outer = std::mem::replace(&mut self.stops_at_failure, false);
        let end = self.list(tokens, at, stops);
        self.stops_at_failure = outer;
        end
    }
}

/// Whether an `exit` of a command says that the script has failed.
pub(super) fn is_failing(command: &Command) -> bool {
    !matches!(command.word(1), "" | "0")
}

/// Whether a pipeline tests values, and neither files nor what other programs print.
fn tests_values(pipeline: &[Command], symbols: &Symbols) -> bool {
    let Some(last) = pipeline.last() else { return false };
    let of_files = |word: &String| {
        word.len() == 2
            && word.starts_with('-')
            && word.ends_with(['f', 'd', 'e', 's', 'r', 'w', 'x'])
    };
    let unresolved = |word: &String| {
        word.chars().any(|c| symbols.get(c).is_some_and(|symbol| symbol.unresolved))
    };
    let given = match last.program() {
        "[" | "[[" | "test" => !last.words.iter().any(of_files),
        "grep" => {
            !last.bodies.is_empty()
                || (pipeline.len() > 1 && matches!(pipeline[0].program(), "echo" | "printf"))
        }
        _ => false,
    };
    given && !pipeline.iter().flat_map(|command| &command.words).any(unresolved)
}

/// Whether every `exit` of some commands says that the script has failed.
pub(super) fn only_fails(tokens: &[Token]) -> bool {
    let text = |at: usize| word(tokens, at).unwrap_or_default();
    let mut ends = (0..tokens.len()).filter(|at| matches!(text(*at).as_str(), "exit" | "return"));
    ends.all(|at| text(at + 1).parse::<u8>().is_ok_and(|status| status > 0))
}
