//! How wide the lines are that somebody looks at.

use std::io::{self, IsTerminal as _};

use super::env;

/// The width of the terminal behind stdout, none when there is no terminal.
pub(crate) fn of_reports() -> Option<usize> {
    of(io::stdout().is_terminal())
}

/// The same for stderr.
pub(crate) fn of_messages() -> Option<usize> {
    of(io::stderr().is_terminal())
}

/// Where colours are forced, somebody looks at the output as well, and `$COLUMNS` counts.
fn of(is_terminal: bool) -> Option<usize> {
    if is_terminal {
        let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        return columns().or_else(measured).or(Some(80));
    }
    let forces_colours = env::variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    columns().filter(|_| forces_colours)
}

fn columns() -> Option<usize> {
    env::variable("COLUMNS").and_then(|text| text.parse().ok()).filter(|columns| *columns > 0)
}
