//! Completion by the program itself: the names of the policy, and nothing where there are none.

use crate::world::World;

/// What the program offers for the last of these words.
fn offered(world: &World, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let arguments = [&["--"], words].concat();
    let run = world.run(&arguments, |command| {
        command
            .env("TAGS_COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", index)
            .env("_CLAP_IFS", "\n")
    });
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn environments_images_and_registries_are_completed_from_the_policy() {
    let world = World::empty();
    for command in ["verify", "rollback-target", "rollback", "repair", "list", "runs", "promote"] {
        assert_eq!(offered(&world, &["tags", command, "p"]), ["prod"], "{command}");
    }
    assert_eq!(offered(&world, &["tags", "promote", "prod", "p"]), ["prod"]);
    assert_eq!(offered(&world, &["tags", "gc", "w"]), ["west"]);
    assert_eq!(offered(&world, &["tags", "repair", "prod", "--from", ""]), ["east", "west"]);
    let tags = ["backend:prod-latest"];
    assert_eq!(offered(&world, &["tags", "explain", "b"]), tags);
    assert!(offered(&world, &["tags", "ini"]).contains(&"init".to_owned()));
    assert!(east_and_west_were_not_asked(&world));
}

fn east_and_west_were_not_asked(world: &World) -> bool {
    world.east.requests().is_empty() && world.west.requests().is_empty()
}

#[test]
fn the_policy_that_the_command_line_names_counts() {
    let world = World::empty();
    let other = world.home.read("tags.toml").replace("[environment.prod]", "[environment.uat]");
    world.home.file("other.toml", &other);
    for words in [
        &["tags", "--policy", "other.toml", "list", ""][..],
        &["tags", "--policy=other.toml", "list", ""],
    ] {
        let offered = offered(&world, words);
        assert!(offered.contains(&"uat".to_owned()), "{offered:?}");
    }
}

#[test]
fn without_a_valid_policy_no_names_are_offered_and_nothing_is_said() {
    let world = World::empty();
    for text in ["version = 2\n", "nonsense"] {
        world.home.policy(text);
        assert!(!offered(&world, &["tags", "list", ""]).contains(&"prod".to_owned()));
    }
    std::fs::remove_file(world.home.path().join("tags.toml")).expect("removed");
    assert!(!offered(&world, &["tags", "list", ""]).contains(&"prod".to_owned()));
}

#[test]
fn a_shell_gets_a_script_and_another_programs_variable_changes_nothing() {
    let world = World::empty();
    let script = world.run(&[], |command| command.env("TAGS_COMPLETE", "bash"));
    assert!(script.code == 0 && script.stdout.contains("TAGS_COMPLETE="), "{script:?}");
    let run = world.run(&["check"], |command| command.env("COMPLETE", "bash"));
    assert!(run.code == 0 && run.stdout.contains("valid"), "{run:?}");
}
