//! `tags report` as JSON: the values of the page.

use serde::Serialize;

use super::cleanup::{EnvironmentJson as KeptJson, environment as kept};
use super::{list, rollback_target, runs, time, verify};
use crate::report::figures::{ReasonAmount, reasons};
use crate::report::grouping::{self, Amount, RepositoryShare};
use crate::report::{EnvironmentOverview, Overview, ReadWarning, RecordedMove};
use crate::retention::plan_file::wire::{CoverageJson, TotalsJson};

#[derive(Serialize)]
struct OverviewJson<'a> {
    /// The time that ages are counted to.
    at: String,
    environments: Vec<EnvironmentJson>,
    /// None if no plan could be made; `warnings` then say why.
    plan: Option<PlanJson<'a>>,
    /// None where the policy does not say what deploys, and where the runs could not be read.
    runs: Option<runs::RunsJson>,
    /// What could not be read, in words.
    unread: Vec<String>,
    warnings: Vec<WarningJson>,
}

#[derive(Serialize)]
struct EnvironmentJson {
    environment: String,
    /// `whole`, `broken` or `unknown`.
    current_is: &'static str,
    list: list::ListJson,
    rollback: rollback_target::RollbackJson,
    /// None if it is not known which release is current.
    verification: Option<verify::VerifyJson>,
    rollback_floor: Vec<String>,
    moves: Vec<MoveJson>,
}

#[derive(Serialize)]
struct MoveJson {
    command: &'static str,
    time: String,
    to: String,
}

#[derive(Serialize)]
struct PlanJson<'a> {
    created: String,
    /// The plan file, if the plan is not a new one.
    file: Option<&'a str>,
    totals: TotalsJson,
    environments: Vec<KeptJson<'a>>,
    repositories: Vec<RepositoryJson>,
    reasons: Vec<ReasonJson>,
    coverage: Vec<CoverageJson<'a>>,
}

#[derive(Serialize)]
struct RepositoryJson {
    repository: String,
    registry: String,
    image: Option<String>,
    complete: bool,
    keep: AmountJson,
    delete: AmountJson,
    untag: usize,
}

#[derive(Serialize)]
struct ReasonJson {
    decision: &'static str,
    code: &'static str,
    manifests: usize,
    bytes: u64,
}

#[derive(Serialize)]
struct AmountJson {
    manifests: usize,
    bytes: u64,
}

#[derive(Serialize)]
struct WarningJson {
    message: String,
    hint: Option<String>,
}

/// `tags report` as JSON.
pub(super) fn overview(overview: &Overview) -> impl Serialize {
    OverviewJson {
        at: time(overview.now),
        environments: overview.environments.iter().map(|of| environment(overview, of)).collect(),
        plan: overview.plan.as_ref().ok().map(|cleanup| {
            let plan = &cleanup.plan;
            PlanJson {
                created: time(plan.created),
                file: cleanup.plan_file.as_deref(),
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
