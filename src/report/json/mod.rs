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

use serde::Serialize;

pub use cleanup::cleanup;
pub use doctor::{doctor, doctor_outcome};
pub use explain::explain;
pub use gc::gc;
pub use lint::lint;
pub use list::list;
pub use rollback::{rollback, rollback_outcome};
pub use undo::undo;
pub use verify::{verify, verify_outcome};

use crate::retention::plan_file::wire::time;

fn render(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}
