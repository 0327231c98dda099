//! A checkout that git will not read: its own words reach the user, wherever it was asked.

use std::process::Command;

use crate::support::program::Run;
use crate::world::World;

fn git(world: &World, words: &[&str]) {
    let mut command = world.command(&[]);
    let path = command.get_envs().find(|(name, _)| *name == "PATH");
    let path = path.and_then(|(_, value)| value).expect("a path").to_owned();
    command = Command::new("git");
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let status = command
        .args(identity)
        .args(words)
        .current_dir(world.home.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", world.home.path())
        .status();
    assert!(status.expect("git").success(), "{words:?}");
}

/// A world in a checkout with one commit.
fn checkout() -> World {
    let world = World::filled().policy(|text| text.replace("\"built\"", "\"git\""));
    git(&world, &["init", "--quiet", "--initial-branch=main"]);
    git(&world, &["commit", "--quiet", "--allow-empty", "--message=one"]);
    world
}

/// As in a container whose user does not own the checkout.
fn refused(world: &World, words: &[&str]) -> Run {
    world.run(words, |command| command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"))
}

#[test]
fn gits_own_words_are_passed_on_with_the_command_that_helps() {
    let world = checkout();
    for (words, code) in [
        (&["verify"][..], 2),
        (&["verify", "prod"], 2),
        (&["list", "prod"], 0),
        (&["rollback-target", "prod"], 1),
        (&["cleanup"], 0),
        (&["explain", "prod", crate::world::NEW], 0),
    ] {
        let run = refused(&world, words);
        assert_eq!(run.code, code, "{words:?}: {run:?}");
        assert!(run.stderr.contains("dubious ownership"), "{words:?}: {run:?}");
        let help = "git config --global --add safe.directory /";
        assert!(run.stderr.contains(help) && !run.stderr.contains("fetch-depth"), "{run:?}");
    }
}

#[test]
fn where_times_tell_the_order_a_refusal_is_no_more_than_a_note() {
    let world = checkout().policy(|text| text.replace("\"git\"", "\"built\""));
    let run = refused(&world, &["rollback-target", "prod"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("note: git refused"), "{run:?}");
}

#[test]
fn without_a_checkout_or_a_commit_nothing_is_refused() {
    let world = World::filled().policy(|text| text.replace("\"built\"", "\"git\""));
    for _ in 0..2 {
        let run = world.tags(&["list", "prod"]);
        assert!(
            run.stderr.contains("no git history") && run.stderr.contains("fetch-depth"),
            "{run:?}"
        );
        let verify = world.tags(&["verify", "prod"]);
        assert!(verify.code == 2 && verify.stderr.contains("not a git checkout"), "{verify:?}");
        git(&world, &["init", "--quiet", "--initial-branch=main"]);
    }
}
