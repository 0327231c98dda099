//! `--in-use`: what runs stays, and a list that protects nothing is not taken for an answer.

use std::io::Write as _;
use std::process::Stdio;

use crate::cleaning::{DOOMED, decided, deletions, world};
use crate::support::{backend, program::Run, tag};
use crate::world::{OLD, World};

fn cleanup(world: &World, list: &str, more: &[&str]) -> Run {
    world.home.file("running", list);
    world.tags(&[&["cleanup", "--in-use", "running", "--format", "json"], more].concat())
}

fn east(world: &World, what: &str) -> String {
    format!("{}/acme/backend{what}", world.east.addr())
}

#[test]
fn what_runs_is_kept_with_its_release_however_it_is_listed() {
    let world = world();
    let digest = world.east.store().resolve(&backend(), &tag(&format!("prod-{OLD}")));
    let by_tag = east(&world, &format!(":prod-{OLD}"));
    let by_digest = east(&world, &format!("@{}", digest.expect("a digest")));
    for list in [
        format!("{by_tag}\npostgres:17\nredis\n"),
        format!("postgres:17 {by_digest} docker.io/library/redis:8"),
        format!("quay.io/a/b:c docker-pullable://{by_digest} quay.io/a/b:c"),
    ] {
        let run = cleanup(&world, &list, &[]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(decided(&run.json(), "delete").len(), 0, "{list}: {run:?}");
        assert!(run.stderr.contains("1 of the policy's images, 2 of others"), "{run:?}");
        let entries = run.json()["entries"].as_array().expect("entries").clone();
        assert!(entries.iter().any(|entry| entry["reason"]["code"] == "in-use"));
    }
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_list_with_something_else_in_it_is_wrong_usage() {
    let world = world();
    let good = east(&world, ":prod-latest");
    for (more, hint) in [
        ("NAME  IMAGE\n<none>", "image references"),
        ("sha256:abcdef", "image references"),
        ("0123456789AB", "image references"),
    ] {
        let run = cleanup(&world, &format!("{good}\n{more}"), &[]);
        assert!(run.code == 2 && run.stderr.contains(hint), "{more}: {run:?}");
    }
    assert_eq!(world.tags(&["cleanup", "--apply", "--in-use", "nowhere"]).code, 2);
    assert_eq!(deletions(&world), 0);
}

#[test]
fn an_empty_list_is_refused_unless_that_is_said_to_be_right() {
    let world = world();
    for empty in ["", " \n\n", "postgres:17\n"] {
        let run = cleanup(&world, empty, &["--apply"]);
        assert!(run.code == 5 && run.stderr.contains("--allow-empty-in-use"), "{run:?}");
        let allowed = cleanup(&world, empty, &["--allow-empty-in-use"]);
        assert_eq!(allowed.code, 0, "{allowed:?}");
        assert_eq!(decided(&allowed.json(), "delete").len(), DOOMED);
    }
    assert_eq!(deletions(&world), 0);
}

#[test]
fn the_list_may_come_from_a_pipe() {
    let world = world();
    let mut child = world
        .command(&["cleanup", "--apply", "--in-use", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a run");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(east(&world, &format!(":prod-{OLD}")).as_bytes()).expect("written");
    drop(stdin);
    assert!(child.wait().expect("an end").success());
    assert_eq!(deletions(&world), 0);
}
