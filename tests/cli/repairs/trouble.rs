//! What goes wrong while a repair is made: the exit code says by what, and nothing half done has a tag.

use std::process::Command;

use tags::sandbox::{Auth, Quirk, Settings};

use super::{lose, newest, repair, results, sha_tag, whole, writes};
use crate::support::{path, registries, tag};
use crate::world::{NEW, World};

struct Row {
    fault: &'static str,
    code: i32,
    outcome: &'static str,
}

const fn row(fault: &'static str, code: i32, outcome: &'static str) -> Row {
    Row { fault, code, outcome }
}

/// Faults of the target while it is written.
const WRITING: [Row; 17] = [
    row("403@POST:/blobs/uploads/*always", 4, "failed"),
    row("404@POST:/blobs/uploads/*always", 3, "failed"),
    row("409@POST:/blobs/uploads/*always", 5, "refused"),
    row("500@POST:/blobs/uploads/*always", 3, "failed"),
    row("403@PUT:/blobs/uploads/*always", 4, "failed"),
    row("412@PUT:/blobs/uploads/*always", 5, "refused"),
    row("429:retry-after=3600@PUT:/blobs/uploads/*always", 3, "failed"),
    row("drop@PUT:/blobs/uploads/*always", 3, "failed"),
    row("403@PUT:/manifests/*always", 4, "failed"),
    row("404@PUT:/manifests/*always", 3, "failed"),
    row("409@PUT:/manifests/*always", 5, "refused"),
    row("412@PUT:/manifests/*always", 5, "refused"),
    row("416@PUT:/manifests/*always", 3, "failed"),
    row("500@PUT:/manifests/*always", 3, "failed"),
    row("403@PUT:/manifests/prod-*always", 4, "failed"),
    row("412@PUT:/manifests/prod-*always", 5, "refused"),
    row("429:retry-after=3600@PUT:/manifests/prod-*always", 3, "failed"),
];

#[test]
fn a_target_that_refuses_is_told_by_the_exit_code_and_the_next_run_ends_it() {
    for Row { fault, code, outcome } in WRITING {
        let world = World::filled();
        lose(&world.east, "backend");
        registries::fault(&world.east, fault);
        let (run, json) = repair(&world, &["--apply"]);
        assert_eq!(run.code, code, "{fault}: {run:?}");
        assert_eq!(json["outcome"], outcome, "{fault}: {run:?}");
        assert_eq!(results(&json), ["backend east: failed"], "{fault}: {run:?}");
        assert_eq!(whole(&world.east, "backend"), None, "{fault}");
        let tagged = world.east.store().resolve(&path("acme/backend"), &tag(&sha_tag()));
        assert_eq!(tagged, None, "{fault}: a tag without its release");
        world.east.faults().clear();
        let (run, _) = repair(&world, &["--apply"]);
        assert_eq!(run.code, 0, "{fault}: {run:?}");
        assert_eq!(whole(&world.east, "backend"), Some(newest("backend").root.digest), "{fault}");
    }
}

#[test]
fn a_password_that_is_refused_is_told_as_that() {
    for fault in ["401@POST:/blobs/uploads/", "401@PUT:/blobs/", "401@PUT:/manifests/"] {
        let (user, password) = ("alice".to_owned(), "s3cret".to_owned());
        let auth = Auth::Basic { user, password };
        let world = World::with(Settings { auth, ..Settings::default() }).releases();
        let world = world.policy(|text| {
            let named = "[registry.east]\nusername-env = \"EAST_USER\"\ntoken-env = \"EAST_TOKEN\"";
            text.replace("[registry.east]", named)
        });
        lose(&world.east, "backend");
        registries::fault(&world.east, &format!("{fault}*always"));
        let words = ["repair", "prod", "--sha", NEW, "--apply", "--format", "json"];
        let login = |command: &mut Command| {
            command.env("EAST_USER", "alice").env("EAST_TOKEN", "s3cret");
        };
        let run = world.run(&words, |command| {
            login(command);
            command
        });
        assert_eq!(run.code, 4, "{fault}: {run:?}");
        assert_eq!(run.json()["outcome"], "failed", "{fault}: {run:?}");
        assert!(!run.stdout.contains("s3cret") && !run.stderr.contains("s3cret"));
        assert_eq!(whole(&world.east, "backend"), None, "{fault}");
    }
}

