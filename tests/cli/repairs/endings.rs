//! How a repair ends, in a table: what is missing, what was asked for, and what is there afterwards.

use super::{lose, newest, rebuilt, repair, results, sha_tag, whole, writes};
use crate::support::{path, tag};
use crate::world::{World, push};

struct Row {
    says: &'static str,
    before: fn(&World),
    words: &'static [&'static str],
    code: i32,
    outcome: &'static str,
    results: &'static [&'static str],
    /// Whether the release is whole in the east afterwards.
    is_filled: bool,
}

const ROW: Row = Row {
    says: "",
    before: |world| lose(&world.east, "backend"),
    words: &["--apply"],
    code: 0,
    outcome: "ok",
    results: &["backend east: copied"],
    is_filled: true,
};

fn differ(world: &World) {
    push(&world.east, "backend", &rebuilt("backend"), &[&sha_tag()]);
}

fn table() -> Vec<Row> {
    vec![
        Row { says: "nothing is missing", before: |_| {}, results: &[], ..ROW },
        Row {
            says: "a dry run says what it would copy",
            words: &[],
            outcome: "planned",
            results: &["backend east: planned"],
            is_filled: false,
            ..ROW
        },
        Row {
            says: "the same, asked for",
            words: &["--dry-run"],
            outcome: "planned",
            results: &["backend east: planned"],
            is_filled: false,
            ..ROW
        },
        Row { says: "a whole image is missing", ..ROW },
        Row {
            says: "a layer is missing below a tag that is there",
            before: |world| {
                let layer = &newest("backend").blobs[0].digest;
                assert!(world.east.store().remove_blob(&path("acme/backend"), layer));
            },
            ..ROW
        },
        Row {
            says: "the tag alone is missing",
            before: |world| {
                world.east.store().remove_tag(&path("acme/backend"), &tag(&sha_tag()));
            },
            ..ROW
        },
        Row {
            says: "no registry has it whole",
            before: |world| {
                lose(&world.east, "backend");
                lose(&world.west, "backend");
            },
            code: 1,
            outcome: "failed",
            results: &["backend east: failed", "backend west: failed"],
            is_filled: false,
            ..ROW
        },
        Row {
            says: "one image has no whole copy, and the other is filled all the same",
            before: |world| {
                lose(&world.east, "backend");
                lose(&world.east, "frontend");
                lose(&world.west, "frontend");
            },
            code: 6,
            outcome: "partial",
            results: &["backend east: copied", "frontend east: failed", "frontend west: failed"],
            ..ROW
        },
        Row {
            says: "what is broken points to another build than what is whole",
            before: |world| {
                differ(world);
                let layer = &rebuilt("backend").blobs[0].digest;
                assert!(world.east.store().remove_blob(&path("acme/backend"), layer));
            },
            code: 5,
            outcome: "refused",
            results: &["backend east: refused"],
            is_filled: false,
            ..ROW
        },
        Row {
            says: "it is copied from where it was told to",
            words: &["--apply", "--from", "west"],
            ..ROW
        },
        Row {
            says: "what was told to copy from does not have it",
            words: &["--apply", "--from", "east"],
            code: 1,
            outcome: "failed",
            results: &["backend east: failed"],
            is_filled: false,
            ..ROW
        },
    ]
}

#[test]
fn repairs_end_as_the_table_says() {
    for row in table() {
        let world = World::filled();
        (row.before)(&world);
        let before = world.east.store().resolve(&path("acme/backend"), &tag(&sha_tag()));
        let (run, json) = repair(&world, row.words);
        assert_eq!(run.code, row.code, "{}: {run:?}", row.says);
        assert_eq!(json["outcome"], row.outcome, "{}: {run:?}", row.says);
        assert_eq!(results(&json), row.results, "{}: {run:?}", row.says);
        let now = whole(&world.east, "backend");
        assert_eq!(now.is_some(), row.is_filled || row.results.is_empty(), "{}", row.says);
        if let Some(before) = before {
            let after = world.east.store().resolve(&path("acme/backend"), &tag(&sha_tag()));
            assert_eq!(after, Some(before), "{}: a SHA tag moved", row.says);
        }
        if row.code == 0 && row.outcome == "ok" {
            assert_eq!(now, Some(newest("backend").root.digest));
            writes(&world);
            let (again, json) = repair(&world, row.words);
            assert_eq!((again.code, json["outcome"].as_str()), (0, Some("ok")), "{}", row.says);
            assert_eq!(writes(&world), [""; 0], "{}: a second run writes", row.says);
        } else if row.outcome != "partial" {
            assert_eq!(writes(&world), [""; 0], "{}", row.says);
        }
    }
}

#[test]
fn what_is_copied_is_counted() {
    let world = World::filled();
    lose(&world.east, "backend");
    let built = newest("backend");
    let (_, planned) = repair(&world, &[]);
    let (_, copied) = repair(&world, &["--apply"]);
    let bytes: usize = built.blobs.iter().map(|blob| blob.bytes.len()).sum();
    for json in [&planned, &copied] {
        let copy = &json["copies"][0];
        assert_eq!((&copy["from"], &copy["to"]), (&"west".into(), &"east".into()));
        assert_eq!(copy["digest"], built.root.digest.to_string());
        assert_eq!(copy["bytes"], bytes);
        assert_eq!(copy["blobs"]["sent"], 2);
        assert_eq!(copy["blobs"]["present"], 0);
    }
}

