//! The order `deployed`: what `rollback-target`, `list`, `explain`, `cleanup` and moves make of the runs of
//! a pipeline.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::model::Conclusion::{Failure, Skipped, Success};
use tags::sandbox::github::{
    EmbeddedGitHub, GitHubSettings, Pipeline, PipelineRun, Right, Visibility,
};

use crate::moves::scene::{guards, latest, puts, stock};
use crate::support::github;
use crate::support::program::{Run, now};
use crate::world::{MID, NEW, OLD, World};

const DEPLOY: &str = "deploy-prod / Deploy backend";

const DEPLOYS: &str = "[environment.prod.deploys]\nworkflows = [\"main-pipeline.yml\", \"hotfix.yml\"]\njobs = [\"deploy-prod / Deploy *\"]\n";

const UAT: &str = "[environment.uat]\nbranch = \"main\"\nsha-tag = \"uat-{sha}\"\nlatest-tag = \"uat-latest\"\norder = \"deployed\"\n";

/// Registries with three releases, and the pipeline that deployed them.
struct Scene {
    world: World,
    github: EmbeddedGitHub,
    pipeline: Pipeline,
}

impl Scene {
    fn new(pipeline: &Pipeline) -> Self {
        Self::with(github::settings(pipeline))
    }

    fn with(settings: GitHubSettings) -> Self {
        Self::of(World::filled(), settings)
    }

    fn of(world: World, settings: GitHubSettings) -> Self {
        let pipeline = settings.pipeline.clone();
        let github = github::start(settings, now());
        let table = github::table(&github);
        pipeline.add_workflow("hotfix.yml");
        let world = world.policy(|text| {
            text.replace("order = \"built\"", "order = \"deployed\"") + &table + DEPLOYS
        });
        Self { world, github, pipeline }
    }

    fn policy(self, change: impl FnOnce(String) -> String) -> Self {
        Self { world: self.world.policy(change), ..self }
    }

    fn tags(&self, arguments: &[&str]) -> Run {
        self.world.run(arguments, |command| command.env("GITHUB_TOKEN", github::TOKEN))
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.tags(&[arguments, &["--format", "json"]].concat());
        (run.code, run.json())
    }

    /// What GitHub was asked since the last time: the ends of the paths, sorted.
    fn asked(&self) -> Vec<String> {
        let end = |line: String| {
            let path = line.split('?').next().unwrap_or_default().to_owned();
            path.rsplit('/').next().unwrap_or_default().to_owned()
        };
        let mut asked: Vec<String> = github::asked(&self.github).into_iter().map(end).collect();
        self.github.api().clear_requests();
        asked.sort();
        asked
    }
}

/// A run so many days ago.
fn run(days: i64, sha: &str) -> PipelineRun {
    PipelineRun::push(sha, ago(days)).job("build", 60, Success)
}

fn ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days) + TimeDelta::hours(1)
}

fn good(days: i64, sha: &str) -> PipelineRun {
    run(days, sha).job(DEPLOY, 60, Success)
}

/// Deployed, and its smoke test failed.
fn smoke(days: i64, sha: &str) -> PipelineRun {
    good(days, sha).job("smoke test", 60, Failure)
}

fn pipeline(runs: impl IntoIterator<Item = PipelineRun>) -> Pipeline {
    let pipeline = Pipeline::default();
    for run in runs {
        pipeline.add(run);
    }
    pipeline
}

/// The middle release did not pass its smoke test.
fn bad_middle() -> Pipeline {
    pipeline([good(3, OLD), smoke(2, MID), good(1, NEW)])
}

#[test]
fn the_target_was_deployed_before_and_is_known_to_be_good() {
    let scene = Scene::new(&bad_middle());
    let run = scene.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.trim()), (0, OLD), "{run:?}");
    assert!(run.stderr.contains(&format!("skipped  {MID}  deploy-failed: run 900")), "{run:?}");
    let (code, json) = scene.json(&["rollback-target", "prod"]);
    assert_eq!((code, &json["order"]), (0, &"deployed".into()), "{json}");
    assert_eq!(json["skipped"][0]["code"], "deploy-failed");

    // By push times the middle one is a release like any other.
    let (code, json) = scene.json(&["rollback-target", "prod", "--order", "pushed"]);
    assert_eq!((code, &json["order"]), (0, &"pushed".into()));
    assert_eq!(json["target"]["sha"], MID);
}

/// Runs that deploy nothing, between an old one and the newest two.
fn behind_the_first_page(old: PipelineRun) -> Pipeline {
    let others = (0..110).map(|_| run(4, NEW).branch("feature"));
    pipeline([old].into_iter().chain(others).chain([good(3, MID), good(1, NEW)]))
}

#[test]
fn an_old_run_that_is_run_again_refuses_a_move_although_the_first_page_lacks_it() {
    let old = good(20, OLD).again(ago(0) - TimeDelta::hours(2)).running(DEPLOY);
    let scene = Scene::new(&behind_the_first_page(old));
    let (code, json) = scene.json(&["rollback", "prod", "--to", MID]);
    assert_eq!((code, guards(&json)), (5, vec!["deploy-running"]), "{json}");
}

