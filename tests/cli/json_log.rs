//! `--log-format json`: every line on stderr is an object, whatever it is about.

use serde_json::Value;

use crate::support::program::Run;
use crate::support::{backend, tag};
use crate::world::{NEW, World};

/// The messages of a run, each its level and its text. Everything on stderr must be one.
fn messages(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |line: &str| {
        let value: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}: {run:?}"));
        assert!(value["timestamp"].is_string(), "{line}");
        (text(&value["level"]), text(&value["fields"]["message"]))
    };
    run.stderr.lines().map(line).collect()
}

/// Runs a command, which must say this at this level.
fn says(world: &World, line: &str, (code, level, said): (i32, &str, &str)) -> Run {
    let words = line.split(' ').collect::<Vec<_>>();
    let plain = world.tags(&words);
    assert!(plain.code == code && !plain.stderr.starts_with('{'), "{line}: {plain:?}");
    let run = world.tags(&[&words[..], &["--log-format", "json"]].concat());
    assert_eq!((run.code, &run.stdout), (code, &plain.stdout), "{line}: {run:?}");
    let found = messages(&run);
    let is_said = |(at, text): &(String, String)| at == level && text.contains(said);
    assert!(found.iter().any(is_said), "{line}: {level} {said}: {found:?}");
    run
}

#[test]
fn warnings_refusals_and_errors_are_objects() {
    let world = World::filled();
    world.home.file("other", "no metrics\n");
    world.home.file("empty", "");
    let known = format!("{}/acme/backend:prod-latest", world.east.addr());
    world.home.file("strange", &format!("{known} localhost:1/acme/backend:prod-latest\n"));
    world.home.file(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: docker push ghcr.io/acme/app:prod-latest\n",
    );
    for (line, expected) in [
        ("list nowhere", (2, "ERROR", "no environment `nowhere`")),
        ("list prod --metrics other", (0, "WARN", "it has no metrics in it")),
        ("list prod --metrics tags.toml", (2, "ERROR", "are the same file")),
        ("list --mistaken", (2, "ERROR", "unexpected argument '--mistaken'")),
        ("cleanup --in-use empty", (5, "ERROR", "is empty")),
        ("cleanup --in-use strange", (0, "WARN", "localhost:1/acme/backend")),
        ("rollback-target prod", (0, "INFO", "current")),
        ("lint --fix", (1, "INFO", "no finding can be corrected")),
        ("init --out -", (0, "INFO", "")),
    ] {
        says(&world, line, expected);
    }
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{NEW}")));
    says(&world, "rollback prod --apply --journal tags.toml", (2, "ERROR", "are the same file"));
    world.east.faults().add("500@acme/backend*always".parse().expect("a fault"));
    for (line, expected) in [
        ("list prod", (3, "WARN", "east could not be read")),
        ("rollback-target prod", (0, "WARN", "east could not be read")),
    ] {
        says(&world, line, expected);
    }
    let world = world.policy(|text| text + "rubbish");
    let run = says(&world, "list prod", (2, "ERROR", "tags.toml:"));
    assert_eq!(messages(&run).len(), 1, "one object for all of it: {run:?}");
}

#[test]
fn progress_is_not_shown_between_objects() {
    let world = World::filled();
    world.east.faults().add("delay=400ms@/manifests/*always".parse().expect("a fault"));
    let words = ["list", "prod", "--progress-every", "100ms", "--log-format", "json"];
    let run = world.tags(&words);
    assert_eq!((run.code, messages(&run)), (0, Vec::new()), "{run:?}");
}

#[test]
fn a_run_that_deletes_says_where_its_journal_is() {
    let world = crate::cleaning::world();
    let words = ["cleanup", "--apply", "--log-format=json", "--format", "json"];
    let run = world.tags(&words);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(messages(&run).iter().any(|(_, text)| text.starts_with("journal: ")), "{run:?}");
}
