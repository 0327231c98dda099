//! The journal of `tags cleanup --apply` as users meet it: where it is, who may read it, what
//! stands in its way, and what `tags undo` makes of it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tags::sandbox::content::{BuiltImage, Format};

use crate::both::Both;
use crate::cleaning::{DOOMED, decided, deletions, journal, picture, results, world};
use crate::support::{backend, path, program::now, tag};
use crate::world::{OLD, build};

#[test]
fn it_is_named_at_once_and_in_json_and_is_for_the_user_alone() {
    let world = world();
    let run = world.tags(&["cleanup", "--apply", "--format", "json"]);
    let path = journal(&run);
    assert_eq!(run.json()["journal"].as_str(), Some(path.as_str()));
    assert!(Path::new(&path).starts_with(world.home.path().join(".local/state/tags")), "{path}");
    let mode = std::fs::metadata(&path).expect("a journal").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).expect("text");
    let records: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    let count = |kind: &str| records.iter().filter(|record| record["record"] == kind).count();
    assert_eq!((count("begin"), count("delete"), count("result"), count("end")), (1, 4, 4, 1));

    let elsewhere = world.home.path().join("state");
    world.release("dddddddddddddddddddddddddddddddddddddd04", chrono::TimeDelta::hours(12));
    let run = world.run(&["cleanup", "--apply"], |c| c.env("XDG_STATE_HOME", &elsewhere));
    assert!(Path::new(&journal(&run)).starts_with(elsewhere.join("tags")), "{run:?}");
}

#[test]
fn undo_puts_everything_back_and_no_run_finishes_it_again() {
    let world = world();
    let before = picture(&world);
    let path = journal(&world.tags(&["cleanup", "--apply"]));
    assert_ne!(picture(&world), before);
    for _ in 0..2 {
        let undone = world.tags(&["undo", &path]);
        assert_eq!((undone.code, picture(&world)), (0, before.clone()), "{undone:?}");
    }
    for other in ["nowhere.jsonl", "tags.toml"] {
        assert_eq!(world.tags(&["undo", other]).code, 2);
    }
}

#[test]
fn one_that_is_named_twice_is_moved_aside_the_first_time() {
    let world = world();
    let apply = || world.tags(&["cleanup", "--apply", "--journal", "out/j.jsonl"]);
    assert_eq!(apply().code, 0);
    world.release("dddddddddddddddddddddddddddddddddddddd04", chrono::TimeDelta::hours(12));
    let second = apply();
    assert!(second.code == 0 && second.stderr.contains("earlier run is now"), "{second:?}");
    let names = std::fs::read_dir(world.home.path().join("out")).expect("a directory");
    assert_eq!(names.count(), 2);
    world.home.file("notes", "mine");
    let run = world.tags(&["cleanup", "--apply", "--journal", "notes"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(world.home.read("notes"), "mine");
}

#[test]
fn where_it_cannot_be_written_nothing_is_deleted() {
    let world = world();
    let before = picture(&world);
    for state in ["/dev/null", "/proc/nowhere"] {
        let run = world.run(&["cleanup", "--apply"], |c| c.env("XDG_STATE_HOME", state));
        assert!(run.code != 0 && run.stderr.contains("journal"), "{run:?}");
    }
    let homeless = world.run(&["cleanup", "--apply"], |c| c.env_remove("HOME"));
    assert!(homeless.code == 2 && homeless.stderr.contains("--journal"), "{homeless:?}");
    assert_eq!((picture(&world), deletions(&world)), (before, 0));
}

#[test]
fn of_two_runs_at_once_one_is_refused() {
    let world = world();
    world.east.faults().add("delay=2s@DELETE:*always".parse().expect("a fault"));
    let first = world.command(&["cleanup", "--apply"]).stdout(std::process::Stdio::null()).spawn();
    let mut first = first.expect("a run");
    let begun = || deletions(&world) > 0;
    assert!(crate::support::program::in_time(begun), "nothing was deleted");
    let second = world.tags(&["cleanup", "--apply"]);
    assert!(second.code == 5 || second.code == 0, "{second:?}");
    assert!(first.wait().expect("an end").success());
    if second.code == 0 {
        assert!(second.stdout.contains("nothing to delete"), "{second:?}");
    }
    assert_eq!(deletions(&world), DOOMED);
}

#[test]
fn one_that_broke_off_is_finished_by_the_next_run() {
    let world = world();
    world.east.faults().add("418@DELETE:/acme/backend/*always".parse().expect("a fault"));
    let first = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!((first.code, first.json()["outcome"].as_str()), (6, Some("partial")), "{first:?}");
    assert_eq!(results(&first.json(), "failed"), 1);
    let old = journal(&first);
    let end = |path: &str| {
        let text = std::fs::read_to_string(path).expect("a journal");
        text.lines().last().map(|line| line.contains("\"end\"") || line.contains("\"finished\""))
    };
    assert_eq!(end(&old), Some(false));
    let tag = tag(&format!("prod-{OLD}"));
    assert!(world.east.store().resolve(&backend(), &tag).is_some());
    world.east.faults().clear();
    let second = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!((second.code, results(&second.json(), "deleted")), (0, 1), "{second:?}");
    assert_eq!((end(&old), end(&journal(&second))), (Some(true), Some(true)));
}

#[test]
fn what_an_undo_pushes_again_does_not_pass_for_the_newest() {
    let both = Both::good().policy(|text| text.replace("keep-last = 5", "keep-last = 2"));
    let path = path("acme/team/backend");
    for number in 0..6u32 {
        let age = chrono::TimeDelta::days(i64::from(10 + number));
        let sha = format!("{number:040x}");
        let image = BuiltImage::single(&build("backend", &sha, age), Format::Oci);
        let tags = [tag(&format!("prod-{sha}"))];
        both.docr.store().push(&path, &image, &tags, Some(now() - age));
    }
    let text = "[protect]\nrollback-depth = 0\n[limits]\nmax-share = 1.0\n";
    let both = both.policy(|policy| {
        let policy = policy.replace(r#", ghcr = "team/backend""#, "");
        policy + text
    });
    let planned = || decided(&both.run(&["cleanup", "--format", "json"]).json(), "delete");
    let before = planned();
    assert_eq!(before.len(), 4);
    let applied = both.run(&["cleanup", "--apply"]);
    assert_eq!((applied.code, planned().len()), (0, 0), "{applied:?}");
    let undone = both.run(&["undo", &journal(&applied)]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(planned(), before, "what was kept would go in the place of what came back");
}
