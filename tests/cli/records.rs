//! Records of releases: written by `verify --record`, and compared by every command.

use std::fs;

use chrono::TimeDelta;
use serde_json::Value;
use tags::model::Digest;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::program::Run;
use crate::support::{backend, tag};
use crate::verify::findings;
use crate::world::{MID, NEW, OLD, World, build, push};

const FILE: &str = "records.jsonl";

/// Three releases, and a policy whose records are in a file.
fn world() -> World {
    recording(World::filled())
}

fn recording(world: World) -> World {
    world.policy(|text| text + "\n[github]\nrecords = \"records.jsonl\"\n")
}

impl World {
    fn records(&self) -> String {
        fs::read_to_string(self.home.path().join(FILE)).unwrap_or_default()
    }

    pub(crate) fn verify(&self, sha: &str, more: &[&str]) -> Run {
        let arguments = [&["verify", "prod", "--sha", sha, "--format", "json"], more].concat();
        self.tags(&arguments)
    }

    /// Records each release while it is the current one, as its deploy job would.
    fn recorded() -> Self {
        let world = recording(World::empty());
        for (age, sha) in [(3, OLD), (2, MID), (1, NEW)] {
            world.release(sha, TimeDelta::days(age));
            let run = world.verify(sha, &["--record"]);
            assert_eq!(run.code, 0, "{run:?}");
        }
        world
    }

    /// Pushes another image of the backend, built at the same time, under these tags.
    pub(crate) fn push_again(&self, sha: &str, tags: &[&str]) -> String {
        let days = [NEW, MID, OLD].iter().zip(1..).find(|(known, _)| **known == sha);
        let age = TimeDelta::days(days.expect("a release").1);
        let built = build("backend", sha, age);
        let built = BuiltImage::single(&built, Format::Docker);
        push(&self.east, "backend", &built, tags);
        push(&self.west, "backend", &built, tags);
        built.root.digest.to_string()
    }

    /// The digest of the backend that the first record of a release has.
    fn recorded_digest(&self, sha: &str) -> String {
        let text = self.records();
        let line = text.lines().find(|line| line.contains(sha)).expect("a record");
        let record: Value = serde_json::from_str(line).expect("JSON");
        record["images"][0]["digest"].as_str().expect("a digest").to_owned()
    }

    /// Deletes the recorded backend of a release from both registries.
    fn lose(&self, digest: &str) {
        let digest = Digest::parse(digest).expect("a digest");
        for registry in [&self.east, &self.west] {
            registry.store().remove_manifest(&backend(), &digest);
        }
    }
}

/// `(code, severity)` of each finding.
pub(crate) fn codes(run: &Run) -> Vec<(String, String)> {
    findings(&run.json()).into_iter().map(|found| (found.0, found.1)).collect()
}

pub(crate) fn moved(severity: &str) -> (String, String) {
    ("sha-tag-moved".to_owned(), severity.to_owned())
}

