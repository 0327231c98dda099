//! `tags cleanup --out` and `tags apply`: a reviewed plan is applied as it stands, or not at all.

use std::time::Duration;

use crate::cleaning::{DOOMED, decided, deletions, picture, results, world};
use crate::support::tag;
use crate::world::{OLD, World};

fn planned() -> World {
    let world = world();
    let run = world.tags(&["cleanup", "--out", "plan.json"]);
    assert_eq!(run.code, 0, "{run:?}");
    world
}

fn plan(world: &World) -> serde_json::Value {
    let text = world.home.read("plan.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn exactly_the_plan_is_applied() {
    let world = planned();
    // What expired since is not in the plan.
    world.release("dddddddddddddddddddddddddddddddddddddd04", chrono::TimeDelta::hours(12));
    let run = world.tags(&["apply", "plan.json", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    assert_eq!((json["command"].as_str(), results(&json, "deleted")), (Some("apply"), DOOMED));
    assert_eq!(decided(&json, "delete"), decided(&plan(&world), "delete"));
    assert!(picture(&world).iter().all(|what| !what.contains(OLD)));
    let again = world.tags(&["apply", "plan.json", "--format", "json"]);
    assert_eq!((again.code, results(&again.json(), "already-gone")), (0, DOOMED), "{again:?}");
}

#[test]
fn a_plan_of_another_policy_or_another_time_is_refused() {
    let world = planned().policy(|text| text + "\n# Looked through.\n");
    let edited = world.tags(&["apply", "plan.json"]);
    assert!(edited.code == 5 && edited.stderr.contains("another policy"), "{edited:?}");
    let world = planned();
    std::thread::sleep(Duration::from_millis(2100));
    let old = world.tags(&["apply", "plan.json", "--max-plan-age", "1s"]);
    assert!(old.code == 5 && old.stderr.contains("must not be older than 1s"), "{old:?}");
    assert_eq!(deletions(&world), 0);
}

#[cfg(unix)]
#[test]
fn a_place_where_no_plan_can_be_written_is_refused_before_anything_is_asked() {
    let world = world();
    std::fs::create_dir(world.home.path().join("folder")).expect("a folder");
    std::os::unix::fs::symlink("folder", world.home.path().join("link")).expect("a link");
    crate::cluster::program(&world.home, "kubectl", "touch \"$HOME/asked\"");
    for out in ["folder", "link", "nowhere/plan.json", "tags.toml/plan.json"] {
        for more in
            [&["cleanup"][..], &["cleanup", "--apply", "--in-use", "kubernetes"], &["report"]]
        {
            let run = crate::cluster::run(&world.home, &[more, &["--out", out]].concat(), &[]);
            assert_eq!(run.code, 2, "{out}: {run:?}");
            assert!(run.stderr.contains(&format!("cannot write to {out}")), "{run:?}");
        }
    }
    assert!(world.east.requests().is_empty() && !world.home.path().join("asked").exists());
}

#[test]
fn what_is_no_plan_is_wrong_usage() {
    let world = planned();
    let list = world.tags(&["list", "prod", "--format", "json"]).stdout;
    for text in ["", "garbage", "{}", "[]", "{\"version\":1,\"command\":\"cleanup\"}", &list] {
        world.home.file("other.json", text);
        let run = world.tags(&["apply", "other.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}: {run:?}");
    }
    assert_eq!(world.tags(&["apply", "nowhere.json"]).code, 2);
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_plan_that_was_refused_stays_refused_and_so_does_one_that_was_edited() {
    let world = world().policy(|text| text + "\n[limits]\nmax-deletions = 1\n");
    assert_eq!(world.tags(&["cleanup", "--out", "plan.json"]).code, 5);
    assert_eq!(world.tags(&["apply", "plan.json"]).code, 5);
    let mut text = plan(&world);
    text["outcome"] = "ok".into();
    text["refusals"] = serde_json::json!([]);
    world.home.file("plan.json", &text.to_string());
    let run = world.tags(&["apply", "plan.json"]);
    assert!(run.code == 5 && run.stdout.contains("max-deletions"), "{run:?}");

    let world = planned();
    let mut text = plan(&world);
    for entry in text["entries"].as_array_mut().expect("entries") {
        entry["decision"] = "delete".into();
        entry["reason"]["code"] = "expired".into();
    }
    world.home.file("plan.json", &text.to_string());
    let run = world.tags(&["apply", "plan.json"]);
    assert!(matches!(run.code, 2 | 5), "{run:?}");
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_tag_that_moved_since_is_skipped() {
    let world = planned();
    let store = world.east.store();
    let at = crate::support::backend();
    let digest = store.resolve(&at, &tag("prod-latest")).expect("a digest");
    let moved = tags::sandbox::StoredTag { digest, updated: None };
    store.set_tag(&at, &tag(&format!("prod-{OLD}")), moved);
    let run = world.tags(&["apply", "plan.json", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json = run.json();
    // One digest has the tags of two releases now, and nothing dates the tags: both stay everywhere.
    assert_eq!((results(&json, "skipped"), results(&json, "deleted")), (DOOMED, 0), "{json}");
    assert!(run.stdout.contains("time-unknown: "), "{json}");
}
