//! `tags runs` against an embedded GitHub and two registries.

pub(crate) mod scene;

use chrono::TimeDelta;
use serde_json::Value;
use tags::model::Conclusion::{Cancelled, Failure, Skipped, Success};
use tags::sandbox::github::{GitHubSettings, Pipeline, PipelineRun, Right, Visibility};

use self::scene::{DEPLOY, LINE, MIGRATE, Scene, codes, good, pulls, start, thirty};
use crate::support::github;
use crate::world::{MID, NEW, OLD, World};

#[test]
fn a_good_pipeline_is_ok_and_warm_it_costs_one_page_and_no_log() {
    let scene = Scene::new(&thirty());
    let (code, json) = scene.json(&["prod"]);
    assert_eq!((code, &json["outcome"], codes(&json)), (0, &"ok".into(), vec![]), "{json}");
    let prod = &json["environments"][0];
    assert_eq!(prod["rates"], serde_json::json!({"runs": 30, "failed": 0, "migrate_failed": 0}));
    assert_eq!(
        (&prod["rollback_target"], prod["runs"][0]["sha"].as_str()),
        (&MID.into(), Some(NEW))
    );
    assert_eq!(
        prod["runs"][0]["migrate"],
        serde_json::json!({"seconds": 120, "conclusion": "success"})
    );
    assert_eq!(prod["runs"][0]["deploy"]["seconds"], 360);
    assert_eq!(prod["runs"][0]["evidence"][0]["kind"], "pull");
    let cold = scene.asked();
    let count = |what: &str| cold.iter().filter(|line| line.ends_with(what)).count();
    assert_eq!((count("main-pipeline.yml/runs"), count("/jobs"), count("/logs")), (1, 30, 3));

    let (_, again) = scene.json(&["prod"]);
    assert_eq!(again, json);
    assert_eq!(scene.asked(), ["workflows/main-pipeline.yml/runs"]);
    // The order of deployments is found in the same page.
    let order = "order = \"built\"";
    let scene = scene.policy(|text| text.replace(order, "order = \"deployed\""));
    let (_, by_deployments) = scene.json(&["prod"]);
    assert_eq!(by_deployments["outcome"], "ok");
    assert_eq!(scene.asked(), ["workflows/main-pipeline.yml/runs"]);
    // More logs are read only where they were not.
    scene.json(&["prod", "--logs", "2"]);
    assert_eq!(scene.asked().iter().filter(|line| line.ends_with("/logs")).count(), 3);
}

/// A pipeline in which much went wrong.
pub(crate) fn bad() -> Pipeline {
    let pipeline = Pipeline::default();
    for hour in 0..9 {
        pipeline.add(good(hour, OLD));
    }
    pipeline
        .add(PipelineRun::push(MID, start() + TimeDelta::hours(9)).job(MIGRATE, 905, Cancelled));
    pipeline.add(
        PipelineRun::push(MID, start() + TimeDelta::hours(10))
            .job(MIGRATE, 60, Failure)
            .log("ERROR: it failed")
            .job(DEPLOY, 0, Skipped),
    );
    pipeline.add(
        PipelineRun::push(NEW, start() + TimeDelta::hours(11))
            .job_at(DEPLOY, (60, 1500), Success)
            .log(&format!("{}ERROR: relation \"x\" already exists\n", pulls("***-latest")))
            .job_at(MIGRATE, (120, 60), Success)
            .again(start() + TimeDelta::hours(12))
            .running("smoke test"),
    );
    // Runs of others.
    pipeline.add(good(13, NEW).branch("development"));
    pipeline.add(good(14, NEW).event("workflow_dispatch"));
    pipeline.add(good(15, NEW).workflow("other.yml"));
    pipeline.add(PipelineRun::push(NEW, start() + TimeDelta::hours(16)).running(MIGRATE));
    pipeline
}

