//! JSON, version 1: structures of its own, so that the inner types may move.
//!
//! Fields are only ever added; their names and meanings are part of the contract.

mod cleanup;
mod doctor;
mod explain;
mod gc;
mod lint;
mod list;
mod moving;
mod repairing;
mod rollback;
mod undo;
mod verify;

use std::io::{self, Write};

use serde::Serialize;

pub use cleanup::plan;

use super::{Report, View};
use crate::retention::plan_file::wire::{VERSION, time};

/// A report as JSON.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Verify(verification) => headed(report, verify::verify(verification), out),
        Report::RollbackTarget(answer) => headed(report, rollback::rollback(&answer.rollback), out),
        Report::List(listing) => headed(report, list::list(listing), out),
        Report::Cleanup(cleanup) => headed(report, cleanup::cleanup(cleanup), out),
        Report::Explain(answer) => headed(report, explain::explain(&answer.explanation), out),
        Report::Move(moved) => headed(report, moving::moved(moved), out),
        Report::Repair(repair) => headed(report, repairing::repair(repair), out),
        Report::Undo(undone) => headed(report, undo::undo(undone), out),
        Report::Doctor(examination) => headed(report, doctor::doctor(examination), out),
        Report::Gc(run) => headed(report, gc::gc(run), out),
        Report::Lint(linting) => headed(report, lint::lint(linting), out),
    }
}

/// What stands first in every report, and the rest of it.
#[derive(Serialize)]
struct Headed<T> {
    version: u64,
    command: &'static str,
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
