//! `--metrics`: what the run reported and how it ended, written to a file when it ends. Nothing here
//! changes the exit code.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{ArgMatches, CommandFactory as _};
use tags::report::Report;
use tags::report::metrics::{self, EndedRun, Metrics, Reported};

use super::args::Args;
use super::destination::replace_for_all;
use super::env;
use super::exit::Exit;
use super::messages::{self, Label};

/// Collects what a run reports; its clones collect into the same place.
#[derive(Clone, Default)]
pub(crate) struct Collected(Arc<Mutex<Reported>>);

impl Collected {
    /// Adds what a report says.
    pub(crate) fn add(&self, report: &Report) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(report);
    }
}

/// The file that is written at the end, and which run it is about.
pub(crate) struct MetricsFile {
    path: PathBuf,
    command: String,
    environments: Vec<String>,
}

impl MetricsFile {
    /// What the command line asks for; none without `--metrics`.
    pub(crate) fn of(matches: &ArgMatches) -> Option<Self> {
        let (command, inner) = matches.subcommand()?;
        let path = |matches: &ArgMatches| matches.get_one::<PathBuf>("metrics").cloned();
        let path = path(matches).or_else(|| path(inner))?;
        let names = inner.try_get_raw("env").ok().flatten().into_iter().flatten();
        let environments = names.map(|name| name.to_string_lossy().into_owned()).collect();
        Some(Self { path, command: command.to_owned(), environments })
    }

    /// The same where the command line has an error: the command and the file as far as they can be
    /// recognised. The run is then about the environments of the run before.
    pub(crate) fn of_invalid_command_line() -> Option<Self> {
        let words: Vec<String> = env::words().collect();
        let program = Args::command();
        let command = words.iter().find(|word| program.find_subcommand(word).is_some())?;
        let (at, word) = words.iter().enumerate().find(|(_, word)| {
            word.strip_prefix("--metrics")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })?;
        let path =
            word.strip_prefix("--metrics=").or_else(|| words.get(at + 1).map(String::as_str))?;
        let is_option = path.is_empty() || path.starts_with('-');
        (!is_option).then(|| Self {
            path: path.into(),
            command: command.clone(),
            environments: Vec::new(),
        })
    }

    /// Writes it. A file that cannot be written is warned about.
    pub(crate) fn write(&self, exit: Exit, collected: &Collected) {
        // Reading a pipe would wait for whoever writes into it.
        let is_file = std::fs::metadata(&self.path).is_ok_and(|found| found.is_file());
        let hint = "name another file with --metrics, or delete this one if nobody needs it";
        let before = if is_file { std::fs::read(&self.path) } else { Ok(Vec::new()) };
        let before = match before {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return self
                    .warn(&format!("what it has in it cannot be read: {error}"), Some(hint));
            }
        };
        let before = String::from_utf8_lossy(&before);
        if !metrics::may_be_replaced(&before) {
            return self.warn("it has no metrics in it, and was not replaced", Some(hint));
        }
        let run = EndedRun {
            command: &self.command,
            named: &self.environments,
            ended: env::now(),
            exit,
            reported: &collected.0.lock().unwrap_or_else(PoisonError::into_inner),
            before: &before,
        };
        let Metrics { text, future } = run.metrics();
        for environment in future {
            self.warn_of_future(&environment);
        }
        if let Err(error) = replace_for_all(&self.path, &text) {
            self.warn(&error.to_string(), None);
        }
    }

    fn warn(&self, why: &str, hint: Option<&str>) {
        let text = format!("cannot write the metrics to {}: {why}", self.path.display());
        messages::say(Label::Warning, &text, hint);
    }

    fn warn_of_future(&self, environment: &str) {
        let of = if environment.is_empty() { String::new() } else { format!(" {environment}") };
        let text = format!(
            "in {} the last success of `tags {}{of}` was in the future; it was left out of the metrics",
            self.path.display(),
            self.command
        );
        let hint =
            "look whether the clock of this machine was wrong; the next success sets it again";
        messages::say(Label::Warning, &text, Some(hint));
    }
}