#[test]
fn what_is_wrong_is_told_in_every_format() {
    let scene = Scene::new(&bad());
    let (code, json) = scene.json(&[]);
    assert_eq!((code, &json["outcome"]), (1, &"failed".into()), "{json}");
    let mut found = codes(&json);
    assert_eq!(
        found.drain(..2).collect::<Vec<_>>(),
        ["failure-rate", "migrate-failure-rate"],
        "about all runs before single ones"
    );
    assert_eq!(
        found,
        [
            "deploy-before-migrate",
            "deploy-slow",
            "deploy-by-moving-tag",
            "deploy-by-moving-tag",
            "already-exists",
            "migrate-failed",
            "migrate-killed",
        ]
    );
    for format in ["human", "json", "markdown", "github"] {
        let run = scene.tags(&["runs", "prod", "--format", format, "-v"]);
        assert_eq!(run.code, 1, "{run:?}");
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!all.contains(LINE) && !all.contains(github::TOKEN), "{all}");
    }
    for (name, arguments) in [
        ("runs-human", &["runs"][..]),
        ("runs-json", &["runs", "--format", "json", "--last", "3"]),
        ("runs-markdown", &["runs", "--format", "markdown"]),
        ("runs-github", &["runs", "--format", "github"]),
    ] {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let text = scene.settled(&scene.tags(arguments).stdout);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

#[test]
fn no_line_of_a_log_is_written_anywhere() {
    let scene = Scene::new(&bad());
    let run = scene.tags(&["runs", "-vv", "--log-format", "json"]);
    assert!(!run.stderr.contains(LINE) && !run.stdout.contains(LINE), "{run:?}");
    let mut files = 0;
    let mut folders = vec![scene.world.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            let is_clean = !text.contains(LINE) && !text.contains("already exists");
            assert!(is_clean && !text.contains(github::TOKEN), "{}", path.display());
        }
    }
    assert!(files > 10, "the evidence is cached");
}

#[test]
fn one_run_is_judged_by_itself() {
    let scene = Scene::new(&bad());
    let (_, all) = scene.json(&[]);
    let id = all["environments"][0]["runs"][0]["id"].to_string();
    let (code, json) = scene.json(&["--run", &id]);
    assert_eq!((code, json["environments"][0]["runs"].as_array().map(Vec::len)), (1, Some(1)));
    assert_eq!(json["environments"][0]["runs"][0]["attempt"], 1);
    assert!(!codes(&json).contains(&"few-runs") && codes(&json).contains(&"deploy-slow"));

    let other = scene.pipeline.add(good(20, NEW).branch("development"));
    let run = scene.tags(&["runs", "--run", &other.to_string()]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr
            .contains("does not deploy to prod: it is of `main-pipeline.yml`, on `development`")
    );
    let running = scene.pipeline.add(PipelineRun::push(NEW, start()).running(MIGRATE));
    assert_eq!(scene.tags(&["runs", "--run", &running.to_string()]).code, 2);
    assert_eq!(scene.tags(&["runs", "--run", "5"]).code, 3, "GitHub may hide it");
}

#[test]
fn rates_are_split_at_a_commit_or_a_time() {
    let pipeline = Pipeline::default();
    for hour in 0..20 {
        let sha = format!("{hour:040x}");
        let run = good(hour, &sha);
        pipeline.add(if hour < 5 { run.job("smoke test", 1, Failure) } else { run });
    }
    let scene = Scene::new(&pipeline);
    let ten = format!("{:040x}", 10);
    for at in [ten.as_str(), "2026-01-10T20:00:00Z"] {
        let (_, json) = scene.json(&["--split", at]);
        let split = &json["environments"][0]["split"];
        assert_eq!(
            split["before"],
            serde_json::json!({"runs": 10, "failed": 5, "migrate_failed": 0})
        );
        assert_eq!(
            split["after"],
            serde_json::json!({"runs": 10, "failed": 0, "migrate_failed": 0})
        );
        assert_eq!(
            (&split["failed_difference"], &split["at"]),
            (&(-0.5).into(), &"2026-01-10T20:00:00Z".into())
        );
        let human = scene.tags(&["runs", "--split", at]).stdout;
        assert!(human.contains("before 2026-01-10 20:00 UTC: 10 runs, 50 % failed"), "{human}");
        assert!(human.contains("difference: -50 points failed, 0 points in migrations"), "{human}");
    }
    for at in ["1234567", "soon"] {
        assert_eq!(scene.tags(&["runs", "--split", at]).code, 2, "{at}");
    }
}

#[test]
fn pages_are_read_until_there_are_enough_runs() {
    let pipeline = Pipeline::default();
    for hour in 0..150 {
        // Of ten runs one is on the branch of prod.
        let run = good(hour, NEW);
        pipeline.add(if hour % 10 == 0 { run } else { run.branch("development") });
    }
    let scene = Scene::new(&pipeline);
    let count = |last: &str| {
        let (_, json) = scene.json(&["--last", last, "--logs", "0"]);
        let runs = json["environments"][0]["runs"].as_array().map(Vec::len);
        (runs, scene.asked().iter().filter(|line| line.ends_with(".yml/runs")).count())
    };
    assert_eq!(count("10"), (Some(10), 1));
    assert_eq!(count("12"), (Some(12), 2));
    assert_eq!(count("100"), (Some(15), 2));
}