#[test]
fn a_target_by_the_first_page_says_that_older_runs_were_not_read() {
    let scene = Scene::new(&behind_the_first_page(good(20, OLD)));
    let run = scene.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.trim()), (0, MID), "{run:?}");
    assert!(run.stderr.contains("were not read; one that was run again"), "{run:?}");
    let scene = Scene::new(&pipeline([good(20, OLD), good(3, MID), good(1, NEW)]));
    let run = scene.tags(&["rollback-target", "prod"]);
    assert!(!run.stderr.contains("were not read"), "{run:?}");
}

#[test]
fn an_answer_costs_the_first_page_of_each_workflow_and_the_jobs_of_the_newest_runs_once() {
    let runs = (0..30).map(|hour| run(20 - hour / 4, &format!("{hour:040x}")));
    let pipeline = pipeline(runs);
    for run in [good(3, OLD), good(2, MID), good(1, NEW)] {
        pipeline.add(run);
    }
    let scene = Scene::new(&pipeline);
    assert_eq!(scene.tags(&["rollback-target", "prod"]).stdout.trim(), MID);
    let (pages, records) = (["runs", "runs"], ["deployments"]);
    let jobs = ["jobs", "jobs", "jobs"];
    assert_eq!(scene.asked(), [&records[..], &jobs, &pages].concat(), "cold");
    assert_eq!(scene.tags(&["rollback-target", "prod"]).stdout.trim(), MID);
    assert_eq!(scene.asked(), [&records[..], &pages].concat(), "warm");
}

#[test]
fn list_says_what_was_deployed_when_and_how_it_ended() {
    let scene = Scene::new(&bad_middle());
    let (code, json) = scene.json(&["list", "prod"]);
    let deployed = |index: usize| &json["releases"][index]["deployed"];
    assert_eq!(code, 0, "{json}");
    let results: Vec<&Value> = (0..3).map(|index| &deployed(index)["result"]).collect();
    assert_eq!(results, ["ok", "failed", "ok"]);
    assert_eq!(deployed(0)["source"], "run");
    let url = deployed(0)["url"].as_str().expect("a page");
    assert!(url.contains("/acme/app/actions/runs/900") && deployed(0)["time"].is_string());
    assert_eq!(json["releases"][2]["rollback_target"], true);
    let human = scene.tags(&["list", "prod"]).stdout;
    assert!(human.contains("DEPLOYED") && human.contains("failed"), "{human}");

    // Without `deploys` nothing is asked and nothing is added for scripts that know the old form.
    let without = World::filled();
    let json = without.tags(&["list", "prod", "--format", "json"]).json();
    assert_eq!(json["releases"][0]["deployed"], Value::Null);
    assert!(!json["releases"][0].as_object().expect("a release").contains_key("deployed"));
}

#[test]
fn without_a_release_that_is_known_to_be_good_there_is_no_target_and_no_other_order() {
    let skipped = run(3, OLD).job(DEPLOY, 0, Skipped);
    let scene = Scene::new(&pipeline([skipped, smoke(2, MID), good(1, NEW)]));
    let run = scene.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains("--order pushed"), "{run:?}");
    assert!(run.stderr.contains(&format!("{OLD}  not-deployed")), "{run:?}");
}

#[test]
fn what_github_does_not_tell_ends_every_command_that_needs_it() {
    let retention = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n[protect]\nrollback-depth = 1\nmin-age = \"0s\"\n[limits]\nmax-share = 1.0\n";
    let hidden = Visibility::Hidden;
    let settings = || github::settings(&bad_middle());
    let broken = |fault: &str| {
        let scene = Scene::new(&bad_middle());
        scene.github.api().faults().add(fault.parse().expect("a fault"));
        scene
    };
    for (what, scene, code) in [
        ("no right", Scene::with(settings().without(Right::ActionsRead)), 4),
        ("hidden", Scene::with(GitHubSettings { visibility: hidden, ..settings() }), 4),
        ("500", broken("500@/main-pipeline.yml/runs*always"), 3),
        ("half a page", broken("cut@/main-pipeline.yml/runs*always"), 3),
        ("401 for jobs", broken("401@/jobs*always"), 4),
        ("404 for jobs", broken("404@/jobs*always"), 3),
        ("429", broken("429:retry-after=900@/runs*always"), 3),
        ("records", broken("500@/deployments*always"), 3),
    ] {
        let scene = scene.policy(|text| text + retention);
        puts(&scene.world);
        let quick = ["--timeout", "5s"];
        let (ended, json) = scene.json(&[&["rollback-target", "prod"][..], &quick].concat());
        assert_eq!((ended, &json["outcome"]), (code, &"unknown".into()), "{what}: {json}");
        assert_eq!(
            (&json["target"], &json["current"]["sha"]),
            (&Value::Null, &NEW.into()),
            "{what}"
        );
        let (ended, json) = scene.json(&[&["list", "prod"][..], &quick].concat());
        assert_eq!((ended, &json["outcome"]), (code, &"unknown".into()), "{what}: {json}");
        assert_eq!(json["releases"][0]["deployed"]["result"], "unknown", "{what}");
        let before = latest(&scene.world, "prod");
        let run = scene.tags(&[&["rollback", "prod", "--apply", "--yes"][..], &quick].concat());
        assert_eq!((run.code, latest(&scene.world, "prod")), (code, before), "{what}: {run:?}");
        assert_eq!(puts(&scene.world), [""; 0], "{what}");
        let run = scene.tags(&[&["cleanup", "--apply", "--yes"][..], &quick].concat());
        assert_eq!(run.code, code, "{what}: {run:?}");
        let deletions = scene.world.east.requests().into_iter();
        assert_eq!(deletions.filter(|request| request.method == "DELETE").count(), 0, "{what}");
    }
}

