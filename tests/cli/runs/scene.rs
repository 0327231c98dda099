//! Registries, and a pipeline on an embedded GitHub that deployed what is in them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::model::Conclusion::Success;
use tags::sandbox::github::{EmbeddedGitHub, GitHubSettings, Pipeline, PipelineRun};

use crate::support::github;
use crate::support::program::{Run, now};
use crate::world::{NEW, World};

pub(crate) const DEPLOY: &str = "deploy-prod / Deploy backend";
pub(crate) const MIGRATE: &str = "deploy-prod / Run migrations";

/// A line that must not get anywhere.
pub(crate) const LINE: &str = "a line of a log that nobody may see";

/// Registries with three releases, and a pipeline that deployed them.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) github: EmbeddedGitHub,
    pub(crate) pipeline: Pipeline,
}

impl Scene {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self::with(github::settings(pipeline))
    }

    pub(crate) fn with(settings: GitHubSettings) -> Self {
        let pipeline = settings.pipeline.clone();
        let github = github::start(settings, now());
        let deploys = format!(
            "{}\n[environment.prod.deploys]\nworkflows = [\"main-pipeline.yml\"]\njobs = [\"deploy-prod / Deploy *\"]\nmigrate-jobs = [\"*igrat*\"]\n",
            github::table(&github)
        );
        let world = World::filled().policy(|text| text + &deploys);
        Self { world, github, pipeline }
    }

    pub(crate) fn policy(self, change: impl FnOnce(String) -> String) -> Self {
        Self { world: self.world.policy(change), ..self }
    }

    pub(crate) fn tags(&self, arguments: &[&str]) -> Run {
        self.world.run(arguments, |command| command.env("GITHUB_TOKEN", github::TOKEN))
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.tags(&[&["runs", "--format", "json"], arguments].concat());
        (run.code, run.json())
    }

    /// What GitHub was asked of runs since the last time, without the query. The search for a rollback
    /// target also asks for the records of releases, which are deployments.
    pub(crate) fn asked(&self) -> Vec<String> {
        let path = |line: String| {
            let line = line.split('?').next().unwrap_or_default().to_owned();
            line.replace("GET /repos/acme/app/actions/", "")
        };
        let asked = github::asked(&self.github).into_iter();
        let asked = asked.filter(|line| line.contains("/actions/")).map(path).collect();
        self.github.api().clear_requests();
        asked
    }

    pub(crate) fn settled(&self, text: &str) -> String {
        self.world.settled(text).replace(&self.github.api().addr().to_string(), "GITHUB")
    }
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-01-10T10:00:00Z".parse().expect("a time")
}

/// What `docker pull` prints of both images by a tag. Their names are masked, as secrets are.
pub(crate) fn pulls(tag: &str) -> String {
    let status = |image: &str| {
        format!(
            "2026-01-10T10:04:00.1234567Z Status: Image is up to date for ***/acme/{image}:{tag}\n"
        )
    };
    let (backend, frontend) = (status("backend"), status("frontend"));
    format!("\u{feff}2026-01-10T10:04:00.0000000Z {LINE}\n{backend}{frontend}")
}

/// A run some hours after the first that migrated and deployed this commit.
pub(crate) fn good(hour: i64, sha: &str) -> PipelineRun {
    PipelineRun::push(sha, start() + TimeDelta::hours(hour))
        .job("build", 60, Success)
        .job(MIGRATE, 120, Success)
        .job(DEPLOY, 180, Success)
        .log(&pulls(&format!("***-{sha}")))
}

/// Thirty good runs, the last one of the newest release.
pub(crate) fn thirty() -> Pipeline {
    let pipeline = Pipeline::default();
    for hour in 0..30 {
        let sha = match hour {
            29 => NEW.to_owned(),
            hour => format!("{hour:040x}"),
        };
        pipeline.add(good(hour, &sha));
    }
    pipeline
}

pub(crate) fn codes(json: &Value) -> Vec<&str> {
    let findings = json["findings"].as_array().expect("a list");
    findings.iter().map(|finding| finding["code"].as_str().expect("a code")).collect()
}
