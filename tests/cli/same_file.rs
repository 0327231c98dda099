//! A file that a run writes may not be one that it reads or writes otherwise, by whatever name.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::program::Run;
use crate::world::World;

/// A world with a plan, a list, records and a journal, each with other names.
fn world() -> World {
    let world = World::filled().policy(|text| {
        format!("{text}\n[github]\nrepository = \"acme/shop\"\nrecords = \"records.jsonl\"\n")
    });
    for name in ["plan.json", "list", "journal.jsonl", "records.jsonl", "build.yml"] {
        let path = world.home.file(name, "the text of it\n");
        fs::hard_link(&path, world.home.path().join(format!("hard-{name}"))).expect("a link");
        std::os::unix::fs::symlink(name, world.home.path().join(format!("soft-{name}")))
            .expect("a link");
    }
    fs::hard_link(world.home.path().join("tags.toml"), world.home.path().join("hard-tags.toml"))
        .expect("a link");
    fs::create_dir(world.home.path().join("folder")).expect("a folder");
    world
}

fn files(world: &World) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(world.home.path()).expect("a home");
    let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    let mut all: Vec<_> =
        paths.map(|path| (path.display().to_string(), fs::read(&path).expect("a file"))).collect();
    all.sort();
    all
}

fn refused(world: &World, words: &[&str]) -> Run {
    let before = files(world);
    let run = world.tags(words);
    assert_eq!(run.code, 2, "{words:?}: {run:?}");
    assert!(run.stdout.is_empty() && world.east.requests().is_empty(), "{words:?}: {run:?}");
    assert_eq!(files(world), before, "{words:?}");
    run
}

#[test]
fn a_file_that_is_written_is_no_other_file_of_the_run() {
    let world = world();
    for (line, one, other) in [
        ("list prod --metrics tags.toml", "--metrics", "the policy file"),
        ("list prod --policy tags.toml --metrics ./tags.toml", "--metrics", "--policy"),
        ("list prod --metrics folder/../tags.toml", "--metrics", "the policy file"),
        ("list prod --metrics hard-tags.toml", "--metrics", "the policy file"),
        ("cleanup --out tags.toml", "--out", "the policy file"),
        ("cleanup --out new.json --metrics new.json", "--metrics", "--out"),
        ("cleanup --in-use list --out list", "--out", "--in-use"),
        ("cleanup --in-use soft-list --out hard-list", "--out", "--in-use"),
        ("cleanup --apply --journal new --out folder/../new", "--out", "--journal"),
        ("cleanup --apply --journal new --metrics new", "--metrics", "--journal"),
        ("apply plan.json --metrics soft-plan.json", "--metrics", "the plan"),
        ("apply plan.json --journal plan.json", "--journal", "the plan"),
        ("apply plan.json --in-use list --journal list", "--journal", "--in-use"),
        ("report --plan plan.json --out plan.json", "--out", "--plan"),
        ("report --out page.html --metrics page.html", "--metrics", "--out"),
        ("undo journal.jsonl --metrics hard-journal.jsonl", "--metrics", "the journal"),
        ("verify prod --running list --metrics list", "--metrics", "--running"),
        ("rollback-target prod --running list --metrics list", "--metrics", "--running"),
        ("rollback prod --apply --journal tags.toml", "--journal", "the policy file"),
        ("promote dev prod --apply --journal records.jsonl", "--journal", "`records`"),
        ("verify prod --metrics soft-records.jsonl", "--metrics", "`records`"),
        ("lint build.yml --metrics build.yml", "--metrics", "the workflow"),
        ("init --from build.yml --out new.toml --metrics new.toml", "--metrics", "--out"),
        ("explain prod 0123456 --in-use list --metrics list", "--metrics", "--in-use"),
    ] {
        let run = refused(&world, &line.split(' ').collect::<Vec<_>>());
        let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.starts_with(&format!("error: {one} ")), "{line}: {said}");
        assert!(said.contains(other) && said.contains("are the same file"), "{line}: {said}");
        assert!(said.contains(&format!("name another file with {one}")), "{line}: {said}");
    }
    for (name, file, text) in
        [("GITHUB_EVENT_PATH", "event.json", "{}"), ("TAGS_SANDBOX_TOKEN_FILE", "token", "sandbox")]
    {
        let path = world.home.file(file, text);
        let words = ["cleanup", "--out", file];
        let run = world.home.run(&words, |command| command.env(name, &path));
        assert!(run.code == 2 && run.stderr.contains(&format!("${name}")), "{run:?}");
        assert_eq!(world.home.read(file), text);
    }
    let summary = world.home.file("summary.md", "");
    let words = ["list", "prod", "--metrics", "summary.md"];
    let run = world.home.run(&words, |command| command.env("GITHUB_STEP_SUMMARY", &summary));
    assert!(run.code == 2 && run.stderr.contains("$GITHUB_STEP_SUMMARY"), "{run:?}");
}

#[test]
fn a_file_that_is_written_has_a_name() {
    let world = world();
    for line in [
        "cleanup --out -",
        "cleanup --apply --yes --journal -",
        "apply plan.json --journal -",
        "rollback prod --apply --journal -",
        "report --out -",
        "list prod --metrics -",
    ] {
        let run = refused(&world, &line.split(' ').collect::<Vec<_>>());
        assert!(run.stderr.contains("names no file"), "{line}: {run:?}");
    }
}

#[test]
fn a_journal_of_an_earlier_run_is_not_replaced() {
    let world = World::filled();
    let journal = world.home.file(".local/state/tags/journal-1.jsonl", "what was deleted\n");
    let before = fs::read(&journal).expect("a journal");
    let run = world.tags(&["cleanup", "--out", journal.to_str().expect("text")]);
    assert!(run.code == 2 && run.stderr.contains("of earlier runs"), "{run:?}");
    assert_eq!(fs::read(&journal).expect("a journal"), before);
}

#[test]
fn a_policy_that_can_be_read_once_serves_a_run_with_metrics() {
    let world = World::filled();
    let mut cat = Command::new("cat")
        .arg(world.home.path().join("tags.toml"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("cat runs");
    let pipe = cat.stdout.take().expect("a pipe");
    let words = ["list", "prod", "--policy", "/dev/stdin", "--metrics", "tags.prom"];
    let run = world.home.run(&words, |command| command.stdin(pipe));
    assert!(cat.wait().expect("an end").success());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(world.home.read("tags.prom").contains("tags_releases"), "{run:?}");
}

#[test]
fn the_metrics_tell_that_two_other_files_were_the_same() {
    let world = world();
    let words = ["cleanup", "--in-use", "list", "--out", "list", "--metrics", "tags.prom"];
    let run = world.tags(&words);
    assert_eq!(run.code, 2, "{run:?}");
    let text = world.home.read("tags.prom");
    assert!(text.contains("exit_code{command=\"cleanup\",environment=\"\"} 2"), "{text}");
}

#[test]
fn files_of_their_own_are_written_together() {
    let world = World::filled();
    let words = ["cleanup", "--out", "plan.json", "--metrics", "tags.prom"];
    for _ in 0..2 {
        let run = world.tags(&words);
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert!(world.home.read("plan.json").starts_with('{'));
}
