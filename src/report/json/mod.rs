//! JSON, version 1. It has structs of its own, so that internal types can change.
//!
//! Fields are only added, never removed or renamed: users rely on their names and meanings.

mod check;
mod cleanup;
mod doctor;
mod explain;
mod gc;
mod init;
mod lint;
mod list;
mod moving;
mod overview;
mod repairing;
mod rollback_target;
mod runs;
mod schema;
mod undo;
mod verify;

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

pub use cleanup::plan;
pub use schema::{COMMANDS, schema};

use super::{Report, View};
use crate::retention::plan_file::wire::{VERSION, time};

/// A report as JSON.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Verify(verification) => headed(report, verify::verify(verification), out),
        Report::RollbackTarget(answer) => {
            headed(report, rollback_target::rollback_target(answer), out)
        }
        Report::List(listing) => headed(report, list::list(listing), out),
        Report::Cleanup(cleanup) => headed(report, cleanup::cleanup(cleanup), out),
        Report::Explain(answer) => headed(report, explain::explain(answer), out),
        Report::Move(moved) => headed(report, moving::moved(moved), out),
        Report::Repair(repair) => headed(report, repairing::repair(repair), out),
        Report::Undo(undone) => headed(report, undo::undo(undone), out),
        Report::Doctor(examination) => headed(report, doctor::doctor(examination), out),
        Report::Gc(run) => headed(report, gc::gc(run), out),
        Report::Init(drafted) => headed(report, init::init(drafted), out),
        Report::Check(summary) => headed(report, check::check(summary), out),
        Report::Lint(linting) => headed(report, lint::lint(linting), out),
        Report::Runs(judged) => headed(report, runs::runs(judged), out),
        Report::Overview(overview) => headed(report, overview::overview(overview), out),
    }
}

/// The first fields of every report, and the rest of it.
#[derive(Serialize, JsonSchema)]
struct Headed<T> {
    /// The version of the format: 1.
    version: u64,
    /// The command.
    command: &'static str,
    /// The outcome in one word.
    outcome: &'static str,
    #[serde(flatten)]
    rest: T,
}

fn headed(report: &Report, rest: impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let (command, outcome) = (report.command(), report.outcome());
    write(&Headed { version: VERSION, command, outcome, rest }, out)
}

pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
