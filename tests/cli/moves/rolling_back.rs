//! `tags rollback`: where it goes, what refuses it, and that nothing else is written.

use chrono::TimeDelta;
use tags::sandbox::Settings;
use tags::sandbox::content::{BuiltImage, Format};

use super::scene::{IMAGES, both, fault, guards, json, latest, puts, results, tags};
use crate::support::{path, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

/// One row: what was changed before, the words after `rollback prod`, and how it ends.
struct Row {
    says: &'static str,
    before: fn(&World),
    words: &'static [&'static str],
    code: i32,
    outcome: &'static str,
    guards: &'static [&'static str],
    /// The target, if there is one.
    to: Option<&'static str>,
    /// Where the latest tags are afterwards.
    latest: Option<&'static str>,
}

const ROW: Row = Row {
    says: "",
    before: |_| {},
    words: &[],
    code: 0,
    outcome: "planned",
    guards: &[],
    to: Some(MID),
    latest: Some(NEW),
};

fn remove(world: &World, name: &str) {
    world.west.store().remove_tag(&path("acme/frontend"), &tag(name));
}

fn table() -> Vec<Row> {
    vec![
        Row { says: "a dry run tells where it would go", ..ROW },
        Row { says: "the same, asked for", words: &["--dry-run"], ..ROW },
        Row {
            says: "it goes to the last good release",
            words: &["--apply"],
            outcome: "ok",
            latest: Some(MID),
            ..ROW
        },
        Row {
            says: "it goes further back",
            words: &["--steps", "2", "--apply"],
            outcome: "ok",
            to: Some(OLD),
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "it goes where it is told to",
            words: &["--to", OLD, "--apply"],
            outcome: "ok",
            to: Some(OLD),
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "a few digits name a release",
            words: &["--to", "cccccccc", "--apply"],
            outcome: "ok",
            to: Some(OLD),
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "it may be where it is to go",
            words: &["--to", NEW, "--apply"],
            outcome: "ok",
            to: Some(NEW),
            ..ROW
        },
        Row {
            says: "there is nothing so far back",
            words: &["--steps", "3", "--apply"],
            code: 1,
            outcome: "failed",
            to: None,
            ..ROW
        },
        Row {
            says: "an incomplete release is passed over",
            before: |world| remove(world, &format!("prod-{MID}")),
            words: &["--apply"],
            outcome: "ok",
            to: Some(OLD),
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "an incomplete release that was named is missing",
            before: |world| remove(world, &format!("prod-{MID}")),
            words: &["--to", MID, "--apply"],
            code: 1,
            outcome: "failed",
            ..ROW
        },
        Row {
            says: "a release that cannot be pulled whole is missing",
            before: |world| {
                let built =
                    BuiltImage::single(&build("frontend", MID, TimeDelta::days(2)), Format::Oci);
                world.west.store().remove_blob(&path("acme/frontend"), &built.blobs[0].digest);
            },
            words: &["--to", MID, "--apply"],
            code: 1,
            outcome: "failed",
            ..ROW
        },
        Row {
            says: "a registry without an answer leaves all as it is",
            before: |world| fault(world, "west", "500*always"),
            words: &["--to", MID, "--apply"],
            code: 3,
            outcome: "unknown",
            ..ROW
        },
        Row {
            says: "so does one that lets nobody in",
            before: |world| fault(world, "west", "403*always"),
            words: &["--to", MID, "--apply"],
            code: 4,
            outcome: "unknown",
            ..ROW
        },
        Row {
            says: "the right to push is tried before anything moves",
            before: |world| fault(world, "west", "403@PUT:/manifests/*always"),
            words: &["--apply"],
            code: 4,
            outcome: "failed",
            ..ROW
        },
    ]
}

