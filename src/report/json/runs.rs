//! `tags runs` as JSON.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::time;
use crate::pipeline::{JobEvidence, JudgedRun, Rates, RunFinding, Split, Stage};
use crate::report::{EnvironmentRuns, RollbackState, Runs};

#[derive(Serialize, JsonSchema)]
pub(super) struct RunsJson {
    /// The environments, by name.
    environments: Vec<EnvironmentJson>,
    /// What is wrong, errors first.
    findings: Vec<FindingJson>,
    /// What could not be read.
    unread: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct EnvironmentJson {
    /// The environment.
    environment: String,
    /// The runs, newest first.
    runs: Vec<RunJson>,
    /// How many of them failed.
    rates: RatesJson,
    /// The rates before and since a change; null if that was not asked for.
    split: Option<SplitJson>,
    /// The release to roll back to; null if there is none, or it is not known.
    rollback_target: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct RunJson {
    /// Its number.
    id: u64,
    /// The attempt that was judged.
    attempt: u32,
    /// The commit that it built; null if it names none.
    sha: Option<String>,
    /// How it ended, in GitHub's words.
    conclusion: &'static str,
    /// Its page.
    url: String,
    /// When the attempt began, RFC 3339.
    started: String,
    /// Its migrations; null if no job matches.
    migrate: Option<StageJson>,
    /// Its deployment; null if no job matches.
    deploy: Option<StageJson>,
    /// The images that it pulled and pushed, by its logs.
    evidence: Vec<EvidenceJson>,
}

#[derive(Serialize, JsonSchema)]
struct StageJson {
    /// How long it took.
    seconds: u64,
    /// How it ended, in GitHub's words.
    conclusion: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct EvidenceJson {
    /// The name of the job.
    job: String,
    /// `pull` or `push`.
    kind: &'static str,
    /// The image, as the log names it.
    reference: String,
    /// Its digest, if the log names it.
    digest: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct RatesJson {
    /// The runs that count.
    runs: usize,
    /// How many of them failed.
    failed: usize,
    /// In how many of them the migrations failed.
    migrate_failed: usize,
}

#[derive(Serialize, JsonSchema)]
struct SplitJson {
    /// The change, RFC 3339.
    at: String,
    /// Before it.
    before: RatesJson,
    /// Since then.
    after: RatesJson,
    /// By how much the shares grew, from -1 to 1.
    failed_difference: Option<f64>,
    /// The same of the migrations.
    migrate_failed_difference: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct FindingJson {
    /// The code.
    code: &'static str,
    /// `error` or `warning`.
    severity: &'static str,
    /// The environment.
    environment: String,
    /// The number of the run; null if it is about all.
    run: Option<u64>,
    /// What was found, in words.
    message: String,
    /// What to do about it.
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
