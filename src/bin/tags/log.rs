//! The log on stderr: warnings, with `-v` retries and traffic, with `-vv` each request.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use super::args::{Global, LogFormat};
use super::env;
use super::sink;

/// Whether a command line asks for a log of JSON, also one with an error in it.
pub(crate) fn is_json_by(words: impl Iterator<Item = String>) -> bool {
    const OPTION: &str = "--log-format";
    let words: Vec<String> = words.collect();
    let is_alone = |pair: &[String]| pair[0] == OPTION && pair[1] == "json";
    words.windows(2).any(is_alone) || words.iter().any(|word| *word == format!("{OPTION}=json"))
}

/// Starts logging; only this program's own events are written.
pub(crate) fn start(global: &Global) {
    let level = match global.verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let colour = std::io::stderr().is_terminal() && env::variable("NO_COLOR").is_none();
    let lines = fmt::layer()
        .with_writer(|| sink::Log)
        // They would be printed on stderr too, with a panic if that is closed.
        .log_internal_errors(false)
        .with_target(false)
        .with_ansi(colour);
    let lines = match global.log_format {
        LogFormat::Text => lines.without_time().boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let own = Targets::new().with_target("tags", level);
    tracing_subscriber::registry().with(lines.with_filter(own)).init();
}