#[test]
fn a_rollback_ends_as_the_table_says() {
    for row in table() {
        let world = World::filled();
        (row.before)(&world);
        let before = tags(&world);
        let (run, json) = json(&world, &[&["rollback", "prod"], row.words].concat());
        let says = row.says;
        assert_eq!(
            (run.code, json["outcome"].as_str()),
            (row.code, Some(row.outcome)),
            "{says}: {run:?}"
        );
        assert_eq!(guards(&json), row.guards, "{says}");
        assert_eq!(json["to"].as_str(), row.to, "{says}");
        let is_incomplete = before.values().any(|tags| tags.len() < 4);
        assert!(is_incomplete || latest(&world, "prod") == row.latest, "{says}");
        if row.latest == Some(NEW) {
            assert_eq!(tags(&world), before, "{says}: nothing is changed");
        }
        let other = |tags: super::scene::Tags| {
            let mut tags = tags;
            for tags in tags.values_mut() {
                tags.remove(&tag("prod-latest"));
            }
            tags
        };
        assert_eq!(other(tags(&world)), other(before), "{says}: only latest tags move");
        let written = puts(&world);
        let is_dry = row.outcome != "ok" && row.outcome != "failed";
        assert!(!is_dry || written.is_empty(), "{says}: {written:?}");
    }
}

#[test]
fn what_cannot_be_asked_for_ends_with_two_and_says_what_can() {
    let world = World::filled();
    for (words, says) in [
        (&["prd"][..], "did you mean `prod`?"),
        (&["prod", "--to", "1234567"], "`tags list prod`"),
        (&["prod", "--to", &"1".repeat(40)], "`tags list prod`"),
        (&["prod", "--to", "123456"], "--to"),
        (&["prod", "--to", OLD, "--steps", "2"], "--steps"),
        (&["prod", "--yes"], "--apply"),
        (&["prod", "--apply", "--dry-run"], "--dry-run"),
    ] {
        let run = world.tags(&[&["rollback"], words].concat());
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert!(run.stderr.contains(says), "{words:?}: {}", run.stderr);
    }
    assert_eq!(puts(&world), [""; 0]);
}

#[test]
fn a_bad_release_is_refused_also_in_a_dry_run_and_its_places_are_told() {
    let world = World::filled().policy(|text| text + "bad-shas = [\"aaaaaaaa\"]\n");
    for words in [&["--to", MID][..], &["--to", MID, "--apply"]] {
        let (run, json) = json(&world, &[&["rollback", "prod"], words].concat());
        assert_eq!((run.code, json["outcome"].as_str()), (5, Some("refused")), "{run:?}");
        assert_eq!((guards(&json), results(&json)), (vec!["bad-sha"], vec!["planned"; 4]));
    }
    assert_eq!((latest(&world, "prod"), puts(&world)), (Some(NEW), Vec::new()));
    // Without a name it is passed over.
    let (_, json) = json(&world, &["rollback", "prod"]);
    assert_eq!(json["to"], OLD);
}

