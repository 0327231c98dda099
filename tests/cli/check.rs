//! `tags check`: says what a policy means, asks no registry, and tells every problem.

use crate::support::program::Home;
use crate::world::World;

#[test]
fn a_policy_is_explained_without_a_request() {
    let world = World::filled().policy(|text| {
        text + "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 20\nkeep-within = \"90d\"\n\n[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"36h\"\n\n[untagged]\nkeep-within = \"7d\"\n\n[protect]\ntags = [\"v*\"]\n"
    });
    let run = world.tags(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("check-human", world.settled(&run.stdout));
    let json = world.tags(&["check", "--format", "json"]);
    insta::assert_snapshot!("check-json", world.settled(&json.stdout));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert!(world.east.requests().is_empty() && world.west.requests().is_empty());
}

#[test]
fn every_policy_to_copy_is_valid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    for entry in std::fs::read_dir(folder).expect("policies") {
        let path = entry.expect("an entry").path().display().to_string();
        let run = Home::new().tags(&["check", "--policy", &path]);
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[test]
fn every_problem_is_told_with_its_place_and_ends_with_2() {
    let world = World::filled()
        .policy(|text| text.replace("branch =", "brunch =") + "[limits]\nmax-share = 7\n");
    let run = world.tags(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    for told in ["tags.toml:18:1", "did you mean `branch`?", "max-share"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

#[test]
fn what_is_valid_and_yet_may_not_be_meant_is_a_note() {
    let world = World::empty().policy(|text| {
        text.replace("branch = \"main\"\n", "latest-required = false\nimages = [\"backend\"]\n")
    });
    let run = world.tags(&["check"]);
    assert_eq!(run.code, 0);
    for told in ["prod has no branch", "only warns", "belongs to no environment"] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
}
