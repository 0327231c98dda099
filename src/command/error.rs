//! The error of a command that ends without a report.

use crate::policy::nearest;
use crate::report::Exit;

/// A command that ends without a report: what is wrong, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// The exit code that the program ends with.
    pub exit: Exit,
    /// What is wrong, in one sentence, with the cause.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl CommandError {
    /// An error that ends the program with this code.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// A usage error: the request cannot be fulfilled as it is.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a hint with the most similar name, or with all known names; `what` they name, in the plural.
    #[must_use]
    pub(crate) fn suggest<'a>(
        self,
        name: &str,
        known: impl Iterator<Item = &'a str>,
        what: &str,
    ) -> Self {
        let known: Vec<&str> = known.collect();
        self.hint(match nearest(name, &known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => format!("the policy has no {what}"),
            None => format!("the policy has {}", known.join(", ")),
        })
    }
}
