//! The JSON Schemas of the reports, derived from the structs that are written.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::Headed;
use super::check::CheckJson;
use super::cleanup::{CleanupJson, List};
use super::doctor::DoctorJson;
use super::explain::ExplainJson;
use super::gc::GcJson;
use super::init::InitJson;
use super::lint::LintJson;
use super::list::ListJson;
use super::moving::MoveJson;
use super::overview::OverviewJson;
use super::repairing::RepairJson;
use super::rollback_target::RollbackJson;
use super::runs::RunsJson;
use super::undo::UndoJson;
use super::verify::VerifyJson;

/// The commands that have a JSON report.
pub const COMMANDS: [&str; 17] = [
    "verify",
    "rollback-target",
    "list",
    "cleanup",
    "apply",
    "explain",
    "rollback",
    "promote",
    "repair",
    "undo",
    "runs",
    "report",
    "doctor",
    "gc",
    "lint",
    "init",
    "check",
];

/// The JSON Schema (draft 2020-12) of what a command prints with `--format json`. None for a name that is
/// not in [`COMMANDS`].
#[must_use]
pub fn schema(command: &str) -> Option<Value> {
    let schema = match command {
        "verify" => of::<VerifyJson>(),
        "rollback-target" => of::<RollbackJson>(),
        "list" => of::<ListJson>(),
        "cleanup" | "apply" => of::<CleanupJson<'_>>(),
        "explain" => of::<ExplainJson<'_>>(),
        "rollback" | "promote" => of::<MoveJson<'_>>(),
        "repair" => of::<RepairJson<'_>>(),
        "undo" => of::<UndoJson<'_>>(),
        "runs" => of::<RunsJson>(),
        "report" => of::<OverviewJson<'_>>(),
        "doctor" => of::<DoctorJson<'_>>(),
        "gc" => of::<GcJson<'_>>(),
        "lint" => of::<LintJson>(),
        "init" => of::<InitJson<'_>>(),
        "check" => of::<CheckJson<'_>>(),
        _ => return None,
    };
    let mut schema = schema.to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), format!("tags {command} --format json").into());
    }
    Some(schema)
}

fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Headed<T>>()
}

/// A list is written item by item; what is written is a list of the converted items.
impl<T, J: JsonSchema> JsonSchema for List<'_, T, J> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<J>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<J>::json_schema(generator)
    }
}
