//! `tags report` as JSON: the values of the page.

use schemars::JsonSchema;
use serde::Serialize;

use super::cleanup::{EnvironmentJson as KeptJson, environment as kept};
use super::{list, rollback_target, runs, time, verify};
use crate::report::figures::{ReasonAmount, reasons};
use crate::report::grouping::{self, Amount, RepositoryShare};
use crate::report::{EnvironmentOverview, Overview, ReadWarning, RecordedMove};
use crate::retention::plan_file::wire::{CoverageJson, TotalsJson};

#[derive(Serialize, JsonSchema)]
pub(super) struct OverviewJson<'a> {
    /// The time that ages are counted to.
    at: String,
    /// The environments, those named like production first.
    environments: Vec<EnvironmentJson>,
    /// Null if no plan could be made; `unread` says why.
    plan: Option<PlanJson<'a>>,
    /// Null where the policy does not say what deploys, and where the runs could not be read.
    runs: Option<runs::RunsJson>,
    /// What could not be read, in words.
    unread: Vec<String>,
    /// What was warned about.
    warnings: Vec<WarningJson>,
}

#[derive(Serialize, JsonSchema)]
struct EnvironmentJson {
    /// The environment.
    environment: String,
    /// `whole`, `broken` or `unknown`.
    current_is: &'static str,
    /// As in `tags list`.
    list: list::ListJson,
    /// As in `tags rollback-target`.
    rollback: rollback_target::RollbackJson,
    /// Null if it is not known which release is current.
    verification: Option<verify::VerifyJson>,
    /// The releases that the plan keeps for a rollback; none if it is of another policy.
    rollback_floor: Vec<String>,
    /// Moves of the latest tags that this machine has on record.
    moves: Vec<MoveJson>,
}

#[derive(Serialize, JsonSchema)]
struct MoveJson {
    /// `rollback` or `promote`.
    command: &'static str,
    /// When it began, RFC 3339.
    time: String,
    /// The release that the latest tags moved to.
    to: String,
}

#[derive(Serialize, JsonSchema)]
struct PlanJson<'a> {
    /// When the plan was made, RFC 3339.
    created: String,
    /// The plan file, if the plan is not a new one.
    file: Option<&'a str>,
    /// Whether it was made with the policy file that is used. If not, it says nothing of this policy.
    of_this_policy: bool,
    /// Counts over the manifests.
    totals: TotalsJson,
    /// The environments of the plan.
    environments: Vec<KeptJson<'a>>,
    /// What stays and goes of each repository.
    repositories: Vec<RepositoryJson>,
    /// The plan by decision and reason.
    reasons: Vec<ReasonJson>,
    /// Each repository, and whether it was read completely.
    coverage: Vec<CoverageJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct RepositoryJson {
    /// `host/path`.
    repository: String,
    /// The registry's name in the policy.
    registry: String,
    /// The image; null if the policy knows none.
    image: Option<String>,
    /// Whether it was read completely.
    complete: bool,
    /// What stays.
    keep: AmountJson,
    /// What goes.
    delete: AmountJson,
    /// How many manifests stay and lose a tag.
    untag: usize,
}

#[derive(Serialize, JsonSchema)]
struct ReasonJson {
    /// `keep`, `untag` or `delete`.
    decision: &'static str,
    /// The code.
    code: &'static str,
    /// How many.
    manifests: usize,
    /// Their size.
    bytes: u64,
}

#[derive(Serialize, JsonSchema)]
struct AmountJson {
    /// How many.
    manifests: usize,
    /// Their size.
    bytes: u64,
}

#[derive(Serialize, JsonSchema)]
struct WarningJson {
    /// What was found, in words.
    message: String,
    /// What to do about it.
    hint: Option<String>,
}

/// `tags report` as JSON.
pub(super) fn overview(overview: &Overview) -> OverviewJson<'_> {
    OverviewJson {
        at: time(overview.now),
        environments: overview.environments.iter().map(|of| environment(overview, of)).collect(),
        plan: overview.plan.as_ref().ok().map(|cleanup| {
            let plan = &cleanup.plan;
            PlanJson {
                created: time(plan.created),
                file: cleanup.plan_file.as_deref(),
                of_this_policy: overview.foreign_plan.is_none(),
                totals: plan.totals().into(),
                environments: plan.environments.iter().map(kept).collect(),
                repositories: grouping::repositories(plan).iter().map(repository).collect(),
                reasons: reasons(plan).iter().map(reason).collect(),
                coverage: plan.coverage.iter().map(CoverageJson::from).collect(),
            }
        }),
        runs: overview.runs.as_ref().and_then(|of| of.as_ref().ok()).map(runs::runs),
        unread: unread(overview),
        warnings: overview.warnings.iter().map(warning).collect(),
    }
}

fn environment(overview: &Overview, of: &EnvironmentOverview) -> EnvironmentJson {
    EnvironmentJson {
        environment: of.name().to_string(),
        current_is: of.wholeness().as_str(),
        list: list::list(&of.listing),
        rollback: rollback_target::rollback_target(&of.target),
        verification: of.verification.as_ref().map(verify::verify),
        rollback_floor: overview.floor(of).iter().map(ToString::to_string).collect(),
        moves: of.moves.iter().map(moved).collect(),
    }
}

fn moved(of: &RecordedMove) -> MoveJson {
    MoveJson { command: of.command.as_str(), time: time(of.time), to: of.to.to_string() }
}

fn repository(share: &RepositoryShare<'_>) -> RepositoryJson {
    RepositoryJson {
        repository: share.repository.to_string(),
        registry: share.repository.registry.to_string(),
        image: share.image.map(ToString::to_string),
        complete: share.is_whole,
        keep: amount(share.kept),
        delete: amount(share.deleted),
        untag: share.untagged,
    }
}

fn amount(amount: Amount) -> AmountJson {
    AmountJson { manifests: amount.manifests, bytes: amount.bytes }
}

fn reason(of: &ReasonAmount) -> ReasonJson {
    ReasonJson {
        decision: of.decision,
        code: of.code.as_str(),
        manifests: of.amount.manifests,
        bytes: of.amount.bytes,
    }
}

fn warning(of: &ReadWarning) -> WarningJson {
    WarningJson { message: of.text.clone(), hint: of.hint.clone() }
}

/// Everything that could not be read, with its reason.
fn unread(overview: &Overview) -> Vec<String> {
    overview.unread().into_iter().map(|(what, why)| format!("{what}: {}", why.message)).collect()
}
