//! Further ways: runs at the same time, plans that are not what is done, errors that let things
//! through, globs without end, lists that are empty, and downloads that nobody made.

use std::time::{Duration, Instant};

use tags::sandbox::content::Provenance;

use crate::failures::images::{Image, days, image, index};
use crate::failures::world::{Backend, EMBEDDED, EVERYWHERE, PROD, RULES, World, on};
use crate::support::program::Run;

/// Ten expired images, and what has to stay.
fn fill(world: &World) -> (Vec<Image>, Image) {
    let old: Vec<Image> = (0..10)
        .map(|number| index(&format!("old {number}"), days(60), Provenance::Artifact))
        .collect();
    for (number, image) in old.iter().enumerate() {
        world.push(image, &[&format!("pr-{number}")]);
    }
    let live = index("live", days(60), Provenance::Artifact);
    world.push(&live, &["prod-latest", "pr-live"]);
    (old, live)
}

#[test]
fn two_cleaners_at_once_lose_nothing_and_what_may_go_is_gone() {
    for same_home in [true, false] {
        on(EVERYWHERE, |world| {
            let (old, live) = fill(&world);
            let start = |number: usize| {
                let mut command = world.command(&["cleanup", "--apply", "--format", "json"]);
                if !same_home {
                    let home = world.home.path().join(number.to_string());
                    std::fs::create_dir(&home).expect("a home");
                    command.env("HOME", home);
                }
                command.spawn().expect("a run")
            };
            let both =
                [start(1), start(2)].map(|one| Run::of(one.wait_with_output().expect("an end")));
            // One may find that the other is at work, or that what it wants to delete is going.
            for run in &both {
                assert!([0, 3, 5, 6].contains(&run.code), "on {:?}: {run:?}", world.backend);
                assert!(!run.stdout.contains("damaged"), "on {:?}: {run:?}", world.backend);
            }
            world.assert_pullable("prod-latest", &live);
            world.cleanup(0);
            world.assert_pullable("prod-latest", &live);
            for image in &old {
                world.assert_gone(image);
            }
        });
    }
}

#[test]
fn what_a_dry_run_tells_is_what_is_done() {
    on(EVERYWHERE, |world| {
        let (_, live) = fill(&world);
        world.push(&image("stray", days(60)), &[]);
        let plan = world.tags(&["cleanup", "--out", "plan.json"]);
        let planned = plan.digests("entries", |entry| entry["decision"] == "delete");
        assert!(planned.len() >= 10, "{plan:?}");
        let (before, after) = (world.tags(&["cleanup"]), world.tags(&["apply", "plan.json"]));
        assert_eq!(before.json()["entries"], plan.json()["entries"]);
        assert_eq!(after.code, 0, "on {:?}: {after:?}", world.backend);
        assert!(after.stderr.contains("journal: "), "{after:?}");
        let deleted = after.digests("applied", |entry| entry["result"] == "deleted");
        assert_eq!(deleted, planned, "on {:?}", world.backend);
        world.assert_pullable("prod-latest", &live);
    });
}

#[test]
fn an_error_of_any_kind_lets_nothing_through() {
    for (fault, code) in [("401", 4), ("403", 4), ("500", 3), ("cut", 3), ("wrong-digest", 3)] {
        on(EMBEDDED, |world| {
            // Without a token there is none that could have ended.
            if fault == "401" && world.backend == Backend::Oci {
                return;
            }
            let (old, live) = fill(&world);
            world.fault(&format!("{fault}@GET:/manifests/*always"));
            let run = world.tags(&["cleanup", "--apply"]);
            assert!([3, 4].contains(&run.code), "{fault} on {:?}: {run:?}", world.backend);
            if fault != "401" {
                assert_eq!(run.code, code, "{fault} on {:?}: {run:?}", world.backend);
            }
            world.assert_no_deletion();
            for image in &old {
                world.assert_whole(image);
            }
            world.assert_pullable("prod-latest", &live);
        });
    }
}

#[test]
fn a_glob_that_could_match_in_countless_ways_is_done_in_no_time() {
    on(EMBEDDED, |world| {
        let rule =
            format!("[[retention]]\ntags = [\"{}b\", \"pr-*\"]\nkeep-last = 1\n", "a*".repeat(60));
        world.policy(&[PROD, &rule, "[protect]\nmin-age = \"1h\"\n"]);
        let (long, old) = (image("long", days(60)), image("old", days(60)));
        world.push(&long, &[&"a".repeat(128)]);
        world.push(&old, &["pr-1"]);
        world.push(&image("new", days(50)), &["pr-2"]);
        let begin = Instant::now();
        world.cleanup(0);
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        world.assert_pullable(&"a".repeat(128), &long);
        world.assert_gone(&old);
    });
}

#[test]
fn manifests_that_were_read_once_are_not_downloaded_again() {
    on(EMBEDDED, |world| {
        let (old, live) = fill(&world);
        assert_eq!(world.tags(&["cleanup"]).code, 0);
        world.sandbox().clear_requests();
        world.cleanup(0);
        let requests = world.sandbox().requests();
        // A tag that HEAD does not find is asked for by GET as well, which brings nothing either.
        let mut downloads = requests.iter().filter(|one| {
            one.method == "GET" && one.path().contains("/manifests/") && one.status != Some(404)
        });
        assert_eq!(downloads.next(), None, "on {:?}", world.backend);
        world.assert_pullable("prod-latest", &live);
        for image in &old {
            world.assert_gone(image);
        }
    });
}

#[test]
fn a_repository_without_tags_says_nothing_against_the_releases_of_the_others() {
    on(EMBEDDED, |world| {
        let images = "[image.frontend]\nrepositories = { main = \"frontend\" }\n";
        world.policy(&[images, PROD, RULES]);
        let frontend = crate::support::path("acme/frontend");
        let gone = image("gone", days(60));
        world.push_in("acme/frontend", &gone, &["gone"]);
        world.sandbox().store().remove_tag(&frontend, &crate::support::tag("gone"));
        let release = |age| image(&format!("release {age}"), days(age));
        for (number, age) in (1..).zip([1, 30, 40]) {
            world.release(&release(age), number);
        }
        world.deploy(&release(1));
        let run = world.tags(&["cleanup", "--apply"]);
        assert!(run.code == 0 || run.code == 3, "on {:?}: {run:?}", world.backend);
        assert!(run.warnings().contains("acme/frontend has no release of prod"), "{run:?}");
        world.assert_release(1, &release(1));
        world.assert_release(2, &release(30));
        world.assert_gone(&release(40));
    });
}
