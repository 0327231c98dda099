//! Clocks that differ: the servers' time counts, everybody is warned, and nothing is deleted.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings};

use crate::both::Both;
use crate::cleaning::{decided, deletions};
use crate::support::{
    images, path,
    program::{Run, now},
    tag,
};
use crate::world::{MID, NEW, OLD, World, push};

const RULES: &str = r#"
[[retention]]
environments = ["prod"]
keep-within = "20d"

[protect]
rollback-depth = 1
min-age = "0s"

[limits]
max-share = 1.0
"#;

/// Both plain registries, whose clocks show this.
fn plain(clock: DateTime<Utc>) -> World {
    apart(clock, clock)
}

/// The same, each with its own clock.
fn apart(east: DateTime<Utc>, west: DateTime<Utc>) -> World {
    let settings = |now| Settings { now: Some(now), ..Settings::default() };
    World::between(settings(east), settings(west)).policy(|text| text + RULES)
}

fn built(image: &str, sha: &str, created: DateTime<Utc>) -> BuiltImage {
    let build = images::build(&format!("{image} {sha}\n"), "amd64", created);
    BuiltImage::single(&Build { revision: sha.to_owned(), ..build }, Format::Oci)
}

/// A release of both images in both registries, built then.
fn release(world: &World, sha: &str, created: DateTime<Utc>) {
    for image in ["backend", "frontend"] {
        let image_built = built(image, sha, created);
        for registry in [&world.east, &world.west] {
            push(registry, image, &image_built, &[&format!("prod-{sha}"), "prod-latest"]);
        }
    }
}

/// DOCR and GHCR, whose clocks show this, with three releases of these ages by their clocks.
pub(crate) fn managed(clock: DateTime<Utc>, ages: [TimeDelta; 3]) -> Both {
    let both = Both::with(|_, _| clock).policy(|text| {
        let (head, _) = text.split_once("\n[[retention]]").expect("rules");
        format!("{head}{RULES}")
    });
    for (sha, age) in [OLD, MID, NEW].into_iter().zip(ages) {
        let image = built("backend", sha, clock - age);
        let tags = [tag(&format!("prod-{sha}")), tag("prod-latest")];
        for (registry, owner) in [(&both.docr, "acme"), (&both.ghcr, "acme-inc")] {
            let path = path(&format!("{owner}/team/backend"));
            registry.store().push(&path, &image, &tags, Some(clock - age));
        }
    }
    both
}

fn deleted(registries: [&Sandbox; 2]) -> usize {
    let requests = registries.into_iter().flat_map(Sandbox::requests);
    requests.filter(|request| request.method == "DELETE").count()
}

fn warned(run: &Run, side: &str) {
    assert!(run.stderr.contains("warning: this machine's clock is"), "{run:?}");
    assert!(run.stderr.contains(side) && run.stderr.contains("NTP"), "{run:?}");
}

/// The reasons for which it was refused.
fn refusals(json: &Value) -> String {
    json["refusals"].to_string()
}

#[test]
fn a_fresh_push_is_the_newest_although_this_clock_is_behind() {
    let clock = now() + TimeDelta::minutes(10);
    let ages = [TimeDelta::days(3), TimeDelta::days(1), TimeDelta::seconds(5)];
    let world = plain(clock);
    for (sha, age) in [OLD, MID, NEW].into_iter().zip(ages) {
        release(&world, sha, clock - age);
    }
    let both = managed(clock, ages);
    for run in [&|words: &[&str]| world.tags(words), &|words: &[&str]| both.run(words)]
        as [&dyn Fn(&[&str]) -> Run; 2]
    {
        let target = run(&["rollback-target", "prod"]);
        assert_eq!((target.code, target.stdout.as_str()), (0, &*format!("{MID}\n")), "{target:?}");
        warned(&target, "10 minutes behind");
        let list = run(&["list", "prod", "--format", "json"]);
        let first = &list.json()["releases"][0];
        assert_eq!((&first["sha"], &first["current"]), (&NEW.into(), &true.into()), "{list:?}");
        assert!(first["time"].is_string(), "{list:?}");
        warned(&list, "10 minutes behind");
        for words in [&["verify", "prod", "--sha", NEW][..], &["doctor"], &["explain", "prod", NEW]]
        {
            warned(&run(words), "10 minutes behind");
        }
    }
}

