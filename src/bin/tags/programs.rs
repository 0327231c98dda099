//! Runs the programs that tell what runs: `kubectl`, `docker` and `ssh`.

use std::io::ErrorKind;
use std::process::{Output, Stdio};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tags::command::{ProgramCall, ProgramError, Programs};
use tokio::process::Command;

const TIME: Duration = Duration::from_mins(1);
/// How much of a program's message is shown: its end, where programs say what went wrong.
const LONGEST: usize = 600;

/// The programs of this machine, by the search path.
pub(crate) struct SystemPrograms;

impl Programs for SystemPrograms {
    fn run(&self, call: ProgramCall) -> BoxFuture<'_, Result<Vec<u8>, ProgramError>> {
        run(call).boxed()
    }
}

async fn run(call: ProgramCall) -> Result<Vec<u8>, ProgramError> {
    let program = call.program;
    let child = Command::new(program)
        .args(&call.arguments)
        .envs(call.variables)
        // Untranslated messages: they are searched, and shown to the user.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Ok(ended) = tokio::time::timeout(TIME, child).await else {
        return Err(ProgramError::NoAnswer { program, seconds: TIME.as_secs() });
    };
    match ended {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => Err(ProgramError::Failed { program, said: said(&output) }),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ProgramError::NotFound(program)),
        Err(error) => Err(ProgramError::NotStarted { program, why: error.to_string() }),
    }
}

/// What a program wrote on stderr, in one line; else how it ended.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join("; ");
    if line.is_empty() {
        return output.status.to_string();
    }
    let from = line.ceil_char_boundary(line.len().saturating_sub(LONGEST));
    if from == 0 { line } else { format!("…{}", &line[from..]) }
}
