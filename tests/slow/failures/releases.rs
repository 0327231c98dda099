//! Case 25: what production runs, what a rollback needs, and sets over several images.

use tags::sandbox::content::Provenance;

use crate::failures::images::{Image, days, image, index, sha};
use crate::failures::world::{
    BACKEND, Backend, EMBEDDED, EVERYWHERE, FRONTEND, PROD, RULES, World, on,
};

const IMAGES: &str = "[image.frontend]\nrepositories = { main = \"frontend\" }\n";
const BOTH: [&str; 2] = [BACKEND, FRONTEND];

fn of(path: &str, number: u32, age: i64) -> Image {
    index(&format!("{path} {number}"), days(age), Provenance::Artifact)
}

fn tag(number: u32) -> String {
    format!("prod-{}", sha(number))
}

/// Pushes both images of a release.
fn release(world: &World, number: u32, age: i64) {
    for path in BOTH {
        world.push_in(path, &of(path, number, age), &[&tag(number)]);
    }
}

fn deploy(world: &World, number: u32, age: i64) {
    for path in BOTH {
        world.server.set_tag(path, &of(path, number, age), "prod-latest");
    }
}

fn assert_release(world: &World, number: u32, age: i64) {
    for path in BOTH {
        world.assert_pullable_in(path, &tag(number), &of(path, number, age));
    }
}

fn assert_gone(world: &World, number: u32, age: i64) {
    for path in BOTH {
        world.assert_gone_in(path, &of(path, number, age).manifests());
    }
}

fn target(world: &World) -> serde_json::Value {
    world.tags(&["rollback-target", "prod"]).json()["target"]["sha"].clone()
}

#[test]
fn case_25_what_runs_stays_in_all_images_and_so_does_its_way_back() {
    for by_digest in [true, false] {
        on(EVERYWHERE, |world| {
            world.policy(&[IMAGES, PROD, RULES]);
            let ages = [1, 30, 40, 50, 60, 70];
            for (number, age) in (1..).zip(ages) {
                release(&world, number, age);
            }
            deploy(&world, 1, 1);
            let running = of(BACKEND, 4, 50);
            let host = world.host();
            let name = if by_digest {
                // As a node with one platform names it.
                format!("{host}/{BACKEND}@{}", running.manifests()[0])
            } else {
                format!("{host}/{BACKEND}:{}", tag(4))
            };
            world.file("running", &format!("{name}\nredis:7\n"));
            let run = world.tags(&["cleanup", "--apply", "--in-use", "running"]);
            assert_eq!(run.code, 0, "on {:?}: {run:?}", world.backend);
            assert_release(&world, 1, 1);
            assert_release(&world, 2, 30);
            assert_gone(&world, 3, 40);
            assert_release(&world, 4, 50);
            assert_release(&world, 5, 60);
            assert_gone(&world, 6, 70);
        });
    }
}

#[test]
fn case_25_a_list_of_what_runs_that_protects_nothing_is_refused() {
    on(EVERYWHERE, |world| {
        let old = image("old", days(60));
        world.push(&old, &["pr-1"]);
        world.push(&image("live", days(60)), &["prod-latest"]);
        for text in ["", "\n", "redis:7\n"] {
            world.file("running", text);
            let run = world.tags(&["cleanup", "--apply", "--in-use", "running"]);
            assert_eq!(run.code, 5, "{run:?}");
            world.assert_pullable("pr-1", &old);
        }
    });
}

#[test]
fn case_25_incomplete_releases_are_no_way_back() {
    on(EVERYWHERE, |world| {
        world.policy(&[IMAGES, PROD, RULES]);
        release(&world, 1, 1);
        // Only one image was built, or only one is left.
        world.push_in(BACKEND, &of(BACKEND, 2, 30), &[&tag(2)]);
        world.push_in(FRONTEND, &of(FRONTEND, 3, 40), &[&tag(3)]);
        release(&world, 4, 50);
        release(&world, 5, 60);
        deploy(&world, 1, 1);
        assert_eq!(target(&world), sha(4));
        let run = world.cleanup(0);
        assert_release(&world, 1, 1);
        assert_release(&world, 4, 50);
        assert_gone(&world, 5, 60);
        assert_eq!(run.json()["environments"][0]["rollback_floor"][0], sha(4), "{run:?}");
        assert_eq!(target(&world), sha(4));
    });
}

#[test]
fn case_25_where_latest_tags_disagree_each_may_be_what_runs() {
    on(EVERYWHERE, |world| {
        world.policy(&[IMAGES, PROD, RULES]);
        for (number, age) in (1..).zip([1, 30, 40, 50, 60]) {
            release(&world, number, age);
        }
        world.server.set_tag(BACKEND, &of(BACKEND, 1, 1), "prod-latest");
        world.server.set_tag(FRONTEND, &of(FRONTEND, 3, 40), "prod-latest");
        world.cleanup(0);
        for (number, age) in (1..=4).zip([1, 30, 40, 50]) {
            assert_release(&world, number, age);
        }
        assert_gone(&world, 5, 60);
    });
}

#[test]
fn case_25_a_release_goes_from_all_repositories_or_from_none() {
    on(EMBEDDED, |world| {
        world.policy(&[IMAGES, PROD, RULES]);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            release(&world, number, age);
        }
        deploy(&world, 1, 1);
        let old = image("old", days(60));
        world.push(&old, &["pr-1"]);
        world.fault("400@GET:/frontend*always");
        world.fault("400@GET:frontend/versions*always");
        world.cleanup(3);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            assert_release(&world, number, age);
        }
        world.assert_gone(&old);
        world.sandbox().faults().clear();
        world.cleanup(0);
        assert_release(&world, 2, 30);
        assert_gone(&world, 3, 40);
        assert_gone(&world, 4, 50);
    });
}

#[test]
fn case_25_a_release_whose_tags_cannot_be_resolved_somewhere_goes_nowhere() {
    on(&[Backend::Oci], |world| {
        world.policy(&[IMAGES, PROD, RULES]);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            release(&world, number, age);
        }
        deploy(&world, 1, 1);
        // They are listed, and what they point to is not told.
        world.fault("400@HEAD:/frontend/manifests/prod-*always");
        world.cleanup(3);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            assert_release(&world, number, age);
        }
        world.sandbox().faults().clear();
        world.cleanup(0);
        assert_release(&world, 2, 30);
        assert_gone(&world, 3, 40);
    });
}

#[test]
fn case_25_what_must_survive_is_looked_at_after_the_apply() {
    on(EMBEDDED, |world| {
        world.policy(&[IMAGES, PROD, RULES]);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            release(&world, number, age);
        }
        deploy(&world, 1, 1);
        let run = world.cleanup(0);
        let json = run.json();
        let survivors = json["survivors"].as_array().expect("a list");
        // Both images of the current release by both its tags, and of the one before it.
        assert_eq!(survivors.len(), 6, "on {:?}: {run:?}", world.backend);
        assert!(survivors.iter().all(|one| one["status"] == "ok"), "{run:?}");

        // A layer of the way back was lost somewhere else; the next run says so.
        let layer = of(FRONTEND, 2, 30).built.blobs[0].digest.clone();
        let frontend = crate::support::path(FRONTEND);
        assert!(world.sandbox().store().remove_blob(&frontend, &layer));
        world.push_in(FRONTEND, &image("old", days(60)), &["pr-1"]);
        let run = world.cleanup(1);
        let json = run.json();
        let mut survivors = json["survivors"].as_array().expect("a list").iter();
        let damaged = survivors.any(|one| one["status"] == "damaged" && one["tag"] == tag(2));
        assert!(damaged, "{run:?}");
    });
}
