//! What a cleanup costs of what is limited: requests, counted on a large repository that was read
//! before.

use chrono::TimeDelta;
use tags::registry::ContentCache;
use tags::sandbox::Settings;
use tags::sandbox::content::{BuiltImage, Format};

use crate::applying::scene::{Scene, build, docr, ghcr, now};
use crate::support::{backend, tag};

const VERSIONS: i64 = 5000;
const DOOMED: usize = 10;
/// Where something goes, each tag is asked for once by the OCI side, which no API limits: the
/// listing may have it on the wrong manifest.
const ALL: usize = 5000;
/// Questions where tags point that do not grow with what is deleted: while planning, and at the end.
const LOOKS: usize = 24;

/// A repository with so many releases, all manifests in the cache already.
fn large(settings: &Settings) -> Scene {
    let scene =
        Scene::empty(settings, |policy| policy.replace("keep-last = 2", "keep-last = 4990"));
    let cache = ContentCache::in_directory(scene.home.path().join(".cache/tags"));
    for number in 0..VERSIONS {
        let sha = format!("{number:07x}");
        let image = BuiltImage::single(&build(&sha, ("amd64", 30)), Format::Oci);
        let pushed = now() - TimeDelta::days(30) + TimeDelta::minutes(number);
        let mut tags = vec![tag(&format!("prod-{sha}"))];
        tags.extend((number == VERSIONS - 1).then(|| tag("prod-latest")));
        scene.registry.store().push(&backend(), &image, &tags, Some(pushed));
        cache.put(&image.root.digest, &image.root.bytes);
    }
    scene
}

/// How many requests of a method had this in their path, since the last time.
fn counted(scene: &Scene, wanted: &[(&str, &str)]) -> Vec<usize> {
    let requests = scene.registry.requests();
    let count = |(method, part): &(&str, &str)| {
        requests.iter().filter(|r| r.method == *method && r.path().contains(part)).count()
    };
    let counts = wanted.iter().map(count).collect();
    scene.registry.clear_requests();
    counts
}

/// Dry, then for real: pages of the listing, manifests read, deletions.
fn costs(settings: &Settings, listing: &str) -> [Vec<usize>; 2] {
    let scene = large(settings);
    let wanted = [
        ("GET", listing),
        ("GET", "/manifests/"),
        ("GET", "/blobs/"),
        ("DELETE", "/"),
        ("HEAD", "/manifests/"),
    ];
    [&["cleanup", "--format", "json"][..], &["cleanup", "--apply", "--format", "json"]].map(
        |words| {
            let run = scene.tags(words);
            assert_eq!(
                (run.code, &run.json()["totals"]["delete"]),
                (0, &DOOMED.into()),
                "{}",
                run.stderr
            );
            counted(&scene, &wanted)
        },
    )
}

#[test]
fn ghcr_is_listed_a_hundred_versions_a_call_and_no_manifest_is_read_again() {
    let [dry, real] = costs(&ghcr(), "/versions");
    // Each reading of 50 pages ends with the first and the last of them once more: a page that moved
    // meanwhile shows there.
    assert_eq!(dry[..4], [52, 0, 0, 0]);
    // Planned, read again, looked at once before each deletion, and read once after all of them.
    assert_eq!(real[..2], [52 + 52 + DOOMED + 52, 0]);
    assert_eq!(real[3], DOOMED);
    assert!(real[4] <= ALL + DOOMED + LOOKS, "{real:?}");
}

#[test]
fn docr_is_listed_two_hundred_a_call_and_no_manifest_is_read_again() {
    let [dry, real] = costs(&docr(), "/digests");
    // Each reading of 25 pages ends with the first of them once more.
    assert_eq!(dry[..4], [26, 0, 0, 0]);
    // Planned, read again, and read once after all deletions.
    assert_eq!(real[..2], [3 * 26, 0]);
    assert_eq!(real[3], DOOMED);
    // Each one's own tag as well.
    assert!(real[4] <= ALL + 2 * DOOMED + LOOKS, "{real:?}");
}
