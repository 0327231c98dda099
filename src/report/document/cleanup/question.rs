//! The question before something is deleted.

use super::super::super::escape::terminal;
use super::{counted, sum};
use crate::model::Sha;
use crate::retention::{Decision, EnvironmentSummary, Plan, PlanEntry};

/// What would be deleted and what remains, as a question to be answered with yes or no.
#[must_use]
pub fn question(plan: &Plan) -> String {
    let totals = plan.totals();
    let changed = |entry: &&PlanEntry| entry.decision != Decision::Keep;
    let mut places: Vec<_> =
        plan.entries.iter().filter(changed).map(|entry| &entry.repository).collect();
    places.dedup();
    let mut text: String = plan.environments.iter().map(environment).collect();
    let sum = sum(["delete", "untag", "keep"], totals);
    let places = counted(places.len(), "repository");
    text.push_str(&format!("{sum}, in {places}: continue?"));
    text
}

fn environment(summary: &EnvironmentSummary) -> String {
    let going = counted(summary.deleted, "release");
    let names = |shas: &[Sha]| {
        let names: Vec<String> = shas.iter().map(Sha::to_string).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    format!(
        "{}: {going} to delete, {} to keep; current {}, roll back to {}\n",
        terminal(summary.environment.as_str()),
        summary.kept,
        names(&summary.current),
        names(&summary.floor),
    )
}
