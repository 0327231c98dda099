//! Runs from a few words: every run succeeded in time unless something is said of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Conclusion, Job, JobId, Run, RunId, RunState, Sha};
use tags::pipeline::evidence::LogReader;
use tags::pipeline::{
    Attempt, JobLog, JobRole, LogRead, RunLogs, RunScope, RunsInput, RunsVerdict, judge_runs,
};
use tags::policy::{self, Environment};

pub(crate) const SHA: &str = "1111111111111111111111111111111111111111";
pub(crate) const OTHER: &str = "2222222222222222222222222222222222222222";

pub(crate) const DEPLOY: &str = "deploy-prod / Deploy backend";
pub(crate) const MIGRATE: &str = "deploy-prod / Run migrations";

/// When the first run began.
fn beginning() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().expect("a time")
}

/// An environment `prod` with two images in two registries; `extra` goes into its table.
pub(crate) fn environment(extra: &str) -> Environment {
    let text = format!(
        r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
mirrors = ["mirror.example.com/do"]
[registry.ghcr]
kind = "ghcr"
namespace = "acme-org"
[image.backend]
repositories = {{ docr = "backend", ghcr = "backend" }}
[image.frontend]
repositories = {{ docr = "frontend", ghcr = "frontend" }}
[github]
repository = "acme/shop"
[environment.prod]
branch = "main"
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
{extra}
[environment.prod.deploys]
workflows = ["pipeline.yml"]
jobs = ["deploy-prod / Deploy *"]
migrate-jobs = ["*igrat*"]
"#
    );
    let policy = policy::parse("scene.toml", &text).expect("a valid policy");
    policy.environments.into_values().next().expect("one environment")
}

/// A run that migrated in two minutes, and then deployed in three.
pub(crate) fn run(number: u64) -> Attempt {
    let began = beginning() + TimeDelta::hours(i64::try_from(number).expect("a small number"));
    let run = Run {
        id: RunId(number),
        attempt: 1,
        workflow: "pipeline.yml".to_owned(),
        head_sha: Sha::parse(SHA).expect("a SHA"),
        branch: Some("main".to_owned()),
        event: "push".to_owned(),
        title: "Deploy".to_owned(),
        state: RunState::Completed(Conclusion::Success),
        created: began,
        started: began,
        updated: began + TimeDelta::minutes(10),
        url: format!("https://github.com/acme/shop/actions/runs/{number}"),
    };
    Attempt { run, jobs: Vec::new() }
        .job("build", Conclusion::Success, (10, 100))
        .job(MIGRATE, Conclusion::Success, (120, 240))
        .job(DEPLOY, Conclusion::Success, (250, 430))
}

/// What is said of a run.
pub(crate) trait Said: Sized {
    /// A job with its end, and its times in seconds from the beginning of the run. It replaces one of
    /// the same name.
    fn job(self, name: &str, end: Conclusion, times: (i64, i64)) -> Self;
    /// No job of this name.
    fn without(self, name: &str) -> Self;
    /// How the run ended.
    fn ended(self, end: Conclusion) -> Self;
    /// A second attempt that began so many seconds after the first.
    fn again_after(self, seconds: i64) -> Self;
}

impl Said for Attempt {
    fn job(mut self, name: &str, end: Conclusion, (from, to): (i64, i64)) -> Self {
        let began = self.run.created;
        let at = |seconds| Some(began + TimeDelta::seconds(seconds));
        self = self.without(name);
        self.jobs.push(Job {
            id: JobId(
                self.jobs.iter().map(|job| job.id.0).max().unwrap_or(self.run.id.0 * 100) + 1,
            ),
            attempt: self.run.attempt,
            name: name.to_owned(),
            state: RunState::Completed(end),
            started: at(from),
            completed: at(to),
            url: None,
        });
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.jobs.retain(|job| job.name != name);
        self
    }

    fn ended(mut self, end: Conclusion) -> Self {
        self.run.state = RunState::Completed(end);
        self
    }

    fn again_after(mut self, seconds: i64) -> Self {
        self.run.attempt += 1;
        self.run.started = self.run.created + TimeDelta::seconds(seconds);
        self
    }
}

/// Twelve runs, of which the newest is this one.
pub(crate) fn after_others(newest: Attempt) -> Vec<Attempt> {
    assert!(newest.run.id.0 > 11);
    (1..12).map(run).chain([newest]).collect()
}

/// Judges the newest runs.
pub(crate) fn judge(environment: &Environment, attempts: &[Attempt]) -> RunsVerdict {
    judge_with_logs(environment, attempts, &BTreeMap::new())
}

pub(crate) fn judge_with_logs(
    environment: &Environment,
    attempts: &[Attempt],
    logs: &BTreeMap<RunId, RunLogs>,
) -> RunsVerdict {
    let deploys = environment.deploys.as_ref().expect("deploys");
    let scope = RunScope::Newest;
    judge_runs(&RunsInput { environment, deploys, attempts, logs, scope })
}

/// The codes of the findings, each with its run if it has one.
pub(crate) fn codes(verdict: &RunsVerdict) -> Vec<(&'static str, Option<u64>)> {
    let code = |finding: &tags::pipeline::RunFinding| {
        (finding.code.as_str(), finding.run.map(|run| run.0))
    };
    verdict.findings.iter().map(code).collect()
}

/// The log of a job, read as a whole.
pub(crate) fn log(job: &str, role: JobRole, text: &str) -> JobLog {
    let mut reader = LogReader::default();
    reader.read(text.as_bytes());
    JobLog { job: job.to_owned(), role, log: LogRead::Whole(reader.finish()) }
}

/// The findings in the logs of one run of the commit [`SHA`].
pub(crate) fn findings_of_logs(environment: &Environment, logs: Vec<JobLog>) -> RunsVerdict {
    let logs = BTreeMap::from([(RunId(12), RunLogs { logs, tags: BTreeMap::new() })]);
    judge_with_logs(environment, &after_others(run(12)), &logs)
}