#[test]
fn what_github_does_not_tell_is_unknown_and_never_ok() {
    let (read, hidden) = (Right::ActionsRead, Visibility::Hidden);
    let settings = || github::settings(&thirty());
    for (what, settings, code) in [
        ("no right to read runs", settings().without(read), 4),
        ("hidden", GitHubSettings { visibility: hidden, ..settings() }, 4),
        ("another token", GitHubSettings { token: "ghs_other".to_owned(), ..settings() }, 4),
    ] {
        let scene = Scene::with(settings);
        let (ended, json) = scene.json(&[]);
        let said = (ended, &json["outcome"], &json["unread"][0], codes(&json));
        assert_eq!(said, (code, &"unknown".into(), &"the runs of prod".into(), vec![]), "{what}");
    }
    for (fault, code) in [
        ("401@/actions/workflows/main-pipeline.yml/runs*always", 4),
        ("403@/jobs*always", 4),
        ("404@/jobs*always", 3),
        ("500@/runs*always", 3),
        ("429:retry-after=900@/runs*always", 3),
        ("403:retry-after=900@/jobs*always", 3),
        ("cut@/jobs*always", 3),
        ("403@/logs*always", 4),
    ] {
        let scene = Scene::new(&thirty());
        scene.github.api().faults().add(fault.parse().expect("a fault"));
        let (ended, json) = scene.json(&["--timeout", "5s"]);
        assert_eq!((ended, &json["outcome"]), (code, &"unknown".into()), "{fault}: {json}");
        assert_eq!(codes(&json), Vec::<&str>::new(), "{fault}");
        // A rate of runs that were read in part is none.
        assert_eq!(json["environments"][0]["rollback_target"], MID, "{fault}");
    }
}

#[test]
fn a_storage_of_logs_that_cannot_be_read_is_told() {
    let scene = Scene::new(&thirty());
    scene.github.storage().faults().add("500@/*always".parse().expect("a fault"));
    let (ended, json) = scene.json(&[]);
    assert_eq!(
        (ended, json["unread"][0].as_str().map(|what| &what[..19])),
        (3, Some("the logs of run 900"))
    );
}

#[test]
fn expired_logs_are_a_warning() {
    let scene = Scene::new(&thirty());
    scene.pipeline.expire_logs();
    let (code, json) = scene.json(&[]);
    assert_eq!((code, codes(&json)), (0, vec!["log-expired"]), "{json}");
}

#[test]
fn few_runs_are_a_warning_and_no_target_is_said() {
    let pipeline = Pipeline::default();
    pipeline.add(good(1, OLD));
    let bad = format!("order = \"built\"\nbad-shas = [\"{OLD}\", \"{MID}\"]\n");
    let scene = Scene::new(&pipeline).policy(|text| text.replace("order = \"built\"\n", &bad));
    let (code, json) = scene.json(&[]);
    assert_eq!((code, codes(&json)), (0, vec!["few-runs"]), "{json}");
    assert_eq!(json["environments"][0]["rollback_target"], Value::Null);
    assert!(scene.tags(&["runs"]).stdout.contains("no release to roll back to"));
}

#[test]
fn a_registry_that_cannot_be_read_makes_the_target_unknown() {
    let scene = Scene::new(&thirty());
    for registry in [&scene.world.east, &scene.world.west] {
        registry.faults().add("500@/v2/*always".parse().expect("a fault"));
    }
    let (code, json) = scene.json(&["--logs", "0"]);
    assert_eq!((code, &json["outcome"]), (3, &"unknown".into()), "{json}");
    assert!(scene.tags(&["runs", "--logs", "0"]).stdout.contains("rollback target unknown"));
}

#[test]
fn without_the_tables_it_is_a_usage_error() {
    let world = World::filled();
    let run = world.tags(&["runs"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("does not say which runs deploy"), "{run:?}");
    let run = world.tags(&["runs", "prod"]);
    assert!(run.code == 2 && run.stderr.contains("[environment.prod.deploys]"), "{run:?}");
    let run = world.tags(&["runs", "prd"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `prod`"), "{run:?}");
    let world = World::filled().policy(|text| {
        text + "[github]\n[environment.prod.deploys]\nworkflows = [\"a.yml\"]\njobs = [\"deploy\"]\n"
    });
    let run = world.tags(&["runs"]);
    assert!(
        run.code == 2 && run.stderr.contains("the repository on GitHub is not known"),
        "{run:?}"
    );
}

#[test]
fn names_of_jobs_are_escaped() {
    let hostile = "deploy-prod / Deploy \u{1b}[31mx\n::error::owned";
    let pipeline = Pipeline::default();
    pipeline.add(good(1, NEW).job(hostile, 9000, Success).log(&pulls("latest")));
    let scene = Scene::new(&pipeline);
    for format in ["human", "markdown", "github"] {
        let run = scene.tags(&["runs", "-v", "--format", format]);
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("\n::error::"), "{run:?}");
    }
}
