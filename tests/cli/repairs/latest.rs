//! `tags repair --latest`: the latest tags follow once every place has the release.

use super::{lose, newest, rebuilt, repair, results, sha_tag, writes};
use crate::support::{path, registries, tag};
use crate::world::{MID, NEW, OLD, World, push};

fn latest(world: &World, image: &str) -> [Option<tags::model::Digest>; 2] {
    let repository = path(&format!("acme/{image}"));
    [&world.east, &world.west]
        .map(|registry| registry.store().resolve(&repository, &tag("prod-latest")))
}

/// The latest tags point to the release before.
fn moved_back(world: &World) {
    for registry in [&world.east, &world.west] {
        for image in ["backend", "frontend"] {
            let repository = path(&format!("acme/{image}"));
            let old = registry.store().resolve(&repository, &tag(&format!("prod-{MID}")));
            let old = old.expect("the release before");
            assert!(registry.access().set_tag(&repository, &tag("prod-latest"), &old));
        }
    }
}

/// Makes the move, and leaves it as a process that was killed once it had moved the eastern tags.
fn killed(world: &World) {
    let run = world.tags(&["repair", "prod", "--sha", NEW, "--latest", "--apply"]);
    assert_eq!(run.code, 0, "{run:?}");
    let journal = world.home.journals().pop().expect("a journal");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.contains("\"record\":\"end\"")).collect();
    std::fs::write(&journal, lines.join("\n") + "\n").expect("written");
    for image in ["backend", "frontend"] {
        let repository = path(&format!("acme/{image}"));
        let old = world.west.store().resolve(&repository, &tag(&format!("prod-{MID}")));
        let old = old.expect("the release before");
        assert!(world.west.access().set_tag(&repository, &tag("prod-latest"), &old));
    }
}

