//! `tags runs` as JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::time;
use crate::pipeline::{JobEvidence, JudgedRun, Rates, RunFinding, Split, Stage};
use crate::report::{EnvironmentRuns, RollbackState, Runs};

#[derive(Serialize)]
pub(super) struct RunsJson {
    environments: Vec<EnvironmentJson>,
    findings: Vec<FindingJson>,
    unread: Vec<String>,
}

#[derive(Serialize)]
struct EnvironmentJson {
    environment: String,
    runs: Vec<RunJson>,
    rates: RatesJson,
    split: Option<SplitJson>,
    rollback_target: Option<String>,
}

#[derive(Serialize)]
struct RunJson {
    id: u64,
    attempt: u32,
    sha: Option<String>,
    conclusion: &'static str,
    url: String,
    started: String,
    migrate: Option<StageJson>,
    deploy: Option<StageJson>,
    evidence: Vec<EvidenceJson>,
}

#[derive(Serialize)]
struct StageJson {
    seconds: u64,
    conclusion: &'static str,
}

#[derive(Serialize)]
struct EvidenceJson {
    job: String,
    kind: &'static str,
    reference: String,
    digest: Option<String>,
}

#[derive(Serialize)]
struct RatesJson {
    runs: usize,
    failed: usize,
    migrate_failed: usize,
}

#[derive(Serialize)]
struct SplitJson {
    at: String,
    before: RatesJson,
    after: RatesJson,
    /// By how much the shares grew, from -1 to 1.
    failed_difference: Option<f64>,
    migrate_failed_difference: Option<f64>,
}

#[derive(Serialize)]
struct FindingJson {
    code: &'static str,
    severity: &'static str,
    environment: String,
    run: Option<u64>,
    message: String,
    hint: Option<String>,
}

/// `tags runs` as JSON.
pub(super) fn runs(runs: &Runs) -> RunsJson {
    RunsJson {
        environments: runs.environments.iter().map(environment).collect(),
        findings: runs.findings().into_iter().map(finding).collect(),
        unread: runs.unread.iter().map(|unread| unread.what.clone()).collect(),
    }
}

fn environment(of: &EnvironmentRuns) -> EnvironmentJson {
    EnvironmentJson {
        environment: of.environment.to_string(),
        runs: of.verdict.runs.iter().map(run).collect(),
        rates: rates(of.verdict.rates),
        split: of.split.as_ref().map(split),
        rollback_target: match &of.rollback {
            RollbackState::Target(sha) => Some(sha.to_string()),
            RollbackState::None(_) | RollbackState::Unknown => None,
        },
    }
}

fn run(run: &JudgedRun) -> RunJson {
    RunJson {
        id: run.id.0,
        attempt: run.attempt,
        sha: run.sha.as_ref().map(ToString::to_string),
        conclusion: run.conclusion.as_str(),
        url: run.url.clone(),
        started: utc(run.started),
        migrate: run.migrate.as_ref().map(stage),
        deploy: run.deploy.as_ref().map(stage),
        evidence: run.evidence.iter().map(evidence).collect(),
    }
}

fn utc(moment: DateTime<Utc>) -> String {
    time(moment)
}

fn stage(stage: &Stage) -> StageJson {
    StageJson { seconds: stage.seconds.unwrap_or(0), conclusion: stage.conclusion.as_str() }
}

fn evidence(of: &JobEvidence) -> EvidenceJson {
    EvidenceJson {
        job: of.job.clone(),
        kind: of.evidence.kind.as_str(),
        reference: of.evidence.reference.to_string(),
        digest: of.evidence.digest.as_ref().map(ToString::to_string),
    }
}

fn rates(rates: Rates) -> RatesJson {
    RatesJson { runs: rates.runs, failed: rates.failed, migrate_failed: rates.migrate_failed }
}

fn split(split: &Split) -> SplitJson {
    SplitJson {
        at: utc(split.at),
        before: rates(split.before),
        after: rates(split.after),
        failed_difference: split.failure_difference(),
        migrate_failed_difference: split.migrate_failure_difference(),
    }
}

fn finding(finding: &RunFinding) -> FindingJson {
    FindingJson {
        code: finding.code.as_str(),
        severity: finding.code.severity().as_str(),
        environment: finding.environment.to_string(),
        run: finding.run.map(|run| run.0),
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    }
}
