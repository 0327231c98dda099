//! Wrong input: each ends with 2, names what it is about, and says what to do.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use crate::world::{NEW, World, build, push};

#[test]
fn a_policy_file_that_was_named_must_be_there() {
    let world = World::filled();
    for run in [
        world.tags(&["list", "prod", "--policy", "nowhere.toml"]),
        world.run(&["list", "prod"], |command| command.env("TAGS_POLICY", "nowhere.toml")),
        world.tags(&["--policy", "nowhere.toml", "list", "prod"]),
    ] {
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("nowhere.toml") && run.stderr.contains("hint: "),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn the_policy_is_found_upward_to_the_repository_root_and_no_further() {
    let world = World::filled();
    let deep = world.home.path().join("a/b");
    std::fs::create_dir_all(&deep).expect("folders");
    let list = || world.run(&["list", "prod"], |command| command.current_dir(&deep)).code;
    assert_eq!(list(), 2, "no repository: only here");
    std::fs::create_dir(world.home.path().join(".git")).expect("a folder");
    assert_eq!(list(), 0, "the root's tags.toml");
    std::fs::create_dir(world.home.path().join("policies")).expect("a folder");
    let moved = world.home.path().join("policies/tags.toml");
    std::fs::rename(world.home.path().join("tags.toml"), moved).expect("moved");
    assert_eq!(list(), 0, "the root's policies/tags.toml");
    std::fs::create_dir(world.home.path().join("a/.git")).expect("a folder");
    assert_eq!(list(), 2, "above the root of the repository");
}

#[test]
fn every_problem_of_a_policy_is_told_with_its_place() {
    let world = World::filled()
        .policy(|text| text.replace("branch =", "brunch =").replace("\"built\"", "7"));
    let run = world.tags(&["list", "prod"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("tags.toml:18:1"), "{}", run.stderr);
    assert!(run.stderr.contains("tags.toml:21:9"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `branch`?"), "{}", run.stderr);
}

#[test]
fn an_environment_that_does_not_exist_is_answered_with_those_that_do() {
    for arguments in
        [&["list", "production"][..], &["verify", "production"], &["rollback-target", "x"]]
    {
        let run = World::filled().tags(arguments);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("no environment `") && run.stderr.contains("the policy has prod")
        );
    }
}

#[test]
fn a_release_must_be_said_where_nothing_tells_it() {
    let run = World::filled().tags(&["verify", "prod"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--sha"), "{}", run.stderr);
    for sha in ["xyz", "123456", "g123456", ""] {
        assert_eq!(World::filled().tags(&["verify", "prod", "--sha", sha]).code, 2, "{sha:?}");
    }
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let world = World::filled();
    let after = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json", "--no-cache"]);
    let before = world.tags(&["--no-cache", "--format", "json", "verify", "prod", "--sha", NEW]);
    assert_eq!((after.code, after.stdout), (before.code, before.stdout));
}

#[test]
fn schema_completions_and_manual_need_no_policy() {
    let world = World::empty();
    std::fs::remove_file(world.home.path().join("tags.toml")).expect("removed");
    let schema = world.tags(&["schema"]);
    assert_eq!((schema.code, schema.json()["type"].as_str()), (0, Some("object")));
    for arguments in [&["completions", "bash"][..], &["completions", "fish"], &["--help"]] {
        let run = world.tags(arguments);
        for command in ["rollback-target", "cleanup", "apply", "explain", "undo"] {
            assert!(run.code == 0 && run.stdout.contains(command), "{command}: {arguments:?}");
        }
    }
    let manual = world.tags(&["man"]);
    assert!(manual.code == 0 && manual.stdout.contains(r"rollback\-target"));
    for told in ["TAGS CLEANUP", "TAGS APPLY", "TAGS EXPLAIN", "TAGS UNDO", r"\-\-in\-use"] {
        assert!(manual.stdout.contains(told), "{told}");
    }
    let nothing = world.tags(&["list", "prod"]);
    assert!(nothing.code == 2 && nothing.stderr.contains("no policy file"), "{}", nothing.stderr);
    assert_eq!(world.tags(&["no-such-command"]).code, 2);
}

#[test]
fn a_misspelt_name_gets_a_suggestion() {
    let world = World::filled();
    for (words, meant) in [
        (&["verify", "prdo", "--sha", NEW][..], "did you mean `prod`?"),
        (&["list", "Prod"], "did you mean `prod`?"),
        (&["rollback-target", "production"], "the policy has prod"),
        (&["explain", "prd", NEW], "did you mean `prod`?"),
        (&["explain", "acme/bakend:prod-latest"], "did you mean `acme/backend`?"),
        (&["explain", "eats/acme/frontend:prod-latest"], "did you mean `east/acme/frontend`?"),
        (&["explain", "frontent:prod-latest"], "did you mean `frontend`?"),
        (&["gc", "wset"], "did you mean `west`?"),
    ] {
        let run = world.tags(words);
        assert!(run.code == 2 && run.stderr.contains(meant), "{words:?}: {run:?}");
    }
}

#[test]
fn a_sha_alone_is_explained_if_one_environment_has_it() {
    let world = World::filled().policy(|text| {
        text + "\n[environment.uat]\nsha-tag = \"uat-{sha}\"\nlatest-tag = \"uat-latest\"\norder = \"built\"\n"
    });
    for sha in [NEW, &NEW[..8], &NEW.to_uppercase()[..9]] {
        let run = world.tags(&["explain", sha]);
        let whole = world.tags(&["explain", "prod", sha]);
        assert_eq!((run.code, &run.stdout), (0, &whole.stdout), "{run:?}");
    }
    let none = world.tags(&["explain", "1234567"]);
    assert!(none.code == 1 && none.stderr.contains("no environment has a release"), "{none:?}");
    let built = BuiltImage::single(&build("backend", NEW, TimeDelta::days(1)), Format::Oci);
    push(&world.east, "backend", &built, &[&format!("uat-{NEW}")]);
    let two = world.tags(&["explain", &NEW[..10]]);
    assert!(two.code == 2 && two.stderr.contains("a release of prod and uat"), "{two:?}");
    world.west.faults().add("500@/tags/list*always".parse().expect("a fault"));
    assert_eq!(world.tags(&["explain", "1234567"]).code, 3);
}
