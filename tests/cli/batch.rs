//! `tags cleanup --batch N`: a backlog in parts, the oldest whole releases first.

use chrono::TimeDelta;

use crate::cleaning::{deletions, picture, results, world};
use crate::world::World;

/// Twelve releases more that may go, of four manifests each, from the newest to the oldest.
const BACKLOG: usize = 12;

fn backlog() -> World {
    let world = world();
    for number in 0..BACKLOG {
        let age = i64::try_from(number).expect("a small number") + 10;
        world.release(&sha(number), TimeDelta::days(age));
    }
    world.release(crate::world::NEW, TimeDelta::days(1));
    world.policy(|text| text + "\n[limits]\nmax-deletions = 20\nmax-share = 0.4\n")
}

/// Names that say nothing of their order.
fn sha(number: usize) -> String {
    format!("{:x}{number:039x}", (number * 7) % 16)
}

/// How many tags of a release there are in both registries.
fn copies(world: &World, sha: &str) -> usize {
    picture(world).iter().filter(|what| what.ends_with(&format!(":prod-{sha}"))).count()
}

#[test]
fn a_backlog_over_the_limits_is_taken_in_parts_until_nothing_remains() {
    let world = backlog();
    assert_eq!(world.tags(&["cleanup", "--apply"]).code, 5);
    let mut gone = 0;
    let mut rounds = 0;
    loop {
        let dry = world.tags(&["cleanup", "--batch", "10", "--format", "json"]).json();
        let run = world.tags(&["cleanup", "--apply", "--batch", "10", "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        let json = run.json();
        let deleted = results(&json, "deleted");
        assert_eq!(dry["totals"]["delete"], deleted, "the dry run said otherwise");
        if deleted == 0 {
            assert!(json["remaining"].is_null(), "{json}");
            break;
        }
        assert!(deleted <= 10 && deleted.is_multiple_of(4), "{deleted} of whole releases");
        gone += deleted;
        rounds += 1;
        // All but the current release and the one to go back to.
        let all = (BACKLOG + 1) * 4;
        let remaining = json["remaining"].as_u64().unwrap_or(0);
        assert_eq!(usize::try_from(remaining), Ok(all - gone), "{json}");
        for (number, age) in (0..BACKLOG).rev().enumerate() {
            let expected = if (number + 1) * 4 <= gone { 0 } else { 4 };
            assert_eq!(copies(&world, &sha(age)), expected, "round {rounds}, release {age}");
        }
    }
    assert_eq!((gone, deletions(&world)), ((BACKLOG + 1) * 4, gone));
    assert_eq!(copies(&world, crate::world::NEW), 4);
}

#[test]
fn how_many_remain_is_said_to_people_as_well() {
    let world = backlog();
    let dry = world.tags(&["cleanup", "--batch", "10"]);
    assert!(
        dry.code == 0 && dry.stdout.contains("44 more manifests left for a later run"),
        "{dry:?}"
    );
    let run = world.tags(&["cleanup", "--apply", "--batch", "10"]);
    assert!(
        run.code == 0 && run.stdout.contains("44 more manifests left for a later run"),
        "{run:?}"
    );
}

#[test]
fn the_limits_hold_for_a_batch_and_a_release_is_never_split() {
    let world = backlog();
    let big = world.tags(&["cleanup", "--batch", "1000", "--format", "json"]).json();
    let delete = big["totals"]["delete"].as_u64().expect("a number");
    assert!(delete > 0 && delete <= 20, "{delete}");
    let small = world.tags(&["cleanup", "--apply", "--batch", "3"]);
    assert!(small.code == 5 && small.stderr.contains("belong together: 4 manifests"), "{small:?}");
    assert_eq!(deletions(&world), 0);
    // A batch can be reviewed as a file, and no more of it goes than was reviewed.
    let plan = world.tags(&["cleanup", "--batch", "4", "--out", "plan.json"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    let run = world.tags(&["apply", "plan.json", "--format", "json"]);
    assert_eq!((run.code, results(&run.json(), "deleted")), (0, 4), "{run:?}");
    assert_eq!(copies(&world, &sha(BACKLOG - 1)), 0);
}