#[test]
fn a_release_that_passed_is_recorded_once_with_the_digest_of_each_place() {
    let world = world();
    let first = world.verify(NEW, &["--record"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stderr.contains(&format!("recorded prod {NEW} (tags:built)")), "{first:?}");
    let written = world.records();
    let record: Value = serde_json::from_str(&written).expect("one line of JSON");
    assert_eq!((&record["version"], &record["environment"]), (&1.into(), &"prod".into()));
    assert_eq!((&record["sha"], &record["run"]), (&NEW.into(), &Value::Null));
    let images = record["images"].as_array().expect("images");
    assert_eq!(images.len(), 4);
    let reference = format!("{}/acme/backend:prod-{NEW}", world.east.addr());
    assert_eq!(images[0]["reference"], reference);
    let again = world.verify(NEW, &["--record"]);
    assert!(again.stderr.contains("is already recorded"), "{again:?}");
    assert_eq!((again.code, world.records()), (0, written));
}

#[test]
fn what_does_not_pass_is_not_recorded() {
    let world = world();
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{NEW}")));
    let run = world.verify(NEW, &["--record"]);
    assert_eq!((run.code, world.records().as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains("not recorded"), "{run:?}");
}

#[test]
fn a_sha_tag_that_was_pushed_again_is_found_with_what_to_use_instead() {
    let world = World::recorded();
    let recorded = world.recorded_digest(NEW);
    let now = world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    for more in [&[][..], &["--quick"], &["--record"]] {
        let run = world.verify(NEW, more);
        assert_eq!((run.code, codes(&run)), (1, vec![moved("error"), moved("error")]), "{run:?}");
        let found = &run.json()["findings"][0];
        let message = found["message"].as_str().expect("a message");
        for part in [&now[..19], &recorded, "which still exists"] {
            assert!(message.contains(part), "{message}");
        }
        let reference = format!("{}/acme/backend@{recorded}", world.east.addr());
        assert!(found["hint"].as_str().expect("a hint").contains(&reference), "{found}");
        assert_eq!(found["tag"], format!("prod-{NEW}"));
        assert_eq!(run.json()["checks"][0]["status"], "sha-tag-moved");
    }
    assert_eq!(world.records().lines().count(), 3, "the first record stays");
    world.lose(&recorded);
    let run = world.verify(NEW, &[]);
    let found = &run.json()["findings"][0];
    assert!(
        found["message"].as_str().expect("text").contains("does not exist any more"),
        "{run:?}"
    );
    assert!(!found["hint"].as_str().expect("text").contains('@'), "{run:?}");
}

#[test]
fn a_moved_tag_may_be_allowed_and_is_still_told_and_not_recorded() {
    let world = World::recorded();
    world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    let run = world.verify(NEW, &["--allow-moved", "--record"]);
    assert_eq!((run.code, codes(&run)), (0, vec![moved("warning"), moved("warning")]), "{run:?}");
    assert_eq!(run.json()["outcome"], "ok");
    assert!(run.stderr.contains("the first record of the release stays"), "{run:?}");
    assert_eq!(world.records().lines().count(), 3);
}

#[test]
fn without_a_record_nothing_is_found() {
    let world = world();
    world.home.file(FILE, "");
    world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    assert_eq!(world.verify(NEW, &["--require-record"]).code, 0);
}

#[test]
fn what_was_seen_to_run_is_recorded_as_deployed_each_time_it_is_deployed_anew() {
    let world = World::recorded();
    let running = format!("{}/acme/backend:prod-{NEW}\n", world.east.addr());
    world.home.file("ps.txt", &running);
    let record = ["--record", "--running", "ps.txt"];
    for _ in 0..2 {
        let run = world.verify(NEW, &record);
        assert_eq!(run.code, 0, "{run:?}");
    }
    let deployed = || {
        let text = world.records();
        let lines = text.lines().filter(|line| line.contains("\"task\":\"tags:deployed\""));
        lines.map(|line| line.contains(NEW)).collect::<Vec<bool>>()
    };
    assert_eq!(deployed(), [true], "a repeated run says nothing new");
    // Back to the older one, and forward again.
    for (sha, age) in [(OLD, 3), (NEW, 1)] {
        world.release(sha, TimeDelta::days(age));
        world.home.file("ps.txt", &running.replace(NEW, sha));
        let run = world.verify(sha, &record);
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(deployed(), [true, false, true]);
    world.home.file("ps.txt", &running.replace(NEW, MID));
    let run = world.verify(NEW, &record);
    assert_eq!((run.code, deployed().len()), (1, 3), "{run:?}");
}

#[test]
fn records_that_do_not_count_are_counted_and_said_and_the_first_that_counts_wins() {
    let world = World::recorded();
    let good = world.records();
    let recorded = world.recorded_digest(NEW);
    let other = good.replace(&recorded, &format!("sha256:{}", "0".repeat(64)));
    let escape = "\u{1b}]0;owned\u{7} ::error::x";
    let torn = &good[..good.len() / 2];
    let text = format!("{{\"version\":1,\"x\":\"{escape}\"}}\n{good}{other}\n{torn}");
    world.home.file(FILE, &text);
    let run = world.verify(NEW, &["--record"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("2 records ignored: malformed, the first is line 1"), "{run:?}");
    assert!(!run.stderr.contains("owned") && !run.stdout.contains("owned"), "{run:?}");
    assert_eq!(world.records(), text, "an equal record is there");
    // What is written next stands on a line of its own.
    let late = "dddddddddddddddddddddddddddddddddddddd04";
    world.release(late, TimeDelta::hours(2));
    assert_eq!(world.verify(late, &["--record"]).code, 0);
    let written = world.records();
    let last = written.strip_prefix(&format!("{text}\n")).expect("what was there stays");
    let record: Value = serde_json::from_str(last).expect("one whole line");
    assert_eq!(record["sha"], late);
}

#[test]
fn records_that_cannot_be_read_are_a_warning_unless_they_are_required() {
    let world = world();
    let unreadable = ("registry-unreadable".to_owned(), "warning".to_owned());
    let run = world.verify(NEW, &[]);
    assert_eq!((run.code, codes(&run)), (0, vec![unreadable]), "{run:?}");
    let run = world.verify(NEW, &["--require-record"]);
    assert_eq!((run.code, &run.json()["outcome"]), (3, &"unknown".into()), "{run:?}");
    let human = world.tags(&["verify", "prod", "--sha", NEW, "--require-record"]);
    let expected = "unknown (the records of the release could not be read)";
    assert!(human.stdout.contains(expected), "{human:?}");
    fs::create_dir(world.home.path().join(FILE)).expect("a folder");
    assert_eq!(world.verify(NEW, &["--require-record"]).code, 3);
    let run = world.verify(NEW, &["--record"]);
    assert_eq!((run.code, &run.json()["outcome"]), (3, &"ok".into()), "{run:?}");
    assert!(run.stderr.contains("was not written"), "{run:?}");
}

#[test]
fn nothing_is_recorded_where_the_policy_keeps_no_records() {
    for (table, said) in [("", "has no `[github]`"), ("[github]\nrecords = \"none\"\n", "none")] {
        let world = World::filled().policy(|text| format!("{text}\n{table}"));
        assert_eq!(world.verify(NEW, &[]).code, 0);
        for option in ["--record", "--require-record"] {
            let run = world.verify(NEW, &[option]);
            assert_eq!(run.code, 2, "{run:?}");
            assert!(run.stderr.contains(said), "{run:?}");
        }
    }
}

#[test]
fn the_file_is_found_from_any_folder_of_the_checkout() {
    let world = World::recorded();
    world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    let below = world.home.path().join("below");
    fs::create_dir_all(&below).expect("a folder");
    let policy = world.home.path().join("tags.toml");
    let arguments = ["--policy", policy.to_str().expect("text"), "verify", "prod", "--sha", NEW];
    let run = world.run(&arguments, |command| command.current_dir(&below));
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("sha-tag-moved"), "{run:?}");
}

#[test]
fn jobs_that_record_at_once_write_whole_lines() {
    let world = world();
    let world = world.policy(|text| text.replace("order = ", "latest-required = false\norder = "));
    let running: Vec<_> = [OLD, MID, NEW, OLD, MID, NEW]
        .iter()
        .map(|sha| {
            let arguments = ["verify", "prod", "--sha", sha, "--quick", "--record"];
            world.command(&arguments).spawn().expect("started")
        })
        .collect();
    for mut child in running {
        assert!(child.wait().expect("ended").success());
    }
    let text = world.records();
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
    assert_eq!(text.lines().count(), 3, "each release once: {text}");
}

#[test]
fn a_release_whose_sha_tag_moved_is_no_rollback_target() {
    let world = World::recorded();
    let recorded = world.recorded_digest(MID);
    world.push_again(MID, &[&format!("prod-{MID}")]);
    for more in [&[][..], &["--quick"]] {
        let run = world.tags(&[&["rollback-target", "prod", "--format", "json"], more].concat());
        let json = run.json();
        assert_eq!((run.code, &json["target"]["sha"]), (0, &OLD.into()), "{run:?}");
        let skipped = &json["skipped"][0];
        assert_eq!((&skipped["sha"], &skipped["code"]), (&MID.into(), &"sha-tag-moved".into()));
        assert!(skipped["message"].as_str().expect("text").contains(&recorded), "{run:?}");
    }
    let list = world.tags(&["list", "prod", "--format", "json"]);
    let releases = list.json()["releases"].as_array().expect("releases").clone();
    let target = releases.iter().find(|release| release["rollback_target"] == true);
    assert_eq!(target.expect("a target")["sha"], OLD, "{list:?}");
    assert!(list.stderr.contains("sha-tag-moved"), "{list:?}");
    let run = world.tags(&["rollback", "prod", "--to", MID, "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (5, &"refused".into()), "{run:?}");
    let guards = run.json()["guards"].clone();
    assert_eq!(guards[0]["code"], "sha-tag-moved", "{run:?}");
    assert!(guards[0]["message"].as_str().expect("text").contains(&recorded), "{run:?}");
    fs::remove_file(world.home.path().join(FILE)).expect("removed");
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.trim()), (0, MID), "{run:?}");
    assert!(run.stderr.contains("the records of prod could not be read"), "{run:?}");
}

#[test]
fn nothing_is_promoted_that_moved_since_it_was_recorded() {
    let uat = "\n[environment.uat]\nsha-tag = \"uat-{sha}\"\nlatest-tag = \"uat-latest\"\n";
    let promote = "promote-from = [\"prod\"]\norder = \"built\"\n";
    let world = World::recorded().policy(|text| text + uat + promote);
    let promotion = ["promote", "prod", "uat", "--format", "json"];
    assert_eq!(world.tags(&promotion).code, 0);
    // The SHA tag of the target went, and its record says that it was another image.
    let good = world.records();
    let other = good.lines().last().expect("a record").replace("prod", "uat");
    let other = other.replace(&world.recorded_digest(NEW), &format!("sha256:{}", "0".repeat(64)));
    world.home.file(FILE, &(good.clone() + &other + "\n"));
    let guards = |run: &Run| {
        let json = run.json();
        let guards = json["guards"].as_array().expect("guards").clone();
        guards.iter().map(|guard| guard["code"].to_string()).collect::<Vec<String>>()
    };
    let run = world.tags(&promotion);
    assert_eq!((run.code, guards(&run)), (5, vec!["\"sha-tag-moved\"".to_owned(); 2]), "{run:?}");
    world.home.file(FILE, &good);
    world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    let run = world.tags(&promotion);
    assert_eq!((run.code, guards(&run)), (5, vec!["\"sha-tag-moved\"".to_owned(); 2]), "{run:?}");
}

#[test]
fn nothing_is_copied_that_contradicts_the_record() {
    let world = World::recorded();
    let name = tag(&format!("prod-{NEW}"));
    let repair = ["repair", "prod", "--sha", NEW, "--format", "json"];
    world.west.store().remove_tag(&backend(), &name);
    assert_eq!(world.tags(&repair).code, 0, "what is as it was recorded is copied");
    world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    world.west.store().remove_tag(&backend(), &name);
    let run = world.tags(&[&repair[..], &["--apply"]].concat());
    let json = run.json();
    assert_eq!((run.code, &json["outcome"]), (5, &"refused".into()), "{run:?}");
    let copy = &json["copies"][0];
    assert_eq!(copy["result"], "refused", "{run:?}");
    assert!(copy["message"].as_str().expect("text").starts_with("sha-tag-moved: "), "{run:?}");
    let latest = world.tags(&[&repair[..], &["--latest"]].concat());
    assert_eq!(latest.code, 5, "{latest:?}");
    assert_eq!(latest.json()["places"].as_array().map(Vec::len), Some(4), "{latest:?}");
}

#[test]
fn a_cleanup_keeps_what_was_recorded_and_deletes_nothing_where_records_are_unread() {
    let rules = "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n[protect]\nrollback-depth = 1\nmin-age = \"0s\"\n[limits]\nmax-share = 1.0\n";
    let world = World::recorded().policy(|text| text + rules);
    let recorded = world.recorded_digest(MID);
    world.push_again(MID, &[&format!("prod-{MID}")]);
    // Where a registry lists tags only, what was recorded is seen if it has another tag.
    let built = BuiltImage::single(&build("backend", MID, TimeDelta::days(2)), Format::Oci);
    for registry in [&world.east, &world.west] {
        push(registry, "backend", &built, &["pr-1"]);
    }
    let cleanup = ["cleanup", "--format", "json"];
    let json = world.tags(&cleanup).json();
    let entries = json["entries"].as_array().expect("entries").clone();
    let reason = |digest: &str| {
        let entry = entries.iter().find(|entry| entry["digest"] == digest).expect("an entry");
        format!("{} {}", entry["decision"], entry["reason"]["code"]).replace('"', "")
    };
    assert_eq!(reason(&recorded), "keep rollback-floor");
    // The release moved, so that a rollback would go to the one before it.
    assert_eq!(reason(&world.recorded_digest(OLD)), "keep rollback-floor");
    fs::remove_file(world.home.path().join(FILE)).expect("removed");
    for arguments in [&cleanup[..], &["cleanup", "--apply", "--yes"]] {
        let run = world.tags(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
        assert!(run.stderr.contains("what has to be kept for a rollback"), "{run:?}");
    }
}
