//! In GitHub Actions: which environment and commit are meant, by the event that started the run.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::both::Both;
use crate::clock::managed;
use crate::support::program::{Run, now};
use crate::world::{MID, NEW, OLD, World};

/// The variables of a run on the default branch, whose newest commit is another than the event's.
fn variables(event: &str, payload: Option<&PathBuf>) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_EVENT_NAME", event.to_owned()),
        ("GITHUB_REF_NAME", "main".to_owned()),
        ("GITHUB_SHA", OLD.to_owned()),
    ];
    variables.extend(payload.map(|path| ("GITHUB_EVENT_PATH", path.display().to_string())));
    variables
}

fn verify(world: &World, event: &str, payload: Option<&Value>, words: &[&str]) -> Run {
    let path = payload.map(|payload| {
        let path = world.home.path().join("event.json");
        std::fs::write(&path, payload.to_string()).expect("a payload");
        path
    });
    let words = [&["verify", "--format", "json"], words].concat();
    world.run(&words, |command: &mut Command| command.envs(variables(event, path.as_ref())))
}

fn run_of(branch: impl Into<Value>, sha: &str, event: &str) -> Value {
    let branch: Value = branch.into();
    json!({"action": "completed", "workflow_run": {"head_branch": branch, "head_sha": sha, "event": event}})
}

/// Two environments, each with a branch of its own.
fn world() -> World {
    World::filled().policy(|text| {
        text + "\n[environment.uat]\nbranch = \"uat\"\nsha-tag = \"uat-{sha}\"\nlatest-tag = \"uat-latest\"\n"
    })
}

#[test]
fn the_run_of_another_workflow_is_verified_by_its_own_branch_and_commit() {
    let world = world();
    let run = verify(&world, "workflow_run", Some(&run_of("main", NEW, "push")), &[]);
    assert_eq!((run.code, &run.json()["sha"]), (0, &NEW.into()), "{run:?}");
    let uat = verify(&world, "workflow_run", Some(&run_of("uat", NEW, "push")), &[]);
    assert_eq!((uat.code, &uat.json()["environment"]), (1, &"uat".into()), "{uat:?}");
    // What is said counts, and the rest still comes from the event.
    let said = verify(&world, "workflow_run", Some(&run_of("uat", NEW, "push")), &["prod"]);
    assert_eq!((said.code, &said.json()["sha"]), (0, &NEW.into()), "{said:?}");
    let sha = verify(&world, "workflow_run", Some(&run_of("main", NEW, "push")), &["--sha", MID]);
    assert_eq!((&sha.json()["environment"], &sha.json()["sha"]), (&"prod".into(), &MID.into()));
    let both = managed(now(), [3, 2, 1].map(chrono::TimeDelta::days))
        .policy(|text| text.replace("[environment.prod]", "[environment.prod]\nbranch = \"main\""));
    assert_eq!(by_event(&both), (0, NEW.to_owned()));
}

/// The same in DOCR and GHCR.
fn by_event(both: &Both) -> (i32, String) {
    let path = both.home.path().join("event.json");
    std::fs::write(&path, run_of("main", NEW, "push").to_string()).expect("a payload");
    let run =
        both.run_with(&["verify", "--format", "json"], &variables("workflow_run", Some(&path)));
    (run.code, run.json()["sha"].as_str().expect("a SHA").to_owned())
}

#[test]
fn nothing_is_assumed_where_the_event_does_not_tell() {
    let world = world();
    let fork = run_of("main", NEW, "pull_request");
    for (event, payload) in [
        ("pull_request", None),
        ("pull_request_target", None),
        ("workflow_run", None),
        ("workflow_run", Some(json!({"workflow_run": {}}))),
        ("workflow_run", Some(run_of(Value::Null, NEW, "push"))),
        ("workflow_run", Some(fork)),
    ] {
        for words in [&[][..], &["prod"], &["--sha", NEW]] {
            let run = verify(&world, event, payload.as_ref(), words);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{event} {words:?}: {run:?}");
            assert!(run.stderr.contains("--sha SHA"), "{run:?}");
        }
        let given = verify(&world, event, payload.as_ref(), &["prod", "--sha", NEW]);
        assert_eq!(given.code, 0, "{event}: {given:?}");
    }
    assert!(world.east.requests().iter().all(|request| request.method != "DELETE"));
}

#[test]
fn other_events_go_by_the_usual_variables() {
    let world = world();
    for event in ["push", "schedule", "workflow_dispatch", "workflow_call"] {
        let run = verify(&world, event, None, &[]);
        assert_eq!((&run.json()["environment"], &run.json()["sha"]), (&"prod".into(), &OLD.into()));
    }
}
