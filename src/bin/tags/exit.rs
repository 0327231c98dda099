//! Failures that end the program, each with an exit code and a hint.

use std::fmt::Display;

use tags::command::CommandError;
pub(crate) use tags::report::Exit;

use super::messages::{self, Label};
use super::sink;

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let CommandError { exit, message, hint } = error;
        Self { exit, message, hint, rendered: false }
    }
}

/// A failure that ends the program.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    /// Whether the message is printed as it is: already escaped, with line breaks.
    rendered: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, rendered: false }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A message that is printed as it is.
    pub(crate) fn rendered(exit: Exit, message: impl Into<String>) -> Self {
        Self { rendered: true, ..Self::new(exit, message) }
    }

    /// A failure of this machine: a file, the runtime.
    pub(crate) fn internal(what: &str, error: impl Display) -> Self {
        Self::usage(format!("{what}: {error}"))
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code of the program.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints the message and the hint on stderr.
    pub(crate) fn print(&self) {
        if self.rendered {
            messages::show(Label::Error, &format!("{}\n", self.message));
        } else {
            messages::say(Label::Error, &self.message, self.hint.as_deref());
        }
    }
}

/// Prints what clap returned: help and version on stdout, usage errors on stderr.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        messages::show(Label::Error, &text);
        return Exit::Usage;
    }
    let _ = sink::stdout(|out| out.write_all(text.as_bytes()));
    Exit::Ok
}
