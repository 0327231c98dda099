//! Where a run writes, what happens where it cannot, and with which code it ends.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::cleaning::{DOOMED, decided, deletions, picture, results, world};
use crate::support::program::Run;
use crate::world::World;

/// Runs a line of shell in which `TAGS` stands for the program.
fn shell(world: &World, line: &str) -> Run {
    let line = line.replace("TAGS", env!("CARGO_BIN_EXE_tags"));
    let example = world.command(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(world.home.path()).env_clear().stdin(Stdio::null());
    command.envs(example.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::of(command.output().expect("a shell"))
}

fn plan(world: &World, name: &str) -> serde_json::Value {
    let text = world.home.read(name);
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn where_the_plan_cannot_be_written_nothing_is_deleted() {
    let world = world();
    let before = picture(&world);
    std::fs::create_dir(world.home.path().join("folder")).expect("a folder");
    for out in ["nowhere/plan.json", "folder", "/proc/plan.json"] {
        let run = world.tags(&["cleanup", "--apply", "--out", out]);
        assert!(run.code == 2 && run.stderr.contains("nothing was changed"), "{out}: {run:?}");
    }
    for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        let folder = world.home.path().join("folder");
        let run = world.run(&["cleanup", "--apply"], |command| {
            command.env("GITHUB_ACTIONS", "true").env(name, &folder)
        });
        assert_eq!(run.code, 2, "{name}: {run:?}");
    }
    assert_eq!((picture(&world), deletions(&world)), (before, 0));
}

#[test]
fn a_full_disk_after_the_deletions_hides_neither_them_nor_the_report() {
    for (words, told) in [
        ("--out /dev/full", "stdout"),
        ("--out plan.json > /dev/full", "out"),
        ("--format json --out /dev/full", "stdout"),
    ] {
        let world = world();
        let run = shell(&world, &format!("TAGS cleanup --apply {words}"));
        assert_eq!((run.code, deletions(&world)), (1, DOOMED), "{words}: {run:?}");
        assert!(run.stderr.contains("cannot write"), "{words}: {run:?}");
        match told {
            "out" => assert_eq!(results(&plan(&world, "plan.json"), "deleted"), DOOMED),
            _ => assert!(run.stdout.contains("deleted"), "{words}: {run:?}"),
        }
    }
}

#[test]
fn closed_ends_are_no_reason_to_stop() {
    for line in ["TAGS cleanup --apply -vv >&-", "TAGS cleanup --apply -vv 2>&-"] {
        let world = world();
        let run = shell(&world, line);
        assert_eq!((run.code, deletions(&world)), (0, DOOMED), "{line}: {run:?}");
    }
    for format in ["text", "json"] {
        let world = world();
        let mut child = world
            .command(&["cleanup", "--apply", "-vv", "--log-format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a run");
        // As `2>&1 | head` does after some lines.
        drop(child.stderr.take());
        let mut said = String::new();
        child.stdout.take().expect("stdout").read_to_string(&mut said).expect("text");
        assert_eq!(child.wait().expect("an end").code(), Some(0), "{format}: {said}");
        assert_eq!(deletions(&world), DOOMED);
    }
}

#[test]
fn only_a_regular_file_is_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let world = world();
    // No device of the machine: a program that replaces it would leave the machine without.
    let whole = shell(&world, "TAGS cleanup --format markdown --out /dev/stdout");
    assert!(whole.code == 0 && whole.stdout.starts_with('{'), "{whole:?}");
    let piped = shell(&world, "mkfifo pipe; cat pipe > plan.json & TAGS cleanup --out pipe; wait");
    assert_eq!(piped.code, 0, "{piped:?}");
    assert_eq!(decided(&plan(&world, "plan.json"), "delete").len(), DOOMED);
    let kind = std::fs::symlink_metadata(world.home.path().join("pipe")).expect("there");
    assert!(kind.file_type().is_fifo());
}

#[test]
fn a_journal_that_is_full_stops_the_run_and_the_next_one_goes_on() {
    let world = world().policy(|text| text + "\n[limits]\nmax-share = 1.0\n");
    let before = picture(&world);
    // No file may become larger than this, as on a full disk; the journal is the first.
    let line = "trap '' XFSZ; ulimit -f 4; exec TAGS cleanup --apply --no-cache --format json";
    let run = shell(&world, line);
    let deleted = results(&run.json(), "deleted");
    assert!(deleted > 0 && deleted < DOOMED, "{run:?}");
    assert_eq!((run.code, deletions(&world)), (6, deleted), "{run:?}");
    assert!(run.stderr.contains("journal"), "{run:?}");
    let path = run.json()["journal"].as_str().expect("a journal").to_owned();
    let text = std::fs::read_to_string(&path).expect("text");
    let whole = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    assert!(text.ends_with('\n') && text.lines().all(whole), "{text}");
    let undone = world.tags(&["undo", &path]);
    assert_eq!((undone.code, picture(&world)), (0, before), "{undone:?}");
    let next = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!((next.code, results(&next.json(), "deleted")), (0, DOOMED), "{next:?}");
}

#[test]
fn once_something_was_deleted_refused_credentials_elsewhere_are_a_matter_of_coverage() {
    let world = world().policy(|text| {
        let only = "repositories = { west = \"acme/frontend\" }";
        let text =
            text.replace("repositories = { east = \"acme/frontend\", west = \"acme/frontend\" }", only);
        let text = text.replace(
            "repositories = { east = \"acme/backend\", west = \"acme/backend\" }",
            "repositories = { east = \"acme/backend\" }",
        );
        text.replace(
            "[[retention]]\nenvironments = [\"prod\"]",
            "[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"1d\"\n[[retention]]\nenvironments = [\"prod\"]",
        )
    });
    let image = tags::sandbox::content::BuiltImage::single(
        &crate::world::build("frontend", "pr", chrono::TimeDelta::days(9)),
        tags::sandbox::content::Format::Oci,
    );
    crate::world::push(&world.west, "frontend", &image, &["pr-1"]);
    world.east.faults().add("403*always".parse().expect("a fault"));
    let run = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!((run.code, results(&run.json(), "deleted")), (3, 1), "{run:?}");
}

#[test]
fn a_refusal_stands_on_stderr_as_well() {
    let world = world().policy(|text| text + "\n[limits]\nmax-deletions = 1\n");
    for format in ["human", "json", "github", "markdown"] {
        for command in [&["cleanup"][..], &["cleanup", "--apply"]] {
            let run = world.tags(&[command, &["--format", format]].concat());
            assert_eq!(run.code, 5, "{run:?}");
            let line = run.stderr.lines().find(|line| line.starts_with("refused: "));
            assert!(line.is_some_and(|line| line.contains("max-deletions")), "{run:?}");
        }
    }
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_dry_run_may_be_said_and_contradicts_an_apply() {
    let world = world();
    let said = world.tags(&["cleanup", "--dry-run", "--out", "plan.json"]);
    assert!(said.code == 0 && said.stdout.contains("nothing was changed"), "{said:?}");
    let applied = world.tags(&["apply", "plan.json", "--dry-run"]);
    assert!(applied.code == 0 && applied.stdout.contains("would delete 4"), "{applied:?}");
    assert_eq!(world.tags(&["cleanup", "--dry-run", "--apply"]).code, 2);
    assert_eq!(deletions(&world), 0);
}

#[test]
fn options_of_every_command_stand_before_or_after_it() {
    let world = world();
    let before = world.tags(&["--format", "json", "--no-cache", "-v", "cleanup"]);
    let after = world.tags(&["cleanup", "--format", "json", "--no-cache", "-v"]);
    let plan = |run: &Run| decided(&run.json(), "delete");
    assert_eq!((before.code, plan(&before)), (0, plan(&after)));
    assert!(before.stderr.contains("traffic") && after.stderr.contains("traffic"));
}

#[test]
fn json_stays_json_in_actions_and_the_files_are_still_written() {
    let world = world();
    let sha = crate::world::NEW;
    for words in [
        &["cleanup"][..],
        &["cleanup", "--apply"],
        &["verify", "prod", "--sha", sha],
        &["verify", "prod", "--sha", "0123456789"],
        &["rollback-target", "prod"],
        &["list", "prod"],
        &["doctor"],
        &["explain", "prod", sha],
    ] {
        let files = ["output", "summary"].map(|name| world.home.path().join(name));
        let run = world.run(&[words, &["--format", "json"]].concat(), |command| {
            let command = command.env("GITHUB_ACTIONS", "true");
            command.env("GITHUB_OUTPUT", &files[0]).env("GITHUB_STEP_SUMMARY", &files[1])
        });
        assert!(run.json()["command"].is_string(), "{words:?}: {run:?}");
        let summary = std::fs::read_to_string(&files[1]).unwrap_or_default();
        assert!(!summary.is_empty(), "{words:?}: no summary");
        for file in &files {
            std::fs::remove_file(file).unwrap_or_default();
        }
    }
}

#[test]
fn a_rule_for_untagged_manifests_says_once_where_it_finds_nothing() {
    let with = |text: String| text + "\n[untagged]\nkeep-within = \"7d\"\n";
    let run = world().policy(with).tags(&["cleanup"]);
    assert_eq!(run.code, 0, "{run:?}");
    let said: Vec<&str> = run.stdout.lines().filter(|line| line.contains("untagged")).collect();
    assert!(matches!(said[..], [line] if line.contains("east, west")), "{run:?}");
    assert!(!world().tags(&["cleanup"]).stdout.contains("untagged"));
    let both = crate::both::Both::good().policy(with).run(&["cleanup"]);
    assert!(both.code == 0 && !both.stdout.contains("untagged"), "{both:?}");
}
