//! The question before something is deleted, where a person sits at a terminal.

use std::io::{self, IsTerminal as _};

use super::ambient;
use super::exit::{Exit, Failure};
use super::output;

/// Asks on a terminal whether to go on; anything but yes ends the run. In a pipe, a job or CI
/// nobody is asked.
pub(crate) async fn confirm(what: &str) -> Result<(), Failure> {
    let is_seen = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !is_seen || ambient::in_ci() {
        return Ok(());
    }
    output::talk(&format!("{what} [y/N] "));
    // Read aside, so that an interrupt is still heard.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await.ok().and_then(Result::ok).unwrap_or_default();
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, "not confirmed; nothing was deleted")
        .hint("answer y, or say --yes beforehand"))
}