#[test]
fn a_clock_that_is_ahead_makes_nothing_older_and_lets_nothing_go() {
    let clock = now() - TimeDelta::days(30);
    let ages = [TimeDelta::days(15), TimeDelta::days(10), TimeDelta::days(1)];
    let world = plain(clock);
    for (sha, age) in [OLD, MID, NEW].into_iter().zip(ages) {
        release(&world, sha, clock - age);
    }
    let both = managed(clock, ages);
    for run in [&|words: &[&str]| world.tags(words), &|words: &[&str]| both.run(words)]
        as [&dyn Fn(&[&str]) -> Run; 2]
    {
        let dry = run(&["cleanup", "--format", "json"]);
        assert_eq!((dry.code, &dry.json()["outcome"]), (0, &"ok".into()), "{dry:?}");
        assert_eq!(decided(&dry.json(), "delete").len(), 0, "{dry:?}");
        assert!(dry.json()["warnings"].to_string().contains("30 days ahead"), "{dry:?}");
        warned(&dry, "30 days ahead");
        let apply = run(&["cleanup", "--apply", "--format", "json"]);
        assert_eq!((apply.code, &apply.json()["outcome"]), (5, &"refused".into()), "{apply:?}");
        assert!(refusals(&apply.json()).contains("30 days ahead of that of 127.0.0.1"));
    }
    assert_eq!(deletions(&world) + deleted([&both.docr, &both.ghcr]), 0);
}

#[test]
fn nothing_goes_by_a_wrong_clock_though_it_had_expired_by_any() {
    for offset in [TimeDelta::minutes(-6), TimeDelta::minutes(6)] {
        let clock = now() + offset;
        let ages = [TimeDelta::days(40), TimeDelta::days(10), TimeDelta::days(1)];
        let world = plain(clock);
        for (sha, age) in [OLD, MID, NEW].into_iter().zip(ages) {
            release(&world, sha, clock - age);
        }
        let both = managed(clock, ages);
        for (run, home) in [
            (&(|words: &[&str]| world.tags(words)) as &dyn Fn(&[&str]) -> Run, &world.home),
            (&|words: &[&str]| both.run(words), &both.home),
        ] {
            let plan = home.path().join("plan.json").display().to_string();
            let dry = run(&["cleanup", "--out", &plan, "--format", "json"]);
            assert!(dry.code == 0 && !decided(&dry.json(), "delete").is_empty(), "{dry:?}");
            for words in [
                &["cleanup", "--apply", "--format", "json"][..],
                &["apply", &plan, "--format", "json"],
            ] {
                let refused = run(words);
                assert_eq!(refused.code, 5, "{refused:?}");
                assert!(refusals(&refused.json()).contains("6 minutes"), "{refused:?}");
                warned(&refused, "6 minutes");
            }
        }
        assert_eq!(deletions(&world) + deleted([&both.docr, &both.ghcr]), 0);
    }
}

#[test]
fn servers_that_disagree_let_nothing_go_and_the_right_one_is_no_excuse() {
    let world = apart(now(), now() - TimeDelta::minutes(8));
    for (sha, age) in [(OLD, 40), (MID, 10), (NEW, 1)] {
        release(&world, sha, now() - TimeDelta::days(age));
    }
    let apply = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!(apply.code, 5, "{apply:?}");
    assert!(refusals(&apply.json()).contains("are 8 minutes apart"), "{apply:?}");
    assert_eq!(deletions(&world), 0);
}

#[test]
fn clocks_that_agree_are_never_mentioned() {
    let world = plain(now() + TimeDelta::minutes(4));
    for (sha, age) in [(OLD, 40), (MID, 10), (NEW, 1)] {
        release(&world, sha, now() - TimeDelta::days(age));
    }
    let run = world.tags(&["cleanup", "--apply", "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (0, &"ok".into()), "{run:?}");
    assert!(!run.stderr.contains("clock") && deletions(&world) > 0, "{run:?}");
}

#[test]
fn the_clock_of_storage_that_a_redirect_leads_to_does_not_count() {
    let world = apart(now(), now() - TimeDelta::hours(3)).policy(|text| {
        text.replace("order = \"built\"", "order = \"built\"\nregistries = [\"east\"]")
    });
    for (sha, age) in [(OLD, 40), (MID, 10), (NEW, 1)] {
        release(&world, sha, now() - TimeDelta::days(age));
    }
    let redirect = format!("redirect={}@GET:/blobs/*always", world.west.url());
    world.east.faults().add(redirect.parse().expect("a fault"));
    let run = world.tags(&["verify", "prod", "--sha", NEW]);
    assert!(run.code == 0 && !run.stderr.contains("clock"), "{run:?}");
    assert!(world.west.requests().iter().any(|request| request.method == "GET"));
}