#[test]
fn more_than_the_policy_allows_is_refused_and_nothing_is_sent() {
    let world = World::filled().policy(|text| text + "[limits]\nmax-copy = \"100B\"\n");
    lose(&world.east, "backend");
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (5, Some("refused")), "{run:?}");
    assert_eq!(json["guards"][0]["code"], "max-copy");
    assert_eq!(results(&json), ["backend east: refused"]);
    assert_eq!(writes(&world), [""; 0]);
}

#[test]
fn whole_copies_that_differ_are_told_apart_by_a_person() {
    let world = World::filled().policy(|text| with_north(&text));
    push(&world.east, "backend", &rebuilt("backend"), &[&sha_tag()]);
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (5, Some("refused")), "{run:?}");
    let message = json["copies"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("digest-differs: "), "{message}");
    assert_eq!(writes(&world), [""; 0]);
    let (run, json) = repair(&world, &["--apply", "--from", "west"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(results(&json), ["backend north: copied"]);
    let north = world.east.store().resolve(&path("north/backend"), &tag(&sha_tag()));
    assert_eq!(north, Some(newest("backend").root.digest));
    assert_eq!(whole(&world.east, "backend"), Some(rebuilt("backend").root.digest));
}

#[test]
fn a_source_of_another_commit_is_not_copied() {
    let world = World::filled();
    lose(&world.east, "backend");
    lose(&world.west, "backend");
    let mut build = crate::world::build("backend", crate::world::OLD, chrono::TimeDelta::days(1));
    build.text = "another".to_owned();
    let other =
        tags::sandbox::content::BuiltImage::single(&build, tags::sandbox::content::Format::Oci);
    push(&world.west, "backend", &other, &[&sha_tag()]);
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (1, Some("failed")), "{run:?}");
    assert_eq!(writes(&world), [""; 0]);
}

/// A third registry, which has nothing.
fn with_north(text: &str) -> String {
    let url = text.split('"').nth(3).expect("the eastern URL").to_owned();
    let north =
        format!("\n[registry.north]\nkind = \"oci\"\nurl = \"{url}\"\nnamespace = \"north\"\n");
    let with = text.replace("\n[registry.west]", &(north + "\n[registry.west]"));
    with.replace("west = \"acme/backend\" }", "west = \"acme/backend\", north = \"backend\" }")
}

#[test]
fn whole_copies_that_differ_are_refused_where_nothing_is_missing() {
    for words in [&[][..], &["--apply"], &["--apply", "--from", "west"]] {
        let world = World::filled();
        differ(&world);
        lose(&world.east, "frontend");
        let (run, json) = repair(&world, words);
        let filled = words.contains(&"--apply");
        assert_eq!(run.code, if filled { 6 } else { 5 }, "{words:?}: {run:?}");
        let frontend = if filled { "frontend east: copied" } else { "frontend east: planned" };
        assert_eq!(results(&json), ["backend west: refused", frontend], "{run:?}");
        let message = json["copies"][0]["message"].as_str().expect("a message");
        assert!(message.starts_with("digest-differs: backend is "), "{message}");
        assert_eq!(whole(&world.east, "backend"), Some(rebuilt("backend").root.digest));
        assert_eq!(whole(&world.west, "backend"), Some(newest("backend").root.digest));
    }
    let world = World::filled();
    differ(&world);
    let run = world.tags(&["repair", "prod", "--sha", crate::world::NEW]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(!run.stdout.contains("has the release whole"), "{run:?}");
}

#[test]
fn builds_that_may_differ_are_no_reason_to_refuse() {
    let world = World::filled().policy(|text| text + "same-digest = false\n");
    differ(&world);
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (0, Some("ok")), "{run:?}");
    assert_eq!(writes(&world), [""; 0]);
}

#[test]
fn a_broken_copy_of_another_build_leaves_the_choice_to_a_person() {
    let world = World::filled().policy(|text| with_north(&text));
    differ(&world);
    let layer = &rebuilt("backend").blobs[0].digest;
    assert!(world.east.store().remove_blob(&path("acme/backend"), layer));
    let (run, json) = repair(&world, &["--apply"]);
    assert_eq!((run.code, json["outcome"].as_str()), (5, Some("refused")), "{run:?}");
    assert_eq!(results(&json), ["backend east: refused", "backend north: refused"]);
    let message = json["copies"][1]["message"].as_str().expect("a message");
    assert!(message.starts_with("digest-differs: "), "{message}");
    assert!(message.contains("(not whole)"), "{message}");
    assert_eq!(writes(&world), [""; 0]);
    let (run, json) = repair(&world, &["--apply", "--from", "west"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert_eq!(results(&json), ["backend east: refused", "backend north: copied"]);
    let east = world.east.store().resolve(&path("acme/backend"), &tag(&sha_tag()));
    assert_eq!(east, Some(rebuilt("backend").root.digest), "a SHA tag moved");
}

#[test]
fn what_is_refused_is_not_to_be_finished_by_the_same_command() {
    let world = World::filled();
    differ(&world);
    let layer = &rebuilt("backend").blobs[0].digest;
    assert!(world.east.store().remove_blob(&path("acme/backend"), layer));
    lose(&world.east, "frontend");
    let run = world.tags(&["repair", "prod", "--sha", crate::world::NEW, "--apply"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stdout.contains("done only in part, 1 place filled\n"), "{run:?}");
    assert!(!run.stdout.contains("finish it"), "{run:?}");
    // The registry may take the rest another time.
    let world = World::filled();
    lose(&world.east, "backend");
    lose(&world.west, "frontend");
    crate::support::registries::fault(&world.west, "500@PUT:/manifests/*always");
    let run = world.tags(&["repair", "prod", "--sha", crate::world::NEW, "--apply"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stdout.contains("finish it with"), "{run:?}");
}