#[test]
fn running_it_twice_changes_nothing_and_is_not_taken_for_one_step_more() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--apply"]).code, 0);
    puts(&world);
    for words in [&["--apply"][..], &[]] {
        let (run, json) = json(&world, &[&["rollback", "prod"], words].concat());
        assert_eq!((run.code, guards(&json)), (5, vec!["already-rolled-back"]), "{run:?}");
        assert!(run.stdout.contains("--steps") && json["to"] == OLD, "{run:?}");
    }
    let (run, json) = json(&world, &["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!((run.code, results(&json)), (0, vec!["already"; 4]), "{run:?}");
    assert_eq!(puts(&world), [""; 0]);
    // Said with a number, it is meant.
    let run = world.tags(&["rollback", "prod", "--steps", "1", "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
    // A build moves the latest tags, and the next incident is another one.
    world.release(NEW, TimeDelta::days(1));
    let run = world.tags(&["rollback", "prod", "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
}

#[test]
fn a_rollback_that_an_undo_brought_back_is_not_taken_for_one_step_more() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--apply"]).code, 0);
    let (run, further) = json(&world, &["rollback", "prod", "--steps", "1", "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
    let run = world.tags(&["undo", further["journal"].as_str().expect("a journal")]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
    let (run, json) = json(&world, &["rollback", "prod"]);
    assert_eq!((run.code, guards(&json)), (5, vec!["already-rolled-back"]), "{run:?}");
}

#[test]
fn it_ends_with_the_references_by_digest_to_deploy() {
    let world = World::filled();
    for words in [&["rollback", "prod"][..], &["rollback", "prod", "--apply"]] {
        let run = world.tags(words);
        let (_, end) = run.stdout.split_once("to deploy, by digest:\n").expect("an end");
        let references: Vec<&str> = end.trim().lines().collect();
        assert_eq!(references.len(), 4, "{run:?}");
        for (reference, (image, registry)) in references.iter().zip(
            IMAGES.iter().flat_map(|image| both(&world).map(|(_, registry)| (image, registry))),
        ) {
            let release = registry
                .store()
                .resolve(&path(&format!("acme/{image}")), &tag(&format!("prod-{MID}")));
            let digest = release.expect("the release");
            assert_eq!(*reference, format!("{}/acme/{image}@{digest}", registry.addr()));
        }
    }
}

#[test]
fn a_place_without_a_latest_tag_gets_one_and_the_dry_run_says_what_that_means() {
    let world = World::filled();
    world.west.store().remove_tag(&path("acme/frontend"), &tag("prod-latest"));
    let (run, dry) = json(&world, &["rollback", "prod", "--to", MID]);
    assert_eq!(run.code, 0, "{run:?}");
    let place = &dry["places"][3];
    assert!(place["before"].is_null());
    assert!(place["message"].as_str().expect("text").contains("cannot be put back"), "{place}");
    let human = world.tags(&["rollback", "prod", "--to", MID]);
    assert!(human.stdout.contains("cannot be put back"), "{human:?}");
    let run = world.tags(&["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
}

#[test]
fn former_and_shortened_tags_are_the_same_release() {
    let world = World::filled().policy(|text| text + "former-sha-tags = [\"production-{sha}\"]\n");
    let built = IMAGES.map(|image| {
        let build = build(image, OLD, TimeDelta::days(3));
        (image, BuiltImage::single(&build, Format::Oci))
    });
    for (_, registry) in both(&world) {
        for (image, built) in &built {
            let repository = path(&format!("acme/{image}"));
            registry.store().remove_tag(&repository, &tag(&format!("prod-{OLD}")));
            push(registry, image, built, &[&format!("production-{}", &OLD[..12])]);
        }
    }
    let (run, json) = json(&world, &["rollback", "prod", "--to", OLD, "--apply"]);
    assert_eq!((run.code, json["to"].as_str()), (0, Some(&OLD[..12])), "{run:?}");
    let tags = tags(&world);
    let moved = |tags: &std::collections::BTreeMap<_, _>| {
        tags.get(&tag("prod-latest")) == tags.get(&tag(&format!("production-{}", &OLD[..12])))
    };
    assert!(tags.values().all(moved));
}

#[test]
fn a_wrong_clock_is_a_warning_in_a_dry_run_and_refuses_an_apply() {
    let clock = crate::support::program::now() + TimeDelta::minutes(20);
    let settings = Settings { now: Some(clock), ..Settings::default() };
    let world = World::with(settings).releases();
    let dry = world.tags(&["rollback", "prod", "--to", MID]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(dry.stderr.contains("clock"), "{dry:?}");
    let (run, json) = json(&world, &["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!((run.code, results(&json)), (5, vec!["planned"; 4]), "{run:?}");
    assert!(guards(&json).iter().all(|code| *code == "clock"), "{run:?}");
    assert_eq!((latest(&world, "prod"), puts(&world)), (Some(NEW), Vec::new()));
}

#[test]
fn in_github_actions_the_references_are_outputs_and_the_places_are_in_the_summary() {
    let world = World::filled();
    let files = ["outputs", "summary"].map(|name| world.home.file(name, ""));
    let run = world.run(&["rollback", "prod", "--apply"], |command| {
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", &files[0])
            .env("GITHUB_STEP_SUMMARY", &files[1])
    });
    assert_eq!(run.code, 0, "{run:?}");
    let outputs = world.home.read("outputs");
    let value = |name: &str| {
        let lines = outputs.lines().filter_map(|line| line.split_once('='));
        lines.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned()).next()
    };
    assert_eq!((value("outcome").as_deref(), value("to-sha").as_deref()), (Some("ok"), Some(MID)));
    assert_eq!(value("from-sha").as_deref(), Some(NEW));
    for name in ["reference-backend", "reference-frontend-west", "journal"] {
        assert!(value(name).is_some(), "{name}: {outputs}");
    }
    assert!(value("reference-frontend-west").is_some_and(|text| text.contains("@sha256:")));
    assert_eq!(world.home.read("summary").matches("| moved |").count(), 4);
}
