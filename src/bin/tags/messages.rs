//! What the program says on stderr: text for people, or with `--log-format json` a line of JSON for each
//! message, in the shape of the log's own lines.

use std::sync::atomic::{AtomicBool, Ordering};

use anstream::adapter::strip_str;
use chrono::SecondsFormat;
use serde::Serialize;
use tags::report::{self, StderrMessage, escape};

use super::{env, sink, width};

/// Whether messages are lines of JSON. A global, as stderr itself is.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Makes every message a line of JSON.
pub(crate) fn write_json() {
    AS_JSON.store(true, Ordering::Relaxed);
}

/// Whether messages are lines of JSON.
pub(crate) fn are_json() -> bool {
    AS_JSON.load(Ordering::Relaxed)
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// What happens.
    Status,
    /// What is good to know.
    Note,
    /// What should be fixed.
    Warning,
    /// Why something was not done.
    Error,
}

impl Label {
    fn word(self) -> &'static str {
        match self {
            Self::Status => "",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn level(self) -> &'static str {
        match self {
            Self::Status | Self::Note => "INFO",
            Self::Warning => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// That of a message in a report: by its label, else by the word that it begins with.
    fn of(label: &str, text: &str) -> Self {
        let begins = |with: &Self| {
            let rest = text.strip_prefix(with.word());
            label == with.word() || rest.is_some_and(|rest| rest.starts_with([':', '[', ' ']))
        };
        if label == "refused" {
            return Self::Error;
        }
        let all = [Self::Note, Self::Warning, Self::Error];
        all.into_iter().find(begins).unwrap_or(Self::Status)
    }
}

/// Says something.
pub(crate) fn say(label: Label, text: &str, hint: Option<&str>) {
    if are_json() {
        write_line(label, text, hint);
    } else {
        sink::stderr(&report::message(label.word(), (text, hint), width::of_messages()));
    }
}

/// Asks something; the answer is typed behind it.
pub(crate) fn ask(question: &str) {
    if are_json() {
        return write_line(Label::Status, question, None);
    }
    let wrapped = |line: &str| report::message("", (line, None), width::of_messages());
    let lines: String = question.lines().map(wrapped).collect();
    sink::stderr(&format!("{} ", lines.trim_end()));
}

/// Says a text that is laid out already, with its line ends.
pub(crate) fn show(label: Label, text: &str) {
    if are_json() {
        let text = strip_str(text.trim_end()).to_string();
        let begin = format!("{}: ", label.word());
        write_line(label, text.strip_prefix(&begin).unwrap_or(&text), None);
    } else {
        sink::stderr(text);
    }
}

/// Says what a report says besides its result: as `text`, or as messages.
pub(crate) fn report(text: &str, messages: &dyn Fn() -> Vec<StderrMessage>) {
    if !are_json() {
        return sink::stderr(text);
    }
    for StderrMessage { label, text, hint } in messages() {
        let text = strip_str(&text).to_string();
        write_line(Label::of(&label, &text), &text, hint.as_deref());
    }
}

/// A line of the log.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    fields: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

fn write_line(label: Label, text: &str, hint: Option<&str>) {
    // Line ends are kept: JSON escapes them.
    let lines: Vec<_> = text.lines().map(escape::terminal).collect();
    let (message, hint) = (lines.join("\n"), hint.map(escape::terminal));
    let fields = Fields { message: &message, hint: hint.as_deref() };
    let timestamp = env::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let line = Line { timestamp, level: label.level(), fields };
    if let Ok(line) = serde_json::to_string(&line) {
        sink::stderr(&format!("{line}\n"));
    }
}
