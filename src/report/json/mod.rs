//! JSON, version 1: structures of its own, so that the inner types may move.
//!
//! Fields are only ever added; their names and meanings are part of the contract.

mod cleanup;
mod doctor;
mod explain;
mod gc;
mod lint;
mod list;
mod rollback;
mod undo;
mod verify;

use std::io::{self, Write};

use serde::Serialize;

pub use cleanup::plan;

use super::{Report, View};
use crate::retention::plan_file::wire::time;

/// A report as JSON.
pub(super) fn render(report: &Report, _: View, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Verify(verification) => verify::verify(verification, out),
        Report::RollbackTarget(answer) => rollback::rollback(&answer.rollback, out),
        Report::List(listing) => list::list(listing, out),
        Report::Cleanup(cleanup) => cleanup::cleanup(cleanup, out),
        Report::Explain(answer) => explain::explain(&answer.explanation, out),
        Report::Undo(undone) => undo::undo(undone, out),
        Report::Doctor(examination) => doctor::doctor(examination, out),
        Report::Gc(run) => gc::gc(run, out),
        Report::Lint(linting) => lint::lint(linting, out),
    }
}

pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
