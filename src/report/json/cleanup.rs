//! `tags cleanup` and `tags apply` as JSON; that of `cleanup` is the plan file, too.

use serde::Serialize;

use super::{render, time};
use crate::change::{AppliedEntry, Survivor};
use crate::model::Sha;
use crate::report::Cleanup;
use crate::retention::plan_file::wire::{CoverageJson, EntryJson, TotalsJson, VERSION};
use crate::retention::{EnvironmentSummary, Refusal};

#[derive(Serialize)]
struct CleanupJson<'a> {
    version: u64,
    command: &'static str,
    outcome: &'static str,
    created: String,
    policy: &'a str,
    coverage: Vec<CoverageJson<'a>>,
    entries: Vec<EntryJson<'a>>,
    totals: TotalsJson,
    applied: Vec<AppliedJson<'a>>,
    journal: Option<&'a str>,
    refusals: Vec<String>,
    warnings: &'a [String],
    survivors: Vec<SurvivorJson<'a>>,
    environments: Vec<EnvironmentJson<'a>>,
    interrupted: bool,
    #[serde(skip_serializing_if = "is_none")]
    remaining: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct AppliedJson<'a> {
    digest: &'a str,
    registry: &'a str,
    repository: String,
    result: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct SurvivorJson<'a> {
    environment: &'a str,
    registry: &'a str,
    repository: String,
    tag: &'a str,
    /// `ok`, `damaged` or `unread`.
    status: &'static str,
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct EnvironmentJson<'a> {
    environment: &'a str,
    current: Vec<&'a str>,
    rollback_floor: Vec<&'a str>,
    kept: usize,
    going: usize,
}

/// `tags cleanup` and `tags apply` as JSON.
///
/// # Errors
/// Never in practice: the structures hold nothing that JSON cannot.
pub fn cleanup(cleanup: &Cleanup<'_>) -> Result<String, serde_json::Error> {
    let plan = cleanup.plan;
    let applied = cleanup.application.map_or(&[][..], |application| &application.applied);
    let survivors = cleanup.application.map_or(&[][..], |application| &application.survivors);
    render(&CleanupJson {
        version: VERSION,
        command: cleanup.command.as_str(),
        outcome: cleanup.outcome().as_str(),
        created: time(plan.created),
        policy: plan.policy.as_str(),
        coverage: plan.coverage.iter().map(CoverageJson::from).collect(),
        entries: plan.entries.iter().map(EntryJson::from).collect(),
        totals: plan.totals().into(),
        applied: applied.iter().map(applied_entry).collect(),
        journal: cleanup.journal,
        refusals: cleanup.refusals.iter().map(Refusal::to_string).collect(),
        warnings: &plan.warnings,
        survivors: survivors.iter().map(survivor).collect(),
        environments: plan.outlook.iter().map(environment).collect(),
        interrupted: cleanup.application.is_some_and(|application| application.interrupted),
        remaining: cleanup.remaining(),
    })
}

fn applied_entry(entry: &AppliedEntry) -> AppliedJson<'_> {
    AppliedJson {
        digest: entry.digest.as_str(),
        registry: entry.repository.registry.as_str(),
        repository: entry.repository.to_string(),
        result: entry.result.as_str(),
        message: &entry.message,
    }
}

fn survivor(survivor: &Survivor) -> SurvivorJson<'_> {
    let (status, message) = match (&survivor.damage, &survivor.unread) {
        (Some(damage), _) => ("damaged", Some(damage)),
        (None, Some(why)) => ("unread", Some(why)),
        (None, None) => ("ok", None),
    };
    SurvivorJson {
        environment: survivor.environment.as_str(),
        registry: survivor.repository.registry.as_str(),
        repository: survivor.repository.to_string(),
        tag: survivor.tag.as_str(),
        status,
        message: message.map(String::as_str),
    }
}

fn environment(outlook: &EnvironmentSummary) -> EnvironmentJson<'_> {
    EnvironmentJson {
        environment: outlook.environment.as_str(),
        current: outlook.current.iter().map(Sha::as_str).collect(),
        rollback_floor: outlook.floor.iter().map(Sha::as_str).collect(),
        kept: outlook.kept,
        going: outlook.going,
    }
}