#[test]
fn the_latest_tags_move_once_every_place_is_filled() {
    let world = World::filled();
    lose(&world.east, "backend");
    moved_back(&world);
    let (run, json) = repair(&world, &["--latest"]);
    assert_eq!((run.code, json["outcome"].as_str()), (0, Some("planned")), "{run:?}");
    assert_eq!(json["places"].as_array().map(Vec::len), Some(4));
    assert_eq!(writes(&world), [""; 0]);
    let (run, json) = repair(&world, &["--latest", "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (0, Some("ok")), "{run:?}");
    assert_eq!(results(&json), ["backend east: copied"]);
    let moved = json["places"].as_array().expect("places").iter();
    assert!(moved.map(|place| &place["result"]).all(|result| result == "moved"), "{run:?}");
    for image in ["backend", "frontend"] {
        let digest = Some(newest(image).root.digest);
        assert_eq!(latest(&world, image), [digest.clone(), digest]);
    }
}

#[test]
fn without_latest_they_stay_and_a_place_that_is_not_filled_keeps_them_too() {
    let world = World::filled();
    moved_back(&world);
    lose(&world.east, "backend");
    let before = latest(&world, "backend");
    let (run, _) = repair(&world, &["--apply"]);
    assert_eq!((run.code, latest(&world, "backend")), (0, before.clone()), "{run:?}");
    lose(&world.east, "frontend");
    lose(&world.west, "frontend");
    let (run, json) = repair(&world, &["--latest", "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (1, Some("failed")), "{run:?}");
    assert_eq!(latest(&world, "backend"), before);
    let _ = sha_tag();
}

#[test]
fn a_repair_is_no_rollback() {
    let world = World::filled();
    moved_back(&world);
    let run = world.tags(&["repair", "prod", "--sha", NEW, "--latest", "--apply"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("roll back"), "{run:?}");
    assert!(run.stdout.contains("repair prod: prod-latest to "), "{run:?}");
    let run = world.tags(&["rollback", "prod", "--apply"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_move_that_breaks_off_is_finished_by_the_same_repair() {
    let world = World::filled();
    moved_back(&world);
    killed(&world);
    let run = world.tags(&["rollback", "prod", "--to", OLD]);
    assert_eq!(run.code, 5, "{run:?}");
    let finish = format!("`tags repair prod --sha {NEW} --latest --apply`");
    assert!(run.stdout.contains(&finish), "{run:?}");
    let (run, json) = repair(&world, &["--latest", "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (0, Some("ok")), "{run:?}");
    let digest = Some(newest("backend").root.digest);
    assert_eq!(latest(&world, "backend"), [digest.clone(), digest]);
    let run = world.tags(&["rollback", "prod"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_release_that_must_not_be_current_is_refused_before_the_first_copy() {
    let bad = |text: String| format!("{text}bad-shas = [\"{NEW}\"]\n");
    for words in [&["--latest"][..], &["--latest", "--apply"]] {
        let world = World::filled().policy(bad);
        lose(&world.east, "backend");
        moved_back(&world);
        let (run, json) = repair(&world, words);
        assert_eq!((run.code, json["outcome"].as_str()), (5, Some("refused")), "{run:?}");
        assert_eq!(json["guards"][0]["code"], "bad-sha", "{run:?}");
        assert_eq!(results(&json), ["backend east: refused"]);
        assert_eq!(writes(&world), [""; 0], "{words:?}");
    }
    // Without the move, the release is filled: it is whole, whatever runs.
    let world = World::filled().policy(bad);
    lose(&world.east, "backend");
    assert_eq!(repair(&world, &["--apply"]).0.code, 0);
}

#[test]
fn an_unfinished_move_refuses_another_before_the_first_copy() {
    let world = World::filled();
    moved_back(&world);
    killed(&world);
    let backend = path("acme/backend");
    assert!(world.east.store().remove_tag(&backend, &tag(&format!("prod-{MID}"))));
    writes(&world);
    for words in [&["--latest"][..], &["--latest", "--apply"]] {
        let all = [&["repair", "prod", "--sha", MID, "--format", "json"], words].concat();
        let run = world.tags(&all);
        assert_eq!(run.code, 5, "{run:?}");
        assert_eq!(run.json()["guards"][0]["code"], "unfinished-journal", "{run:?}");
        assert_eq!(writes(&world), [""; 0], "{words:?}");
    }
}

#[test]
fn a_latest_tag_that_does_not_exist_yet_is_told_before_it_is_made() {
    let world = World::filled();
    lose(&world.east, "backend");
    assert!(world.west.store().remove_tag(&path("acme/backend"), &tag("prod-latest")));
    let (run, json) = repair(&world, &["--latest"]);
    assert_eq!(run.code, 0, "{run:?}");
    let west = &json["places"][1];
    assert_eq!((&west["registry"], &west["result"]), (&"west".into(), &"planned".into()));
    let message = west["message"].as_str().expect("a message");
    assert!(message.contains("cannot be put back"), "{message}");
}

#[test]
fn a_repair_that_is_refused_promises_no_move_and_nothing_to_deploy() {
    for words in [&["--latest"][..], &["--latest", "--apply"]] {
        let world = World::filled();
        moved_back(&world);
        push(&world.east, "backend", &rebuilt("backend"), &[&sha_tag()]);
        let layer = &rebuilt("backend").blobs[0].digest;
        assert!(world.east.store().remove_blob(&path("acme/backend"), layer));
        let run = world.tags(&[&["repair", "prod", "--sha", NEW], words].concat());
        assert_eq!(run.code, 5, "{run:?}");
        assert!(!run.stdout.contains("would move"), "{run:?}");
        assert!(!run.stdout.contains("to deploy"), "{run:?}");
        let (_, json) = repair(&world, words);
        assert_eq!(json["places"][0]["result"], "failed", "{run:?}");
    }
}

#[test]
fn what_was_copied_for_a_move_that_did_not_follow_is_not_called_a_plan() {
    let world = World::filled();
    moved_back(&world);
    lose(&world.east, "backend");
    lose(&world.west, "frontend");
    registries::fault(&world.west, "403@POST:/blobs/uploads/*always");
    let run = world.tags(&["repair", "prod", "--sha", NEW, "--latest", "--apply"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(!run.stdout.contains("would move"), "{run:?}");
    assert!(run.stdout.contains("the latest tags stay where they are"), "{run:?}");
}

#[test]
fn what_keeps_the_move_from_being_planned_is_told_in_both_formats() {
    // Nothing lacks anything; only the platform that the policy asks for was never built.
    let world = World::filled().policy(|text| {
        text.replace("[image.backend]\n", "[image.backend]\nplatforms = [\"linux/arm64\"]\n")
    });
    moved_back(&world);
    let (run, json) = repair(&world, &["--latest", "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (1, Some("failed")), "{run:?}");
    let problem = json["problems"][0]["message"].as_str().expect("a problem");
    assert!(problem.contains("linux/arm64"), "{problem}");
    let run = world.tags(&["repair", "prod", "--sha", NEW, "--latest", "--apply"]);
    assert!(!run.stdout.contains("no place was filled"), "{run:?}");
    assert!(run.stdout.contains("nothing was to be copied"), "{run:?}");
}

#[test]
fn a_move_to_a_release_that_is_not_whole_names_the_repair() {
    let world = World::filled();
    for image in ["backend", "frontend"] {
        let repository = path(&format!("acme/{image}"));
        assert!(world.east.store().remove_tag(&repository, &tag(&format!("prod-{MID}"))));
    }
    let run = world.tags(&["rollback", "prod", "--to", MID]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!run.stdout.contains("--wait"), "{run:?}");
    let hint = format!("`tags repair prod --sha {MID}`");
    assert_eq!(run.stdout.matches(&hint).count(), 1, "{run:?}");
}