#[test]
fn a_move_goes_only_to_what_is_known_to_be_good() {
    let scene = Scene::new(&bad_middle());
    let (code, json) = scene.json(&["rollback", "prod", "--to", MID]);
    assert_eq!((code, guards(&json)), (5, vec!["not-known-good"]), "{json}");
    let message = json["guards"][0]["message"].as_str().expect("a message");
    assert!(message.contains("deployed it, and failed"), "{message}");
    let (code, json) = scene.json(&["rollback", "prod", "--to", OLD]);
    assert_eq!((code, &json["to"]), (0, &OLD.into()), "{json}");
    let (code, json) = scene.json(&["rollback", "prod", "--apply"]);
    assert_eq!((code, latest(&scene.world, "prod")), (0, Some(OLD)), "{json}");
    // What was rolled back from is told as such.
    let run = scene.tags(&["rollback-target", "prod"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains(&format!("{NEW}  rolled-back-from")), "{run:?}");
}

#[test]
fn while_a_run_may_deploy_nothing_is_moved_unless_it_is_meant() {
    let scene = Scene::new(&bad_middle());
    let dispatch = PipelineRun::push(NEW, ago(0)).event("workflow_dispatch");
    let id = scene.pipeline.add(dispatch.waiting("approval"));
    let (code, json) = scene.json(&["rollback", "prod"]);
    assert_eq!((code, guards(&json)), (5, vec!["deploy-running"]), "{json}");
    let message = json["guards"][0]["message"].as_str().expect("a message").to_owned();
    assert!(message.contains(&format!("/actions/runs/{id}")), "{message}");
    scene.asked();
    let (code, json) = scene.json(&["rollback", "prod", "--to", OLD, "--while-running"]);
    assert_eq!((code, guards(&json)), (0, vec![]), "{json}");
    assert_eq!(scene.asked().iter().filter(|end| *end == "runs").count(), 2, "for `to` alone");
    let human = scene.tags(&["rollback", "prod", "--while-running"]);
    assert!(format!("{human:?}").contains("--while-running --apply"), "{human:?}");
    scene.pipeline.change(id, |run| run.finish(60, Success));
    assert_eq!(scene.json(&["rollback", "prod"]).0, 0);
    // A run on another branch does not deploy here.
    scene.pipeline.add(PipelineRun::push(NEW, ago(0)).branch("dev").running("build"));
    assert_eq!(scene.json(&["rollback", "prod"]).0, 0);
}

#[test]
fn a_promotion_asks_the_environment_that_the_release_comes_from() {
    let scene = Scene::of(World::empty(), github::settings(&bad_middle())).policy(|text| {
        let from = "order = \"built\"\npromote-from = [\"uat\"]\n";
        let (uat, deploys) = (UAT, DEPLOYS.replace("prod.", "uat."));
        text.replace("order = \"deployed\"\n", from) + uat + &deploys
    });
    stock(&scene.world);
    let (code, json) = scene.json(&["promote", "uat", "prod", "--sha", MID]);
    assert_eq!((code, guards(&json)), (5, vec!["not-known-good"]), "{json}");
    let (code, json) = scene.json(&["promote", "uat", "prod"]);
    assert_eq!((code, &json["to"], guards(&json)), (0, &NEW.into(), vec![]), "{json}");
}

#[test]
fn explain_tells_each_deployment_of_a_release() {
    let scene = Scene::new(&pipeline([
        good(3, OLD),
        smoke(2, MID).again(ago(1)).job("smoke test", 60, Success),
        good(1, NEW),
    ]));
    let (code, json) = scene.json(&["explain", "prod", MID]);
    assert_eq!((code, json["deployments"][0]["result"].as_str()), (0, Some("ok")), "{json}");
    assert_eq!(json["deployments"].as_array().map(Vec::len), Some(1), "{json}");
    let human = scene.tags(&["explain", "prod", MID]).stdout;
    assert!(human.contains("deployed 20") && human.contains("succeeded"), "{human}");
}

#[test]
fn the_order_deployed_needs_something_to_ask() {
    let world = World::filled();
    let run = world.tags(&["rollback-target", "prod", "--order", "deployed"]);
    assert!(run.code == 2 && run.stderr.contains("[github]"), "{run:?}");
    let run = world.tags(&["list", "prod", "--order", "alphabet"]);
    assert_eq!(run.code, 2, "{run:?}");
}
