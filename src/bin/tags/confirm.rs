//! Asks for confirmation on a terminal before something is deleted or moved.

use std::io::{self, IsTerminal as _};

use super::env;
use super::exit::{Exit, Failure};
use super::messages;

/// Asks on a terminal whether to continue. Any answer but yes ends the run; `done` (such as
/// `deleted`) is what its message says was not done. Does not ask in CI, or where stdin or stderr is
/// not a terminal.
pub(crate) async fn confirm(what: &str, done: &str) -> Result<(), Failure> {
    if !asks() {
        return Ok(());
    }
    messages::ask(&format!("{what} [y/N]"));
    // Read in another thread, so that Ctrl-C still works.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await.ok().and_then(Result::ok).unwrap_or_default();
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, format!("not confirmed; nothing was {done}"))
        .hint("answer y, or pass --yes"))
}

/// Whether there is somebody to ask.
pub(crate) fn asks() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !env::in_ci()
}
