//! Cases 22 and 23: answers to a deletion that do not mean what they say, and what cannot go.

use std::collections::{BTreeMap, BTreeSet};

use tags::sandbox::docr::{DocrScope, DocrSettings};
use tags::sandbox::ghcr::{GhcrSettings, MissingRight, PackageScope};
use tags::sandbox::{Settings, TagDelete};

use crate::failures::debian::Debian;
use crate::failures::images::{Image, days, image, now};
use crate::failures::world::{Backend, EMBEDDED, EVERYWHERE, World, on};
use crate::support::registries::{docr, ghcr};

/// Something to keep, and something to go.
fn scene(world: &World) -> (Image, Image) {
    let (live, old) = (image("live", days(60)), image("old", days(60)));
    world.push(&live, &["prod-latest"]);
    world.push(&old, &["pr-1", "pr-2"]);
    (live, old)
}

/// The deletion is refused for want of rights, and nobody calls it done.
fn assert_no_rights(world: &World) {
    let (live, old) = scene(world);
    let run = world.cleanup(4);
    let result = run.result(&old).expect("a result");
    assert!(result.starts_with("failed"), "on {:?}: {result}", world.backend);
    world.assert_pullable("prod-latest", &live);
    world.assert_pullable("pr-1", &old);
}

#[test]
fn case_22_a_404_for_want_of_rights_is_no_deletion() {
    on(&[Backend::Oci], |world| {
        world.fault("404@DELETE:/*always");
        assert_no_rights(&world);
    });
    for missing_right in [MissingRight::NotFound, MissingRight::Forbidden] {
        let scopes = BTreeSet::from([PackageScope::Read, PackageScope::Write]);
        let settings = GhcrSettings { scopes, missing_right, ..ghcr() };
        let settings = Settings::ghcr(settings, now());
        assert_no_rights(&World::embedded(settings));
    }
    let scopes = BTreeSet::from([DocrScope::Read, DocrScope::Update]);
    let settings = Settings::docr(DocrSettings { scopes, ..docr() }, now());
    assert_no_rights(&World::embedded(settings));
    let off = Settings { delete: false, ..Settings::default() };
    assert_no_rights(&World::embedded(off));
    if let Some(debian) = Debian::with_deletion_off() {
        assert_no_rights(&World::debian(debian));
    }
}

#[test]
fn case_22_what_is_gone_by_itself_is_no_failure() {
    on(EMBEDDED, |world| {
        let (live, old) = scene(&world);
        let other = image("other", days(60));
        world.push(&other, &["pr-3"]);
        assert_eq!(world.tags(&["cleanup", "--out", "plan.json"]).code, 0);
        let path = crate::support::backend();
        world.sandbox().store().remove_manifest(&path, old.digest());
        let run = world.tags(&["apply", "plan.json"]);
        assert_eq!(run.code, 0, "{run:?}");
        let result = run.result(&old).expect("a result");
        assert!(result.starts_with("already-gone"), "{result}");
        world.assert_gone(&other);
        world.assert_pullable("prod-latest", &live);
    });
}

#[test]
fn case_22_an_answer_that_never_came_is_looked_after() {
    on(EMBEDDED, |world| {
        let (live, old) = scene(&world);
        // Nobody knows whether it was done.
        world.fault("drop@DELETE:/*always");
        let run = world.tags(&["cleanup", "--apply"]);
        assert_ne!(run.code, 0, "on {:?}: {run:?}", world.backend);
        world.assert_pullable("prod-latest", &live);
        world.sandbox().faults().clear();
        world.cleanup(0);
        world.assert_gone(&old);
        world.assert_pullable("prod-latest", &live);
    });
}

#[test]
fn case_23_the_last_tagged_version_is_predicted_and_kept() {
    on(&[Backend::Ghcr], |world| {
        let [newer, older] = [40, 50].map(|age| image(&format!("image {age}"), days(age)));
        world.push(&newer, &["pr-1"]);
        world.push(&older, &["pr-2"]);
        let run = world.cleanup(0);
        assert_eq!(run.reason(&newer), "last-tagged");
        world.assert_pullable("pr-1", &newer);
        world.assert_gone(&older);
    });
}

#[test]
fn case_23_what_the_registry_will_not_delete_is_retained_in_its_own_words() {
    let [popular, old, live] = ["popular", "old", "live"].map(|text| image(text, days(60)));
    let downloads = BTreeMap::from([(popular.digest().clone(), 6000)]);
    let settings = GhcrSettings { downloads, ..ghcr() };
    let world = World::embedded(Settings::ghcr(settings, now()));
    world.push(&popular, &["pr-1"]);
    world.push(&old, &["pr-2"]);
    world.push(&live, &["prod-latest"]);
    let run = world.cleanup(0);
    let result = run.result(&popular).expect("a result");
    assert!(result.starts_with("retained") && result.contains("5000 downloads"), "{result}");
    world.assert_pullable("pr-1", &popular);
    world.assert_pullable("prod-latest", &live);
    world.assert_gone(&old);
}

#[test]
fn case_23_a_tag_that_cannot_go_alone_stays_with_its_image() {
    let without = Settings { tag_delete: TagDelete::Refused, ..Settings::default() };
    let mut worlds = vec![World::embedded(without)];
    worlds.extend(World::of(Backend::Debian));
    for world in worlds {
        let (live, old) = scene(&world);
        let shared = image("shared", days(60));
        world.push(&shared, &["pr-3", "demo"]);
        let run = world.cleanup(0);
        let result = run.result(&shared).expect("a result");
        assert!(result.starts_with("retained"), "on {:?}: {result}", world.backend);
        world.assert_pullable("pr-3", &shared);
        world.assert_pullable("demo", &shared);
        world.assert_pullable("prod-latest", &live);
        world.assert_gone(&old);
    }
}

#[test]
fn a_tag_that_takes_its_manifest_along_is_put_back_and_is_the_last_one() {
    let settings = Settings { tag_delete: TagDelete::WithManifest, ..Settings::default() };
    let world = World::embedded(settings);
    let (live, old) = scene(&world);
    let shared = ["one", "two"].map(|text| image(text, days(60)));
    for (number, image) in shared.iter().enumerate() {
        world.push(image, &[&format!("pr-shared-{number}"), &format!("demo-{number}")]);
    }
    let run = world.cleanup(6);
    let said =
        |image: &Image| run.result(image).is_some_and(|it| it.contains("together with a tag"));
    assert!(shared.iter().all(said), "{run:?}");
    for (number, image) in shared.iter().enumerate() {
        world.assert_pullable(&format!("demo-{number}"), image);
    }
    let requests = world.sandbox().requests();
    let by_tag = requests.iter().filter(|one| one.method == "DELETE" && one.path().contains("pr-"));
    assert_eq!(by_tag.count(), 1);
    world.assert_pullable("prod-latest", &live);
    world.assert_gone(&old);
}

#[test]
fn case_23_a_second_run_has_nothing_left_to_do() {
    on(EVERYWHERE, |world| {
        let (live, old) = scene(&world);
        world.cleanup(0);
        world.assert_gone(&old);
        let again = world.cleanup(0);
        assert_eq!(again.json()["totals"]["delete"], 0, "on {:?}: {again:?}", world.backend);
        world.assert_pullable("prod-latest", &live);
    });
}
