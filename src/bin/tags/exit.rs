//! How the program ends: the exit codes, and failures with what to do next.

use std::fmt::Display;
use std::process::ExitCode;

use tags::model::UnreadCause;
use tags::report::escape;

use super::sink;

/// The exit codes; each means one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It holds, or is done.
    Ok,
    /// It does not hold.
    Fails,
    /// Wrong usage or policy file.
    Usage,
    /// A registry could not be read, so the answer is unknown.
    Unreadable,
    /// Credentials or permission.
    Credentials,
    /// A guard refused.
    Refused,
    /// Something was deleted, and something else could not be.
    Partly,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The code for something that could not be read.
    pub(crate) fn unread(cause: UnreadCause) -> Self {
        match cause {
            UnreadCause::Credentials => Self::Credentials,
            UnreadCause::NotFound | UnreadCause::Unreachable => Self::Unreadable,
        }
    }

    /// The one that counts when several apply; done when none does.
    pub(crate) fn gravest(exits: impl IntoIterator<Item = Self>) -> Self {
        let gravity = |exit: &Self| match exit {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Usage => 7,
            Self::Interrupted => 8,
        };
        exits.into_iter().max_by_key(gravity).unwrap_or(Self::Ok)
    }
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Interrupted => 130,
        }
    }

    /// The same once something was deleted: the codes that say that nothing was are left out.
    pub(crate) fn after_changes(self) -> Self {
        match self {
            Self::Credentials => Self::Unreadable,
            Self::Usage | Self::Refused => Self::Partly,
            Self::Ok | Self::Fails | Self::Unreadable | Self::Partly | Self::Interrupted => self,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A failure that ends the program.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    /// Already laid out over lines, escaped by who made it.
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

    /// Something that has nothing to do with registries: a file, the runtime.
    pub(crate) fn internal(what: &str, error: impl Display) -> Self {
        Self::usage(format!("{what}: {error}"))
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The code that it ends with.
    #[cfg(test)]
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Says what went wrong on stderr, and ends with its code.
    pub(crate) fn report(self) -> ExitCode {
        self.say();
        self.exit.into()
    }

    /// Says what went wrong on stderr.
    pub(crate) fn say(&self) {
        let mut text = if self.rendered {
            format!("{}\n", self.message)
        } else {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            format!("{style}error{style:#}: {}\n", escape::terminal(&self.message))
        };
        if let Some(hint) = &self.hint {
            text.push_str(&format!("  hint: {}\n", escape::terminal(hint)));
        }
        sink::stderr(&text);
    }
}

/// What clap has to say: help and version on stdout, wrong usage on stderr.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        sink::stderr(&text);
        return Exit::Usage.into();
    }
    let _ = sink::stdout(&text);
    Exit::Ok.into()
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_gravest_of_several_ends_it() {
        let order = [
            Exit::Partly,
            Exit::Refused,
            Exit::Credentials,
            Exit::Unreadable,
            Exit::Fails,
            Exit::Ok,
        ];
        for (index, exit) in order.iter().enumerate() {
            assert_eq!(Exit::gravest(order[index..].iter().rev().copied()), *exit);
        }
        assert_eq!(Exit::gravest([]), Exit::Ok);
    }
}
