//! Whether a script fails: by `exit 1`, or by a test that does not hold.
//!
//! What comes after a step that fails does not run, so a check of a value guards the steps and jobs
//! after it.

use super::command::Command;
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
    /// With the values of this run, or of this alternative of them.
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
