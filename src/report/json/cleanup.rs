//! `tags cleanup` and `tags apply` as JSON; that of `cleanup` is also the plan file.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{Headed, time, write};
use crate::change::{AppliedEntry, Survivor};
use crate::model::{ImageName, Sha};
use crate::report::cleanup::remaining;
use crate::report::{Cleanup, CleanupCommand};
use crate::retention::plan_file::wire::{CoverageJson, EntryJson, TotalsJson, VERSION};
use crate::retention::{EnvironmentSummary, Plan, PlanEntry, PlanOutcome, Refusal};

/// A list whose items are converted while it is written.
pub(super) struct List<'a, T, J>(&'a [T], fn(&'a T) -> J);

impl<T, J: Serialize> Serialize for List<'_, T, J> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CleanupJson<'a> {
    /// When the plan was made, RFC 3339.
    created: String,
    /// The digest of the policy file's bytes.
    policy: String,
    /// The images that the policy's patterns found; left out where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    /// The shard, as `I/N`; left out without `--shard`.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    /// Each repository, and whether it was read completely.
    coverage: Vec<CoverageJson<'a>>,
    /// Every manifest once, with its decision and reason.
    entries: List<'a, PlanEntry, EntryJson<'a>>,
    /// Counts over the entries.
    totals: TotalsJson,
    /// What became of each deletion; empty in a dry run.
    applied: List<'a, AppliedEntry, AppliedJson<'a>>,
    /// The file with what was done, for `tags undo`; null if nothing was to be written.
    journal: Option<&'a str>,
    /// Why the plan may not be applied.
    refusals: Vec<String>,
    /// What a reviewer should know besides.
    warnings: &'a [String],
    /// The latest tags, checked again after an apply.
    survivors: List<'a, Survivor, SurvivorJson<'a>>,
    /// What remains of each environment.
    environments: Vec<EnvironmentJson<'a>>,
    /// Whether somebody stopped the run before its end.
    interrupted: bool,
    /// How many more manifests may be deleted by later runs with `--batch`.
    #[serde(skip_serializing_if = "is_none")]
    remaining: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

#[derive(Serialize, JsonSchema)]
struct AppliedJson<'a> {
    /// The manifest.
    digest: String,
    /// The registry's name in the policy.
    registry: &'a str,
    /// `host/path`.
    repository: String,
    /// `deleted`, `untagged`, `already-gone`, `skipped`, `retained` or `failed`.
    result: &'static str,
    /// What was found, in words.
    message: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct SurvivorJson<'a> {
    /// The environment.
    environment: &'a str,
    /// The registry's name in the policy.
    registry: &'a str,
    /// `host/path`.
    repository: String,
    /// The tag.
    tag: &'a str,
    /// `ok`, `damaged` or `unread`.
    status: &'static str,
    /// What is wrong, if anything.
    message: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct EnvironmentJson<'a> {
    /// The environment.
    environment: &'a str,
    /// The release or releases that count as current.
    current: Vec<String>,
    /// The releases that are kept for a rollback, newest first.
    rollback_floor: Vec<String>,
    /// How many releases are kept.
    kept: usize,
    /// How many releases are deleted.
    going: usize,
}

/// `tags cleanup` and `tags apply` as JSON.
pub(super) fn cleanup(cleanup: &Cleanup) -> CleanupJson<'_> {
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
        policy: plan.policy.to_string(),
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
        digest: entry.digest.to_string(),
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

pub(super) fn environment(summary: &EnvironmentSummary) -> EnvironmentJson<'_> {
    EnvironmentJson {
        environment: summary.environment.as_str(),
        current: summary.current.iter().map(Sha::to_string).collect(),
        rollback_floor: summary.floor.iter().map(Sha::to_string).collect(),
        kept: summary.kept,
        going: summary.deleted,
    }
}
