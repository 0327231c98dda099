//! Judges the runs of an environment: each by itself, its logs, and all together by their rates.

use std::collections::BTreeMap;

use super::candidate::named_sha;
use super::image_finding::judge_logs;
use super::judged_run::JudgedRun;
use super::log::RunLogs;
use super::rates::{FEW, Rates, percent, share};
use super::run_finding::{RunCode, RunFinding};
use super::stage::{Attempt, deploy_stage, migrate_stage};
use super::stage_finding::{Remark, StageJobs, slow_deployment};
use crate::model::{Conclusion, RunId};
use crate::policy::{Deploys, Environment, RunLimits};

/// What an environment's runs are judged by.
pub struct RunsInput<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// Which of its jobs do what.
    pub deploys: &'a Deploys,
    /// The runs.
    pub attempts: &'a [Attempt],
    /// What was read of the logs of some of them.
    pub logs: &'a BTreeMap<RunId, RunLogs>,
    /// Which runs these are.
    pub scope: RunScope,
}

/// Which runs are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunScope {
    /// The newest ones, by their rates, too.
    Newest,
    /// One that was named; it has no rate.
    One,
}

/// The runs of an environment after they were judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunsVerdict {
    /// The runs, newest first.
    pub runs: Vec<JudgedRun>,
    /// How many of them count, and failed.
    pub rates: Rates,
    /// What is wrong: errors first, about all runs before single ones, newest first.
    pub findings: Vec<RunFinding>,
}

/// Judges the runs of an environment.
#[must_use]
pub fn judge_runs(input: &RunsInput<'_>) -> RunsVerdict {
    let mut attempts: Vec<&Attempt> = input.attempts.iter().collect();
    attempts.sort_by_key(|attempt| std::cmp::Reverse((attempt.run.created, attempt.run.id)));
    let (mut runs, mut findings) = (Vec::new(), Vec::new());
    for attempt in attempts {
        let (run, remarks) = judge_run(input, attempt);
        findings.extend(remarks.into_iter().map(|remark| finding(input, Some(run.id), remark)));
        runs.push(run);
    }
    let rates = Rates::of(runs.iter());
    let all = match input.scope {
        RunScope::Newest => judge_rates(rates, &input.environment.run_limits),
        RunScope::One => Vec::new(),
    };
    let all = all.into_iter().map(|remark| finding(input, None, remark));
    let mut findings: Vec<RunFinding> = all.chain(findings).collect();
    findings.sort_by_key(|finding| finding.code.severity());
    RunsVerdict { runs, rates, findings }
}

fn finding(input: &RunsInput<'_>, run: Option<RunId>, remark: Remark) -> RunFinding {
    let Remark { code, message, hint } = remark;
    RunFinding { code, environment: input.environment.name.clone(), run, message, hint }
}

fn judge_run(input: &RunsInput<'_>, attempt: &Attempt) -> (JudgedRun, Vec<Remark>) {
    let RunsInput { environment, deploys, .. } = input;
    let (run, limits) = (&attempt.run, &environment.run_limits);
    let jobs = StageJobs::of(attempt, deploys);
    let migrate = migrate_stage(&jobs.migrate);
    let deploy = deploy_stage(attempt, &jobs.deploy);
    let migrations = jobs.migrations(deploys, limits, migrate.as_ref());
    let is_failure =
        |remark: &Remark| matches!(remark.code, RunCode::MigrateKilled | RunCode::MigrateFailed);
    let migrate_failed = migrations.as_ref().is_some_and(is_failure);
    let mut remarks: Vec<Remark> = migrations.into_iter().chain(jobs.order()).collect();
    remarks.extend(slow_deployment(deploy.as_ref(), limits));
    let sha = named_sha(deploys, run);
    let (evidence, of_logs) = match input.logs.get(&run.id) {
        Some(logs) => judge_logs(environment, sha.as_ref(), logs),
        None => (Vec::new(), Vec::new()),
    };
    remarks.extend(of_logs);
    let judged = JudgedRun {
        id: run.id,
        attempt: run.attempt,
        sha,
        conclusion: run.state.conclusion().unwrap_or(Conclusion::Other),
        url: run.url.clone(),
        created: run.created,
        started: run.started,
        migrate,
        deploy,
        migrate_failed,
        evidence,
    };
    (judged, remarks)
}

fn judge_rates(rates: Rates, limits: &RunLimits) -> Vec<Remark> {
    if rates.runs < FEW {
        let message = format!(
            "only {} of the runs count, and under {FEW} no failure rate is judged",
            rates.runs
        );
        let hint = "`--last N` reads more runs; cancelled and skipped ones do not count";
        return vec![Remark::new(RunCode::FewRuns, message, hint)];
    }
    let all = [
        (RunCode::FailureRate, "runs failed", rates.failed, limits.max_failure_rate),
        (
            RunCode::MigrateFailureRate,
            "runs had a migration that failed",
            rates.migrate_failed,
            limits.max_migrate_failure_rate,
        ),
    ];
    let over = all.into_iter().filter(|(_, _, failed, limit)| is_over(*failed, rates.runs, *limit));
    let remark = |(code, what, failed, limit): (RunCode, &str, usize, f64)| {
        let message = format!(
            "{failed} of {} {what} ({}), the limit is {}",
            rates.runs,
            percent(share(failed, rates.runs).unwrap_or(0.0)),
            percent(limit)
        );
        let hint = "`--split SHA` shows whether a change made it worse";
        Remark::new(code, message, hint)
    };
    over.map(remark).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of runs are small")]
fn is_over(failed: usize, runs: usize, limit: f64) -> bool {
    // Of 20 runs one is exactly 5 %, whatever binary fractions say.
    failed as f64 > limit * runs as f64 + 1e-9
}
