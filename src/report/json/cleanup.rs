//! `tags cleanup` and `tags apply` as JSON; that of `cleanup` is also the plan file.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Headed, time, write};
use crate::change::{AppliedEntry, Survivor};
use crate::model::{ImageName, Sha};
use crate::report::cleanup::remaining;
use crate::report::{Cleanup, CleanupCommand};
use crate::retention::plan_file::wire::{CoverageJson, EntryJson, TotalsJson, VERSION};
use crate::retention::{EnvironmentSummary, Plan, PlanEntry, PlanOutcome, Refusal};

/// A list whose items are converted while it is written.
struct List<'a, T, J>(&'a [T], fn(&'a T) -> J);

impl<T, J: Serialize> Serialize for List<'_, T, J> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

#[derive(Serialize)]
struct CleanupJson<'a> {
    created: String,
    policy: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    coverage: Vec<CoverageJson<'a>>,
    entries: List<'a, PlanEntry, EntryJson<'a>>,
    totals: TotalsJson,
    applied: List<'a, AppliedEntry, AppliedJson<'a>>,
    journal: Option<&'a str>,
    refusals: Vec<String>,
    warnings: &'a [String],
    survivors: List<'a, Survivor, SurvivorJson<'a>>,
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
pub(super) fn cleanup(cleanup: &Cleanup) -> impl Serialize {
    let applied = cleanup.application.as_ref();
    CleanupJson {
        applied: List(applied.map_or(&[][..], |applied| &applied.applied), applied_entry),
        journal: cleanup.journal.as_deref(),
        refusals: cleanup.refusals.iter().map(Refusal::to_string).collect(),
        survivors: List(applied.map_or(&[][..], |applied| &applied.survivors), survivor),
        interrupted: applied.is_some_and(|applied| applied.interrupted),
        ..of_plan(&cleanup.plan)
    }
}

/// The plan file of a dry run that was not refused.
///
/// # Errors
/// Errors of the writer.
pub fn plan(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let outcome = if plan.is_whole() { PlanOutcome::Ok } else { PlanOutcome::Partial };
    let command = CleanupCommand::Cleanup.as_str();
    let rest = of_plan(plan);
    write(&Headed { version: VERSION, command, outcome: outcome.as_str(), rest }, out)
}

fn of_plan(plan: &Plan) -> CleanupJson<'_> {
    CleanupJson {
        created: time(plan.created),
        policy: plan.policy.as_str(),
        images: plan.images.iter().map(ImageName::as_str).collect(),
        shard: plan.shard.map(|shard| shard.to_string()),
        coverage: plan.coverage.iter().map(CoverageJson::from).collect(),
        entries: List(&plan.entries, EntryJson::from),
        totals: plan.totals().into(),
        applied: List(&[], applied_entry),
        journal: None,
        refusals: Vec::new(),
        warnings: &plan.warnings,
        survivors: List(&[], survivor),
        environments: plan.environments.iter().map(environment).collect(),
        interrupted: false,
        remaining: remaining(plan),
    }
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

fn environment(summary: &EnvironmentSummary) -> EnvironmentJson<'_> {
    EnvironmentJson {
        environment: summary.environment.as_str(),
        current: summary.current.iter().map(Sha::as_str).collect(),
        rollback_floor: summary.floor.iter().map(Sha::as_str).collect(),
        kept: summary.kept,
        going: summary.deleted,
    }
}
