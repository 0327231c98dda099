//! `tags promote`: the same digests in another environment, and no SHA tag that moves.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use super::scene::{
    IMAGES, Tags, both, fault, guards, json, latest, puts, results, tags, with_uat,
};
use crate::support::{path, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

struct Row {
    says: &'static str,
    before: fn(&World),
    words: &'static [&'static str],
    code: i32,
    outcome: &'static str,
    guards: &'static [&'static str],
    /// Where the latest tags of prod are afterwards.
    latest: Option<&'static str>,
}

const ROW: Row = Row {
    says: "",
    before: |_| {},
    words: &["--apply"],
    code: 0,
    outcome: "ok",
    guards: &[],
    latest: Some(NEW),
};

/// The image of another build, under a SHA tag of prod.
fn other_build(world: &World, name: &str) {
    let other = BuiltImage::single(&build("other", NEW, TimeDelta::days(1)), Format::Oci);
    push(&world.west, "frontend", &other, &[name]);
}

fn table() -> Vec<Row> {
    vec![
        Row {
            says: "a dry run tells what it would ship",
            words: &[],
            outcome: "planned",
            latest: Some(OLD),
            ..ROW
        },
        Row { says: "the current release is shipped", ..ROW },
        Row {
            says: "another one, by a few digits",
            words: &["--sha", "aaaaaaaa", "--apply"],
            latest: Some(MID),
            ..ROW
        },
        Row {
            says: "a SHA tag that is there with the same digest stays",
            before: |world| {
                let built =
                    BuiltImage::single(&build("frontend", NEW, TimeDelta::days(1)), Format::Oci);
                push(&world.west, "frontend", &built, &[&format!("prod-{NEW}")]);
            },
            ..ROW
        },
        Row {
            says: "a SHA tag with another digest is never moved",
            before: |world| other_build(world, &format!("prod-{NEW}")),
            code: 5,
            outcome: "refused",
            guards: &["sha-tag-taken"],
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "nor is it doubled with other digits",
            before: |world| other_build(world, &format!("prod-{}", &NEW[..12])),
            code: 5,
            outcome: "refused",
            guards: &["sha-tag-taken"],
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "an incomplete release is not shipped",
            before: |world| {
                let repository = path("acme/frontend");
                world.west.store().remove_tag(&repository, &tag(&format!("uat-{NEW}")));
            },
            words: &["--sha", NEW, "--apply"],
            code: 1,
            outcome: "failed",
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "a release that cannot be pulled is not shipped",
            before: |world| {
                let built =
                    BuiltImage::single(&build("frontend", NEW, TimeDelta::days(1)), Format::Oci);
                world.west.store().remove_blob(&path("acme/frontend"), &built.blobs[0].digest);
            },
            words: &["--sha", NEW, "--apply"],
            code: 1,
            outcome: "failed",
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "a registry without an answer leaves all as it is",
            before: |world| fault(world, "west", "500*always"),
            code: 3,
            outcome: "unknown",
            latest: Some(OLD),
            ..ROW
        },
        Row {
            says: "the right to push is tried before anything is written",
            before: |world| fault(world, "west", "403@PUT:/manifests/*always"),
            code: 4,
            outcome: "failed",
            latest: Some(OLD),
            ..ROW
        },
    ]
}

/// The SHA tags alone.
fn sha_tags(tags: &Tags) -> Tags {
    let mut tags = tags.clone();
    for tags in tags.values_mut() {
        tags.retain(|name, _| !name.as_str().ends_with("-latest"));
    }
    tags
}

#[test]
fn a_promotion_ends_as_the_table_says() {
    for row in table() {
        let world = with_uat();
        (row.before)(&world);
        let before = tags(&world);
        let (run, json) = json(&world, &[&["promote", "uat", "prod"], row.words].concat());
        let says = row.says;
        assert_eq!(
            (run.code, json["outcome"].as_str()),
            (row.code, Some(row.outcome)),
            "{says}: {run:?}"
        );
        assert_eq!(guards(&json), row.guards, "{says}");
        assert_eq!(latest(&world, "prod"), row.latest, "{says}");
        let after = tags(&world);
        for (repository, tags) in sha_tags(&before) {
            for (name, digest) in tags {
                assert_eq!(after[&repository].get(&name), Some(&digest), "{says}: {name}");
            }
        }
        if row.outcome != "ok" {
            assert_eq!(after, before, "{says}: nothing is changed");
        }
        for (repository, tags) in after {
            let is_known = |name: &str| {
                name.ends_with("-latest") || before[&repository].contains_key(&tag(name))
            };
            let new: Vec<_> = tags.keys().filter(|name| !is_known(name.as_str())).collect();
            let expected = row.latest.map(|sha| tag(&format!("prod-{sha}")));
            assert!(new.iter().all(|name| Some(*name) == expected.as_ref()), "{says}: {new:?}");
        }
    }
}

