//! A move that broke off: the next run with the same goal goes on, another is refused, and `undo`
//! takes it back.

use super::scene::{broken_off, fault, guards, json, latest, puts, results, tags, with_uat};
use crate::support::{path, tag};
use crate::world::{MID, NEW, OLD, World};

/// A rollback that fails in the west, so that the east is put back.
fn put_back(world: &World) {
    // The rehearsal is taken, the moves are not.
    fault(world, "west", "500@PUT:/manifests/prod-latest*always");
    let (run, json) = json(world, &["rollback", "prod", "--to", MID, "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (3, Some("put-back")), "{run:?}");
}

#[test]
fn a_failure_in_one_registry_puts_the_other_back() {
    let world = World::filled();
    let before = tags(&world);
    put_back(&world);
    assert_eq!(tags(&world), before);
    // Nothing is left to do: any other move may follow.
    world.west.faults().clear();
    let run = world.tags(&["rollback", "prod", "--to", OLD, "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
}

#[test]
fn the_next_run_with_the_same_goal_goes_on() {
    for words in [&["--apply"][..], &["--to", MID, "--apply"]] {
        let world = World::filled();
        broken_off(&world, &["rollback", "prod", "--apply"]);
        let (run, json) = json(&world, &[&["rollback", "prod"], words].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(results(&json), ["already", "moved", "already", "moved"]);
        assert_eq!((latest(&world, "prod"), json["from"].as_str()), (Some(MID), Some(NEW)));
        // The journal of the second run takes back what both have moved.
        let journal = world.home.journals().pop().expect("a journal");
        let run = world.tags(&["undo", journal.to_str().expect("UTF-8")]);
        assert_eq!((run.code, latest(&world, "prod")), (0, Some(NEW)), "{run:?}");
    }
}

#[test]
fn another_goal_is_refused_until_the_first_is_finished_or_undone() {
    let world = World::filled();
    let journal = broken_off(&world, &["rollback", "prod", "--to", MID, "--apply"]);
    let journal = journal.to_str().expect("UTF-8");
    for words in [&["--to", OLD][..], &["--to", OLD, "--apply"], &["--steps", "1", "--apply"]] {
        let (run, json) = json(&world, &[&["rollback", "prod"], words].concat());
        assert_eq!((run.code, guards(&json)), (5, vec!["unfinished-journal"]), "{run:?}");
        assert!(run.stdout.contains(&format!("tags undo {journal}")), "{run:?}");
    }
    assert_eq!(puts(&world), [""; 0]);
    let run = world.tags(&["undo", journal]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(NEW)), "{run:?}");
    let run = world.tags(&["rollback", "prod", "--to", OLD, "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
}

#[test]
fn a_run_that_fails_while_it_goes_on_puts_back_what_the_first_had_moved() {
    let world = World::filled();
    broken_off(&world, &["rollback", "prod", "--apply"]);
    fault(&world, "west", "409@PUT:/manifests/prod-latest*always");
    let (run, json) = json(&world, &["rollback", "prod", "--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (5, Some("put-back")), "{run:?}");
    assert_eq!(results(&json), ["put-back", "failed", "put-back", "failed"]);
    assert_eq!(latest(&world, "prod"), Some(NEW));
}

#[test]
fn a_promotion_goes_on_in_the_same_way_and_its_sha_tags_stay() {
    let world = with_uat();
    let journal = broken_off(&world, &["promote", "uat", "prod", "--apply"]);
    let run = world.tags(&["rollback", "prod", "--to", OLD]);
    assert_eq!(run.code, 5, "{run:?}");
    let (run, json) = json(&world, &["promote", "uat", "prod", "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(NEW)), "{run:?}");
    assert_eq!(json["from"].as_str(), Some(OLD));
    assert_ne!(world.home.journals().pop().expect("a journal"), journal);
    let newest = world.home.journals().pop().expect("a journal");
    let run = world.tags(&["undo", newest.to_str().expect("UTF-8")]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(OLD)), "{run:?}");
    let stays =
        |tags: &std::collections::BTreeMap<_, _>| tags.contains_key(&tag(&format!("prod-{NEW}")));
    assert!(tags(&world).values().all(stays));
}

#[test]
fn undo_leaves_a_latest_tag_that_somebody_moved_since() {
    let world = World::filled();
    assert_eq!(world.tags(&["rollback", "prod", "--apply"]).code, 0);
    let journal = world.home.journals().pop().expect("a journal");
    let store = world.west.store();
    let repository = path("acme/frontend");
    let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
    stored.digest = store.resolve(&repository, &tag(&format!("prod-{OLD}"))).expect("a release");
    let theirs = stored.digest.clone();
    store.set_tag(&repository, &tag("prod-latest"), stored);
    let run = world.tags(&["undo", journal.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(store.resolve(&repository, &tag("prod-latest")), Some(theirs));
    assert!(run.stdout.contains("stays there"), "{run:?}");
}

#[test]
fn a_latest_tag_that_somebody_moved_since_a_run_broke_off_is_not_moved_again() {
    let world = World::filled();
    let journal = broken_off(&world, &["rollback", "prod", "--to", MID, "--apply"]);
    let repository = path("acme/frontend");
    let store = world.west.store();
    let theirs = store.resolve(&repository, &tag(&format!("prod-{OLD}"))).expect("a release");
    let mut stored = store.tags(&repository).expect("tags")[&tag("prod-latest")].clone();
    stored.digest = theirs.clone();
    store.set_tag(&repository, &tag("prod-latest"), stored);
    let again = ["rollback", "prod", "--to", MID, "--apply"];
    let (run, json) = json(&world, &again);
    assert_eq!((run.code, guards(&json)), (5, vec!["unfinished-journal"]), "{run:?}");
    assert_eq!(puts(&world), [""; 0]);
    assert_eq!(world.tags(&["undo", journal.to_str().expect("UTF-8")]).code, 0);
    assert_eq!(store.resolve(&repository, &tag("prod-latest")), Some(theirs));
    let run = world.tags(&again);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
}
