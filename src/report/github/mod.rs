//! What GitHub Actions reads: annotations on stdout, and lines for `$GITHUB_OUTPUT`.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>. Every
//! value from outside is escaped, so that it cannot become a command or a second output.

mod annotations;
mod outputs;
mod policy;

use std::io::{self, Write};

use super::escape::{terminal, workflow_message, workflow_property};
use super::{Report, View};
use crate::policy::PolicyError;

/// GitHub shows ten annotations of a level per step; the tenth says how many more there are.
const SHOWN: usize = 9;

/// The level of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
enum Level {
    Error,
    Warning,
    Notice,
}

/// An annotation; its texts are not escaped yet.
struct Annotation {
    level: Level,
    title: String,
    message: String,
    /// File, line and column.
    at: Option<(String, u32, u32)>,
}

impl Annotation {
    fn new(level: Level, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self { level, title: title.into(), message: message.into(), at: None }
    }

    /// Adds a hint, and makes the message a sentence.
    fn with_hint(self, hint: Option<&str>) -> Self {
        let hint = hint.map(|hint| format!(" Hint: {hint}.")).unwrap_or_default();
        Self { message: format!("{}.{hint}", self.message), ..self }
    }

    fn line(&self, view: View) -> String {
        let level: &str = self.level.into();
        let property = |text: &str| workflow_property(&terminal(text));
        let at = self.at.as_ref().map(|(file, line, column)| {
            let file = property(&view.path_for_github(file));
            format!("file={file},line={line},col={column},")
        });
        let (at, title) = (at.unwrap_or_default(), property(&self.title));
        format!("::{level} {at}title={title}::{}\n", workflow_message(&terminal(&self.message)))
    }
}

/// Annotations of a report, errors first.
pub(super) fn render(report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
    write(report.command(), &annotations::of(report), (view, out))
}

/// Annotations of a policy file that is not valid.
///
/// # Errors
/// Errors of the writer.
pub fn policy_problems(
    (name, error): (&str, &PolicyError),
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    write("check", &policy::problems(name, error), (view, out))
}

fn write(command: &str, all: &[Annotation], (view, out): (View, &mut dyn Write)) -> io::Result<()> {
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let here: Vec<_> = all.iter().filter(|annotation| annotation.level == level).collect();
        for annotation in here.iter().take(SHOWN) {
            out.write_all(annotation.line(view).as_bytes())?;
        }
        if here.len() > SHOWN {
            let message = format!("{} more, see the job summary.", here.len() - SHOWN);
            let rest = Annotation::new(level, format!("tags {command}"), message);
            out.write_all(rest.line(view).as_bytes())?;
        }
    }
    Ok(())
}

/// Lines of a report for `$GITHUB_OUTPUT`.
#[must_use]
pub fn outputs(report: &Report) -> String {
    let line = |(name, value): (String, String)| {
        // Names come from the policy and values from validated types: neither can hold a line break.
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        format!("{name}={value}\n")
    };
    outputs::of(report).into_iter().map(line).collect()
}