#[test]
fn the_very_same_digests_are_shipped_and_shipping_them_twice_changes_nothing() {
    let world = with_uat();
    assert_eq!(world.tags(&["promote", "uat", "prod", "--apply"]).code, 0);
    for tags in tags(&world).values() {
        let shipped = ["uat-latest", "prod-latest"].map(|name| tags.get(&tag(name)));
        assert_eq!(shipped[0], shipped[1]);
        assert_eq!(tags.get(&tag(&format!("prod-{NEW}"))), shipped[0]);
    }
    puts(&world);
    let (run, json) = json(&world, &["promote", "uat", "prod", "--apply"]);
    assert_eq!((run.code, results(&json)), (0, vec!["already"; 4]), "{run:?}");
    assert_eq!(puts(&world), [""; 0]);
    let run = world.tags(&["verify", "prod", "--sha", NEW]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn without_promote_from_nothing_is_promoted() {
    let world = with_uat().policy(|text| text.replace("promote-from = [\"uat\"]\n", ""));
    let run = world.tags(&["promote", "uat", "prod", "--apply"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("promote-from = [\"uat\"]"), "{run:?}");
    assert_eq!(puts(&world), [""; 0]);
}

#[test]
fn what_is_older_than_the_current_release_is_promoted_only_when_said() {
    let world = with_uat();
    assert_eq!(world.tags(&["promote", "uat", "prod", "--apply"]).code, 0);
    let older = ["promote", "uat", "prod", "--sha", MID, "--apply"];
    let (run, refused) = json(&world, &older);
    assert_eq!((run.code, guards(&refused)), (5, vec!["backwards"]), "{run:?}");
    assert_eq!(latest(&world, "prod"), Some(NEW));
    let (run, _) = json(&world, &[&older[..], &["--backwards"]].concat());
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(MID)), "{run:?}");
}

#[test]
fn a_bad_release_of_either_environment_is_not_promoted() {
    for table in ["prod", "uat"] {
        let world = with_uat().policy(|text| {
            let begin = format!("[environment.{table}]\n");
            text.replace(&begin, &format!("{begin}bad-shas = [\"bbbbbbbb\"]\n"))
        });
        let (run, json) = json(&world, &["promote", "uat", "prod", "--apply"]);
        assert_eq!((run.code, guards(&json)), (5, vec!["bad-sha"]), "{run:?}");
        assert_eq!(latest(&world, "prod"), Some(OLD));
    }
}

#[test]
fn a_first_promotion_makes_the_latest_tags() {
    let world = with_uat();
    for (_, registry) in both(&world) {
        for image in IMAGES {
            registry.store().remove_tag(&path(&format!("acme/{image}")), &tag("prod-latest"));
        }
    }
    let (run, json) = json(&world, &["promote", "uat", "prod", "--apply"]);
    assert_eq!((run.code, latest(&world, "prod")), (0, Some(NEW)), "{run:?}");
    assert!(json["places"][0]["before"].is_null() && json["from"].is_null());
}

#[test]
fn a_release_is_copied_where_the_environment_has_repositories_of_its_own() {
    let own = "repositories = { west = { backend = \"acme/backend-prod\" } }\n";
    let world = with_uat().policy(|text| {
        let begin = "[environment.prod]\n";
        text.replace(begin, &format!("{begin}{own}"))
    });
    let (run, dry) = json(&world, &["promote", "uat", "prod"]);
    assert_eq!(run.code, 0, "{run:?}");
    let notes = dry["notes"].as_array().expect("notes");
    assert!(notes.iter().any(|note| note.as_str().is_some_and(|it| it.contains("copied from"))));
    assert_eq!(puts(&world), [""; 0]);
    let (run, json) = json(&world, &["promote", "uat", "prod", "--apply"]);
    assert_eq!((run.code, results(&json)), (0, vec!["moved"; 4]), "{run:?}");
    let store = world.west.store();
    let shipped = ["prod-latest", &format!("prod-{NEW}")]
        .map(|name| store.resolve(&path("acme/backend-prod"), &tag(name)));
    let source = store.resolve(&path("acme/backend"), &tag("uat-latest"));
    assert_eq!(shipped, [source.clone(), source]);
    let run = world.tags(&["verify", "prod", "--sha", NEW]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn more_than_the_policy_allows_is_not_copied_and_nothing_moves() {
    let own = "repositories = { west = { backend = \"new/backend-prod\" } }\n";
    let world = with_uat().policy(|text| {
        let begin = "[environment.prod]\n";
        text.replace(begin, &format!("{begin}{own}")) + "[limits]\nmax-copy = \"100B\"\n"
    });
    for words in [&["promote", "uat", "prod"][..], &["promote", "uat", "prod", "--apply"]] {
        let (run, json) = json(&world, words);
        let expected = (5, vec!["max-copy"]);
        assert_eq!((run.code, guards(&json)), expected, "{run:?}");
        assert_eq!(puts(&world), [""; 0]);
    }
}
