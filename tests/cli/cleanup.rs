//! `tags cleanup`: what a dry run says is what is done, and what is in the way of it.

use chrono::TimeDelta;
use serde_json::json;
use tags::sandbox::content::{BuiltImage, Format};

use crate::cleaning::{DOOMED, decided, deletions, picture, results, world};
use crate::support::{backend, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

#[test]
fn a_dry_run_changes_nothing_and_the_real_run_does_just_that() {
    let world = world();
    let before = picture(&world);
    let dry = world.tags(&["cleanup", "--format", "json"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, ""));
    assert_eq!((picture(&world), deletions(&world)), (before.clone(), 0));
    let planned = dry.json();
    let doomed = decided(&planned, "delete");
    assert_eq!((doomed.len(), planned["totals"]["delete"].as_u64()), (DOOMED, Some(4)));
    assert!(planned["journal"].is_null() && planned["applied"] == json!([]));

    let real = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!(real.code, 0, "{real:?}");
    let done = real.json();
    assert_eq!((decided(&done, "delete"), results(&done, "deleted")), (doomed, DOOMED));
    assert_eq!(deletions(&world), DOOMED);
    let left = before.into_iter().filter(|what| !what.contains(&format!("prod-{OLD}")));
    let kept = |what: &String| {
        let gone = done["applied"].as_array().expect("results").iter();
        !gone.map(|entry| entry["digest"].as_str().expect("a digest")).any(|d| what.ends_with(d))
    };
    assert_eq!(picture(&world), left.filter(kept).collect::<Vec<_>>());
    let survivors = done["survivors"].as_array().expect("survivors");
    assert!(survivors.len() == 12 && survivors.iter().all(|one| one["status"] == "ok"), "{done}");

    let again = world.tags(&["cleanup", "--apply", "--format", "json"]).json();
    assert_eq!((decided(&again, "delete").len(), again["journal"].is_null()), (0, true));
}

#[test]
fn the_limits_refuse_with_figures_and_the_plan_is_still_shown() {
    for (limit, figures, hint) in [
        (
            "max-deletions = 3",
            "4 manifests would be deleted, more than `max-deletions` = 3",
            "raise `max-deletions`",
        ),
        ("max-share = 0.3", "1 of 3 manifests", "raise `max-share`"),
    ] {
        let world = world().policy(|text| format!("{text}\n[limits]\n{limit}\n"));
        let before = picture(&world);
        for arguments in [&["cleanup"][..], &["cleanup", "--apply"]] {
            let run = world.tags(arguments);
            assert_eq!(run.code, 5, "{run:?}");
            for said in [figures, hint, &OLD[..7], "keep-last 1 (tags.toml:23)"] {
                assert!(run.stdout.contains(said), "{said}: {run:?}");
            }
            assert_eq!((picture(&world), deletions(&world)), (before.clone(), 0));
        }
        let json = world.tags(&["cleanup", "--apply", "--format", "json"]).json();
        assert_eq!((&json["outcome"], &json["journal"]), (&json!("refused"), &json!(null)));
        assert_eq!(decided(&json, "delete").len(), DOOMED);
        let refusals = json["refusals"].as_array().expect("refusals");
        assert!(refusals.iter().any(|why| why.as_str().is_some_and(|why| why.contains(figures))));
    }
}

/// With a tag of its own in the east that expires 30 days after 2026-01-05.
fn with_other_tag() -> World {
    let rule = "\n[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"30d\"\n";
    let world = world().policy(|text| text + rule);
    let image = BuiltImage::single(&build("backend", "pr", TimeDelta::days(5)), Format::Oci);
    push(&world.east, "backend", &image, &["pr-1"]);
    world
}

#[test]
fn another_time_shows_what_would_go_then_and_is_to_look_at_only() {
    let world = with_other_tag();
    let going = |time: &str| {
        let run = world.tags(&["cleanup", "--at", time, "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        decided(&run.json(), "delete").len()
    };
    assert_eq!((going("2026-01-15"), going("2026-03-01T00:00:00Z")), (DOOMED, DOOMED + 1));
    for more in ["--apply", "--out=plan.json"] {
        let run = world.tags(&["cleanup", "--at", "2026-03-01", more]);
        assert_eq!(run.code, 2, "{run:?}");
    }
    assert_eq!(world.tags(&["cleanup", "--at", "soon"]).code, 2);
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_repository_that_cannot_be_read_keeps_every_release_and_the_others_go_on() {
    let world = with_other_tag();
    world.west.faults().add("500@/acme/frontend/tags/list*always".parse().expect("a fault"));
    let run = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    let json = run.json();
    assert_eq!(json["outcome"], "partial");
    let partial = json["coverage"].as_array().expect("coverage").iter();
    assert_eq!(partial.filter(|one| one["complete"] == false).count(), 1);
    assert_eq!((results(&json, "deleted"), deletions(&world)), (1, 1), "{json}");
    let left = picture(&world);
    assert!(left.iter().all(|what| !what.ends_with(":pr-1")), "{left:?}");
    assert_eq!(left.iter().filter(|what| what.ends_with(&format!(":prod-{OLD}"))).count(), DOOMED);
}

#[test]
fn refused_credentials_are_not_an_unreadable_registry() {
    let world = world();
    world.west.faults().add("401*always".parse().expect("a fault"));
    world.west.faults().add("403*always".parse().expect("a fault"));
    let run = world.tags(&["cleanup", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (4, Some("partial")), "{run:?}");
}

#[test]
fn without_a_checkout_an_order_by_git_deletes_nothing_and_says_so() {
    // Nothing is too young, so that only the order is in doubt.
    let world = world().policy(|text| {
        let text = text.replace("order = \"built\"", "order = \"git\"");
        if text.contains("[protect]") {
            return text.replace("[protect]\n", "[protect]\nmin-age = \"0s\"\n");
        }
        format!("{text}[protect]\nmin-age = \"0s\"\n")
    });
    let run = world.tags(&["cleanup", "--apply"]);
    assert_eq!((run.code, deletions(&world)), (0, 0), "{run:?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("order = \"git\"") && said.contains("deleted 0 manifests"), "{run:?}");
    let dry = world.tags(&["cleanup"]);
    assert!(dry.stdout.contains("time-unknown"), "{dry:?}");
}

#[test]
fn the_human_reports() {
    let world = world();
    insta::assert_snapshot!("cleanup_dry", world.settled(&world.tags(&["cleanup"]).stdout));
    let applied = world.tags(&["cleanup", "--apply", "--journal", "j.jsonl"]);
    insta::assert_snapshot!("cleanup_applied", world.settled(&applied.stdout));
}

#[test]
fn a_release_a_tag_and_a_digest_are_explained() {
    let world = world();
    let explain = |words: &[&str]| {
        let run = world.tags(&[&["explain"], words, &["--format", "json"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        let json = run.json();
        let manifests = json["manifests"].as_array().expect("manifests").clone();
        let codes = manifests.iter().map(|one| one["reason"]["code"].as_str().unwrap_or("-"));
        codes.map(str::to_owned).collect::<Vec<_>>()
    };
    let east = |what: &str| format!("{}/acme/backend{what}", world.east.addr());
    assert_eq!(explain(&[&east(&format!(":prod-{OLD}"))]), ["expired"]);
    assert_eq!(explain(&[&east(":prod-latest")]), ["latest-tag"]);
    let latest = tag("prod-latest");
    let digest = world.east.store().resolve(&backend(), &latest);
    assert_eq!(explain(&[&east(&format!("@{}", digest.expect("a digest")))]), ["latest-tag"]);
    assert_eq!(explain(&["prod", &MID[..8]]), ["rollback-floor"; 4]);
    assert_eq!(explain(&["prod", NEW]), ["latest-tag"; 4]);

    for (words, code) in [
        (&["prod", "0123456789"][..], 1),
        (&[east(":v9").as_str()], 1),
        (&["prod", &OLD[..4]], 2),
        (&["staging", OLD], 2),
        (&["backend:prod-latest"], 2),
    ] {
        let run = world.tags(&[&["explain"], words].concat());
        assert_eq!(run.code, code, "{words:?}: {run:?}");
    }
    for format in ["github", "human"] {
        let found = world.tags(&["explain", "prod", NEW, "--format", format]);
        assert!(found.stdout.contains("latest-tag"), "{found:?}");
        let absent = world.tags(&["explain", &east(":v9"), "--format", format]);
        assert!(absent.stdout.contains("not found\n"), "{absent:?}");
        assert_eq!(absent.stdout.contains("::error title="), format == "github", "{absent:?}");
    }
    world.release(&format!("{}99", &OLD[..38]), TimeDelta::days(4));
    let both = world.tags(&["explain", "prod", &OLD[..8]]);
    assert!(both.code == 2 && both.stderr.contains(OLD), "{both:?}");
    assert_eq!(deletions(&world), 0);
}
