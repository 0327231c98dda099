//! Case 24: garbage collection, which is never a side effect and never takes parts of images.

use std::time::Duration;

use tags::sandbox::Settings;
use tags::sandbox::content::Provenance;
use tags::sandbox::docr::{CollectionSettings, DocrSettings, StateDuration};

use crate::failures::images::{Image, days, image, index, now};
use crate::failures::world::World;
use crate::support::registries::docr;

const RISKY: [&str; 4] = ["gc", "main", "--type", "untagged-manifests-and-unreferenced-blobs"];

/// A registry with a live index and something to go.
fn world(collection: CollectionSettings) -> (World, Image, Image) {
    let settings = Settings::docr(DocrSettings { collection, ..docr() }, now());
    let world = World::embedded(settings);
    let (live, old) = (index("live", days(60), Provenance::Artifact), image("old", days(60)));
    world.push(&live, &["prod-latest"]);
    world.push(&old, &["pr-1"]);
    (world, live, old)
}

fn looks() -> CollectionSettings {
    CollectionSettings {
        state_duration: StateDuration::UntilPolled,
        ..CollectionSettings::default()
    }
}

fn started(world: &World) -> usize {
    let requests = world.sandbox().requests();
    let starts = |one: &&tags::sandbox::RequestRecord| {
        one.method == "POST" && one.path().ends_with("/garbage-collection")
    };
    requests.iter().filter(starts).count()
}

#[test]
fn case_24_a_cleanup_starts_no_collection_and_a_collection_takes_only_what_is_unused() {
    let (world, live, old) = world(looks());
    world.cleanup(0);
    assert_eq!(started(&world), 0);
    let blobs = || world.sandbox().store().blobs(&crate::support::backend());
    let layer = &old.built.blobs[0].digest;
    assert!(blobs().contains_key(layer));
    let run = world.tags(&["gc", "main"]);
    assert_eq!((run.code, started(&world)), (0, 1), "{run:?}");
    world.assert_pullable("prod-latest", &live);
    assert!(!blobs().contains_key(layer), "nothing was collected");
}

#[test]
fn case_24_untagged_manifests_are_not_collected_while_a_tagged_index_needs_them() {
    let (world, live, _) = world(looks());
    let run = world.tags(&RISKY);
    assert_eq!((run.code, started(&world)), (5, 0), "{run:?}");
    world.assert_pullable("prod-latest", &live);
}

#[test]
fn case_24_a_collection_that_hangs_is_left_in_time_and_no_second_one_is_started() {
    let state_duration = StateDuration::Time(Duration::from_hours(1));
    let (world, live, old) = world(CollectionSettings { state_duration, ..looks() });
    let hung = world.tags(&["gc", "main", "--wait", "1s"]);
    assert_eq!((hung.code, started(&world)), (1, 1), "{hung:?}");
    let second = world.tags(&["gc", "main"]);
    assert_eq!((second.code, started(&world)), (5, 1), "{second:?}");
    // Meanwhile the registry refuses to delete: that is said, and nothing is lost by halves.
    let run = world.tags(&["cleanup", "--apply"]);
    assert_eq!(run.code, 3, "{run:?}");
    world.assert_pullable("prod-latest", &live);
    world.assert_pullable("pr-1", &old);
    let _ = world.tags(&["gc", "main", "--cancel", "--wait", "1s"]);
    let requests = world.sandbox().requests();
    assert!(requests.iter().any(|one| one.method == "PUT"), "it cannot be cancelled");
}

#[test]
fn case_24_a_collection_that_fails_is_told() {
    let (world, live, _) = world(CollectionSettings { fails: true, ..looks() });
    let run = world.tags(&["gc", "main"]);
    assert_eq!(run.code, 1, "{run:?}");
    world.assert_pullable("prod-latest", &live);
}
