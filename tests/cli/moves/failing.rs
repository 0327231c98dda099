//! Moves that fail half way, or whose earlier run did: what is said, and what may follow.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use super::scene::{IMAGES, broken_off, fault, guards, json, latest, puts, tags, with_uat};
use crate::support::{path, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

/// Somebody else moves the latest tag of the frontend in the east once this run has begun in the west.
fn moved_by_somebody(world: &World) {
    let store = world.east.store().clone();
    world.west.faults().before_each(move |request, _| {
        if request.method == "PUT" && request.path().ends_with("/manifests/prod-latest") {
            let repository = path("acme/frontend");
            let theirs = store.resolve(&repository, &tag(&format!("prod-{OLD}")));
            let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
            stored.digest = theirs.expect("a release");
            store.set_tag(&repository, &tag("prod-latest"), stored);
        }
    });
}

/// Removes a release from both registries.
fn remove_release(world: &World, name: &str) {
    for registry in [&world.east, &world.west] {
        for image in IMAGES {
            registry.store().remove_tag(&path(&format!("acme/{image}")), &tag(name));
        }
    }
}

#[test]
fn a_conflict_is_one_also_where_the_registry_calls_it_denied() {
    for status in [409, 412] {
        let world = World::filled();
        world.west.faults().before_each(move |request, access| {
            if request.method == "PUT" && request.path().ends_with("/manifests/prod-latest") {
                access.change_answer(move |answer| {
                    answer.status = status;
                    answer.body = br#"{"errors":[{"code":"DENIED","message":"immutable"}]}"#.into();
                });
                // The tag stays where it is.
                access.faults().add("409@PUT:/manifests/prod-latest".parse().expect("a fault"));
            }
        });
        let (run, json) = json(&world, &["rollback", "prod", "--to", MID, "--apply"]);
        assert_eq!((run.code, json["outcome"].as_str()), (5, Some("put-back")), "{run:?}");
        assert_eq!(latest(&world, "prod"), Some(NEW));
    }
}

#[test]
fn a_journal_in_use_is_not_undone_and_that_is_a_refusal() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--apply"]).code, 0);
    let journal = world.home.journals().pop().expect("a journal");
    let held = std::fs::File::options().write(true).open(&journal).expect("a journal");
    held.lock().expect("a lock");
    let run = world.tags(&["undo", journal.to_str().expect("UTF-8")]);
    assert_eq!((run.code, latest(&world, "prod")), (5, Some(MID)), "{run:?}");
}

