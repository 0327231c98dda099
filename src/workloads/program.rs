//! Programs that are run to ask: `kubectl`, `docker` and `ssh`. The caller runs them.

use std::time::Duration;

use futures_util::future::BoxFuture;

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramCall {
    /// Its name, found by the search path.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Environment variables to set for it.
    pub variables: Vec<(&'static str, String)>,
}

impl ProgramCall {
    pub(super) fn new(program: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { program, arguments, variables: Vec::new() }
    }
}

/// Why a program gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// There is no such program.
    #[error("the program `{0}` is not installed")]
    NotFound(&'static str),
    /// It took too long, and was ended.
    #[error("`{program}` gave no answer within {}", humantime::format_duration(*.time))]
    NoAnswer {
        /// The program.
        program: &'static str,
        /// How long it was waited for.
        time: Duration,
    },
    /// It wrote more than any answer has, and was ended.
    #[error("`{program}` wrote more than {mebibytes} MiB, which is no answer")]
    TooMuch {
        /// The program.
        program: &'static str,
        /// How much is read, in MiB.
        mebibytes: usize,
    },
    /// It failed.
    #[error("`{program}` failed: {said}")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it wrote on stderr, else how it ended.
        said: String,
    },
    /// It could not be started.
    #[error("cannot run `{program}`: {why}")]
    NotStarted {
        /// The program.
        program: &'static str,
        /// What the system says.
        why: String,
    },
}

/// Runs programs.
pub trait Programs: Send + Sync {
    /// Runs a program to its end, without a terminal, and returns what it wrote on stdout. It bounds both
    /// how long that takes and how much is read.
    fn run(&self, call: ProgramCall) -> BoxFuture<'_, Result<Vec<u8>, ProgramError>>;
}