/// Faults that pass: the repair is made all the same.
const PASSING: [&str; 9] = [
    "500@POST:/blobs/uploads/",
    "503@PUT:/blobs/uploads/",
    "drop@PUT:/blobs/uploads/",
    "429:retry-after=1@PUT:/blobs/uploads/",
    "413@PUT:/blobs/uploads/",
    "416@PUT:/blobs/uploads/",
    "404@PUT:/blobs/uploads/",
    "503@PUT:/manifests/",
    "delay=300ms@PUT:/blobs/uploads/",
];

#[test]
fn a_target_that_fails_once_is_asked_again() {
    for fault in PASSING {
        let world = World::filled();
        lose(&world.east, "backend");
        registries::fault(&world.east, fault);
        let (run, json) = repair(&world, &["--apply"]);
        assert_eq!((run.code, json["outcome"].as_str()), (0, Some("ok")), "{fault}: {run:?}");
        assert_eq!(whole(&world.east, "backend"), Some(newest("backend").root.digest), "{fault}");
    }
}

#[test]
fn a_layer_that_breaks_off_or_is_another_never_arrives() {
    let layer = newest("backend").blobs[0].digest.clone();
    for (kind, is_passing) in [("cut", true), ("slow=200ms", true), ("wrong-digest", false)] {
        for times in ["", "*always"] {
            let world = World::filled();
            lose(&world.east, "backend");
            registries::fault(&world.west, &format!("{kind}@GET:/blobs/{layer}{times}"));
            let (run, _) = repair(&world, &["--apply"]);
            let passes = kind.starts_with("slow") || (is_passing && times.is_empty());
            assert_eq!(run.code == 0, passes, "{kind}{times}: {run:?}");
            if !passes {
                assert_eq!(whole(&world.east, "backend"), None, "{kind}{times}");
                let stored = world.east.store().stored_blob(&path("acme/backend"), &layer);
                assert_eq!(stored, None, "{kind}{times}");
            }
        }
    }
}

#[test]
fn a_registry_that_cannot_be_read_is_unknown_and_nothing_is_written() {
    for (fault, code) in [("500@/v2/*always", 3), ("403@/v2/acme/*always", 4)] {
        let world = World::filled();
        lose(&world.east, "backend");
        registries::fault(&world.west, fault);
        let (run, json) = repair(&world, &["--apply"]);
        assert_eq!((run.code, json["outcome"].as_str()), (code, Some("unknown")), "{run:?}");
        assert_eq!(writes(&world), [""; 0], "{fault}");
    }
}

#[test]
fn a_tag_that_somebody_sets_meanwhile_is_left_alone() {
    let world = World::filled();
    lose(&world.east, "backend");
    let other = super::rebuilt("backend");
    world.east.faults().before_each(move |request, access| {
        if request.method == "PUT" && request.path().contains("/manifests/sha256:") {
            access.push(&path("acme/backend"), &other, &[tag(&sha_tag())]);
        }
    });
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert_eq!(results(&json), ["backend east: failed"]);
    let tagged = world.east.store().resolve(&path("acme/backend"), &tag(&sha_tag()));
    assert_eq!(tagged, Some(super::rebuilt("backend").root.digest));
}

#[test]
fn where_an_upload_goes_on_is_followed_at_the_same_registry_only() {
    let world = World::filled();
    lose(&world.east, "backend");
    let elsewhere = world.west.url();
    world.east.quirks().switch_on(Quirk::LocationElsewhere(elsewhere));
    let (run, _) = repair(&world, &["--apply"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("continues the upload at another host"), "{run:?}");
    let strayed = world.west.requests().into_iter().filter(|r| r.path().contains("/uploads/"));
    assert_eq!(strayed.count(), 0);

    let world = World::filled();
    lose(&world.east, "backend");
    world.east.quirks().switch_on(Quirk::AbsoluteLocation);
    assert_eq!(repair(&world, &["--apply"]).0.code, 0);
}
