//! `tags verify`: what it finds, by code, and how it ends.

use chrono::TimeDelta;
use serde_json::Value;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::{backend, path, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

/// `(code, severity, image, registry)` of every finding.
pub(crate) fn findings(json: &Value) -> Vec<(String, String, String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    json["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| (text(f, "code"), text(f, "severity"), text(f, "image"), text(f, "registry")))
        .collect()
}

pub(crate) fn finding(code: &str, image: &str, registry: &str) -> (String, String, String, String) {
    (code.to_owned(), "error".to_owned(), image.to_owned(), registry.to_owned())
}

#[test]
fn a_whole_release_holds_and_every_tag_is_told() {
    let run = World::filled().tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    assert_eq!(json["outcome"], "ok");
    assert_eq!((&json["version"], &json["command"]), (&1.into(), &"verify".into()));
    let checks = json["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), 8);
    assert!(checks.iter().all(|check| check["status"] == "ok" && check["digest"].is_string()));
}

#[test]
fn a_tag_that_was_pushed_twice_instead_of_the_latest_is_found() {
    let world = World::filled();
    let built = BuiltImage::single(&build("backend", MID, TimeDelta::days(2)), Format::Oci);
    push(&world.west, "backend", &built, &["prod-latest"]);
    let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
    assert_eq!(run.code, 1);
    let json = run.json();
    assert_eq!(json["outcome"], "failed");
    assert_eq!(findings(&json), [finding("latest-tag-elsewhere", "backend", "west")]);
    let message = json["findings"][0]["message"].as_str().expect("a message");
    assert!(message.contains(&format!("points to prod-{MID}")), "{message}");
}

#[test]
fn missing_tags_are_found_one_by_one() {
    let world = World::filled();
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{NEW}")));
    world.west.store().remove_tag(&path("acme/frontend"), &tag("prod-latest"));
    let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
    assert_eq!(run.code, 1);
    let expected = [
        finding("sha-tag-missing", "backend", "east"),
        finding("latest-tag-missing", "frontend", "west"),
    ];
    assert_eq!(findings(&run.json()), expected);
}

#[test]
fn the_latest_tag_may_be_optional() {
    let world = World::filled().policy(|text| text + "latest-required = false\n");
    let run = world.tags(&["verify", "prod", "--sha", OLD, "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (0, &"ok".into()));
    let json = run.json();
    let found = findings(&json);
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|f| f.0 == "latest-tag-elsewhere" && f.1 == "warning"), "{found:?}");
}

#[test]
fn a_prefix_names_one_release_and_two_are_refused_by_name() {
    let world = World::filled();
    let run = world.tags(&["verify", "prod", "--sha", &NEW[..7], "--format", "json"]);
    assert_eq!((run.code, run.json()["sha"].as_str()), (0, Some(NEW)));
    let twin = format!("{}ff", &NEW[..38]);
    world.release(&twin, TimeDelta::hours(1));
    let run = world.tags(&["verify", "prod", "--sha", &NEW[..7]]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains(NEW) && run.stderr.contains(&twin), "{}", run.stderr);
    assert_eq!(world.tags(&["verify", "prod", "--sha", &NEW[..6]]).code, 2);
    let unknown = world.tags(&["verify", "prod", "--sha", "1234567", "--format", "json"]);
    assert_eq!(unknown.code, 1);
    assert!(findings(&unknown.json()).iter().any(|f| f.0 == "sha-tag-missing"));
}

#[test]
fn what_runs_must_be_this_release_and_not_by_a_moving_tag() {
    let world = World::filled();
    let host = world.east.addr();
    let digest = world
        .east
        .store()
        .resolve(&path("acme/frontend"), &tag(&format!("prod-{NEW}")))
        .expect("a digest");
    let verify = |lines: &str| {
        world.home.file("running", lines);
        let arguments =
            ["verify", "prod", "--sha", NEW, "--running", "running", "--format", "json"];
        world.tags(&arguments)
    };
    let good = format!("{host}/acme/backend:prod-{NEW}\n{host}/acme/frontend@{digest}\nredis:7\n");
    assert_eq!(verify(&good).code, 0);
    let bad = format!(
        "{host}/acme/backend:prod-{OLD}\n{host}/acme/frontend:prod-latest\n{host}/acme/frontend\n"
    );
    let run = verify(&bad);
    assert_eq!(run.code, 1);
    let expected = [
        finding("running-elsewhere", "backend", "east"),
        finding("running-unpinned", "frontend", "east"),
        finding("running-unpinned", "frontend", "east"),
    ];
    assert_eq!(findings(&run.json()), expected);
    let nothing_known = verify("redis:7\n");
    assert_eq!(nothing_known.code, 2);
    assert!(nothing_known.stderr.contains("none of the 1 running images"), "{nothing_known:?}");
    let garbage = verify("!!\n");
    assert_eq!(garbage.code, 2);
    assert!(garbage.stderr.contains("line 1"), "{garbage:?}");
}

#[test]
fn waiting_ends_as_soon_as_it_holds_and_at_the_deadline_if_it_does_not() {
    let world = World::empty();
    let mut waiting = world.command(&["verify", "prod", "--sha", NEW, "--wait", "30s"]);
    let child = waiting.stdout(std::process::Stdio::null()).spawn().expect("a run");
    std::thread::sleep(std::time::Duration::from_millis(400));
    world.release(NEW, TimeDelta::days(1));
    let end = child.wait_with_output().expect("an end");
    assert_eq!(end.status.code(), Some(0));
    let run = world.tags(&["verify", "prod", "--sha", OLD, "--wait", "1s"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("checking again"), "{}", run.stderr);
}