#[test]
fn a_tag_that_somebody_moved_before_this_run_did_is_told_with_those_put_back() {
    let world = World::filled();
    let store = world.west.store().clone();
    world.east.faults().before_each(move |request, _| {
        if request.method == "PUT" && request.path().ends_with("/backend/manifests/prod-latest") {
            let repository = path("acme/frontend");
            let theirs = store.resolve(&repository, &tag(&format!("prod-{OLD}")));
            let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
            stored.digest = theirs.expect("a release");
            store.set_tag(&repository, &tag("prod-latest"), stored);
        }
    });
    let run = world.tags(&["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!(run.code, 5, "{run:?}");
    let says = "3 latest tags put back, 1 left where somebody else moved it";
    assert!(run.stdout.contains(says) && !run.stdout.contains("as before\n"), "{}", run.stdout);
}

#[test]
fn where_nothing_of_it_is_left_a_failed_move_stands_in_nobodys_way() {
    let world = World::filled();
    moved_by_somebody(&world);
    fault(&world, "west", "500@PUT:/manifests/prod-latest*always");
    let run = world.tags(&["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stdout.contains("1 latest tag put back, 1 left where"), "{}", run.stdout);
    assert!(!run.stdout.contains("finish it with"), "{}", run.stdout);
    world.west.faults().clear();
    let run = world.tags(&["rollback", "prod", "--to", OLD, "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
}

#[test]
fn a_command_that_would_be_refused_is_not_offered() {
    let world = World::filled();
    let journal = broken_off(&world, &["rollback", "prod", "--to", MID, "--apply"]);
    let store = world.west.store();
    let repository = path("acme/frontend");
    let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
    stored.digest = store.resolve(&repository, &tag(&format!("prod-{OLD}"))).expect("a release");
    store.set_tag(&repository, &tag("prod-latest"), stored);
    let (run, json) = json(&world, &["rollback", "prod", "--to", OLD]);
    assert_eq!((run.code, guards(&json)), (5, vec!["unfinished-journal"]), "{run:?}");
    let hint = json["guards"][0]["hint"].as_str().expect("a hint");
    assert!(hint.contains(&format!("tags undo {}", journal.display())), "{hint}");
    assert!(!hint.contains("finish"), "{hint}");
}

#[test]
fn a_promotion_backwards_that_broke_off_goes_on_and_is_printed_as_it_was_asked_for() {
    let world = with_uat();
    assert_eq!(world.tags(&["promote", "uat", "prod", "--apply"]).code, 0);
    let older = ["promote", "uat", "prod", "--sha", MID];
    let run = world.tags(&[&older[..], &["--backwards"]].concat());
    let line = format!("`tags promote uat prod --sha {MID} --backwards --apply`");
    assert!(run.code == 0 && run.stdout.contains(&line), "{run:?}");
    broken_off(&world, &[&older[..], &["--backwards", "--apply"]].concat());
    let other = world.tags(&["rollback", "prod", "--to", OLD]);
    assert!(other.code == 5 && other.stdout.contains(&line), "{other:?}");
    let run = world.tags(&[&older[..], &["--apply"]].concat());
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
}

#[test]
fn a_rollback_to_the_oldest_release_is_not_repeated_either() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--to", OLD, "--apply"]).code, 0);
    puts(&world);
    let (run, json) = json(&world, &["rollback", "prod", "--apply"]);
    assert_eq!((run.code, guards(&json)), (5, vec!["already-rolled-back"]), "{run:?}");
    assert!(run.stderr.contains("refused[already-rolled-back]: "), "{run:?}");
    // Nobody can go further back, said with a number.
    let run = world.tags(&["rollback", "prod", "--steps", "1"]);
    assert_eq!((run.code, puts(&world)), (1, Vec::new()), "{run:?}");
}

#[test]
fn the_goal_of_a_move_that_broke_off_may_be_gone_and_then_it_can_be_undone() {
    for (world, words, name) in [
        (World::filled(), &["rollback", "prod"][..], format!("prod-{MID}")),
        (with_uat(), &["promote", "uat", "prod"], format!("uat-{NEW}")),
    ] {
        let before = tags(&world);
        let journal = broken_off(&world, &[words, &["--apply"]].concat());
        remove_release(&world, &name);
        let (run, json) = json(&world, &[words, &["--apply"]].concat());
        assert_eq!((run.code, guards(&json)), (5, vec!["unfinished-journal"]), "{run:?}");
        let hint = json["guards"][0]["hint"].as_str().expect("a hint");
        let undo = ["undo", journal.to_str().expect("UTF-8")];
        assert!(hint.contains(&undo.join(" ")) && !hint.contains("finish"), "{hint}");
        assert_eq!(world.tags(&undo).code, 0);
        let name = tag("prod-latest");
        for (place, tags) in tags(&world) {
            assert_eq!(tags.get(&name), before[&place].get(&name), "{place:?}");
        }
    }
}

#[test]
fn an_environment_is_not_promoted_to_itself() {
    let world = with_uat();
    let run = world.tags(&["promote", "prod", "prod"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("prod cannot be promoted to itself"), "{run:?}");
    assert!(!run.stderr.contains("promote-from"), "{run:?}");
}

#[test]
fn a_rollback_says_which_releases_it_passed_over() {
    let world = World::filled();
    world.west.store().remove_tag(&path("acme/frontend"), &tag(&format!("prod-{MID}")));
    let run = world.tags(&["rollback", "prod"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains(&format!("skipped {MID} (incomplete)")), "{}", run.stderr);
}

#[test]
fn a_promotion_says_which_sha_tags_it_sets() {
    let world = with_uat();
    let built = BuiltImage::single(&build("frontend", NEW, TimeDelta::days(1)), Format::Oci);
    push(&world.west, "frontend", &built, &[&format!("prod-{NEW}")]);
    let run = world.tags(&["promote", "uat", "prod"]);
    let says = format!("sets prod-{NEW} in 3 repositories (1 has it)");
    assert!(run.code == 0 && run.stdout.contains(&says), "{}", run.stdout);
}

#[test]
fn a_registry_that_was_not_asked_is_not_one_without_the_tag() {
    let world = World::filled();
    world.east.store().remove_tag(&path("acme/frontend"), &tag("prod-latest"));
    fault(&world, "west", "500*always");
    let run = world.tags(&["rollback", "prod", "--to", MID]);
    assert_eq!(run.code, 3, "{run:?}");
    let row = |registry: &str| {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut rows = run.stdout.lines().map(words);
        let is_it = |row: &Vec<String>| row.iter().take(2).eq(["frontend", registry]);
        rows.find(is_it).expect("a row")
    };
    assert_eq!(row("east")[2], "none", "{}", run.stdout);
    assert_eq!(row("west")[2..4], ["unread", "unread"], "{}", run.stdout);
}

#[test]
fn an_environment_without_repositories_has_no_release_yet() {
    let world = with_uat().policy(|text| {
        let own = |registry: &str| {
            format!("{registry} = {{ backend = \"new/backend\", frontend = \"new/frontend\" }}")
        };
        let own = format!("repositories = {{ {}, {} }}\n", own("east"), own("west"));
        let begin = "[environment.prod]\n";
        text.replace(begin, &format!("{begin}{own}"))
    });
    let run = world.tags(&["promote", "uat", "prod"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("prod has no release yet"), "{}", run.stdout);
    assert!(!run.stdout.contains("could not be read"), "{}", run.stdout);
}

/// The images of prod in the west are in repositories of their own.
fn with_own_repository() -> World {
    let own = "repositories = { west = { backend = \"acme/backend-prod\" } }\n";
    let world = with_uat().policy(|text| {
        let begin = "[environment.prod]\n";
        text.replace(begin, &format!("{begin}{own}"))
    });
    let old = BuiltImage::single(&build("backend", OLD, TimeDelta::days(3)), Format::Oci);
    push(&world.west, "backend-prod", &old, &[&format!("prod-{OLD}"), "prod-latest"]);
    world
}

#[test]
fn nothing_is_copied_to_where_nobody_may_push() {
    let world = with_own_repository();
    fault(&world, "west", "403@PUT:/backend-prod/manifests/*always");
    let run = world.tags(&["promote", "uat", "prod", "--apply"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("failed; nothing was changed"), "{}", run.stdout);
    let written: Vec<_> =
        puts(&world).into_iter().filter(|put| !put.contains("/manifests/sha256:")).collect();
    assert_eq!(written, [""; 0]);
}

#[test]
fn copies_and_sha_tags_that_stay_after_a_failure_are_told() {
    let world = with_own_repository();
    fault(&world, "west", "403@PUT:/manifests/prod-latest*always");
    let run = world.tags(&["promote", "uat", "prod", "--apply"]);
    assert_eq!(run.code, 4, "{run:?}");
    let west = world.west.addr();
    for says in [
        format!("what was copied to {west}/acme/backend-prod stays there"),
        format!("the new SHA tag {west}/acme/frontend:prod-{NEW} stays"),
    ] {
        assert!(run.stdout.contains(&says), "{says}: {}", run.stdout);
    }
    let world = with_own_repository();
    fault(&world, "east", "403@PUT:/frontend/manifests/*always");
    let run = world.tags(&["promote", "uat", "prod", "--apply"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(!run.stdout.contains("nothing was changed"), "{}", run.stdout);
    assert!(run.stdout.contains("backend-prod stays there"), "{}", run.stdout);
}

#[test]
fn undoing_a_move_speaks_of_latest_tags() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--apply"]).code, 0);
    let journal = world.home.journals().pop().expect("a journal");
    let store = world.west.store();
    let repository = path("acme/frontend");
    let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
    stored.digest = store.resolve(&repository, &tag(&format!("prod-{OLD}"))).expect("a release");
    store.set_tag(&repository, &tag("prod-latest"), stored);
    let world = world.policy(|text| text + "# changed\n");
    let run = world.tags(&["undo", journal.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("prod: 3 latest tags moved back; 1 left\n"), "{}", run.stdout);
    let said = format!("{}{}", run.stdout, run.stderr);
    for word in ["manifest", "deletion", "restored"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
}
