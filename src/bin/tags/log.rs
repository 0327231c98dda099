//! The log on stderr: warnings, with `-v` retries and traffic, with `-vv` each request.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::args::{Global, LogFormat};
use super::env;
use super::sink;

/// Starts logging; only this program's own events are written.
pub(crate) fn start(global: &Global) {
    let level = match global.verbose {
        0 => "tags=warn",
        1 => "tags=info",
        _ => "tags=debug",
    };
    let colour = std::io::stderr().is_terminal() && env::variable("NO_COLOR").is_none();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(|| sink::Log)
        // They would be printed on stderr too, with a panic if that is closed.
        .log_internal_errors(false)
        .with_target(false)
        .with_ansi(colour);
    match global.log_format {
        LogFormat::Text => builder.without_time().init(),
        LogFormat::Json => builder.json().init(),
    }
}
