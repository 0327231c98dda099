//! `tags repair`: what it fills, from where, what refuses it, and that no SHA tag moves.

mod endings;
mod latest;
mod trouble;

use chrono::TimeDelta;
use serde_json::Value;
use tags::model::{Digest, Manifest};
use tags::sandbox::Sandbox;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::program::Run;
use crate::support::{path, tag};
use crate::world::{NEW, World, build};

/// What the images of the newest release are.
pub(crate) fn newest(image: &str) -> BuiltImage {
    BuiltImage::single(&build(image, NEW, TimeDelta::days(1)), Format::Oci)
}

/// Another build of the same release.
pub(crate) fn rebuilt(image: &str) -> BuiltImage {
    BuiltImage::single(&build(image, NEW, TimeDelta::hours(3)), Format::Oci)
}

pub(crate) fn sha_tag() -> String {
    format!("prod-{NEW}")
}

/// Removes the newest release of an image from a registry, with all that it needs.
pub(crate) fn lose(registry: &Sandbox, image: &str) {
    let (repository, built) = (path(&format!("acme/{image}")), newest(image));
    registry.store().remove_manifest(&repository, &built.root.digest);
    for blob in &built.blobs {
        registry.store().remove_blob(&repository, &blob.digest);
    }
}

/// `tags repair prod` of the newest release, with JSON on stdout.
pub(crate) fn repair(world: &World, words: &[&str]) -> (Run, Value) {
    let words = [&["repair", "prod", "--sha", NEW, "--format", "json"], words].concat();
    let run = world.tags(&words);
    let json = run.json();
    (run, json)
}

/// What each place has become, as `image to: result`.
pub(crate) fn results(json: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let copies = json["copies"].as_array().expect("copies").iter();
    copies
        .map(|copy| {
            format!("{} {}: {}", text(&copy["image"]), text(&copy["to"]), text(&copy["result"]))
        })
        .collect()
}

/// What the newest SHA tag of an image points to, if all that it needs is there.
pub(crate) fn whole(registry: &Sandbox, image: &str) -> Option<Digest> {
    let (store, repository) = (registry.store(), path(&format!("acme/{image}")));
    let digest = store.resolve(&repository, &tag(&sha_tag()))?;
    let stored = store.manifest(&repository, &digest)?;
    let manifest = Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
    store.missing(&repository, &manifest).is_empty().then_some(digest)
}

/// The requests that change something, as `METHOD path`, and forgets all.
pub(crate) fn writes(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for registry in [&world.east, &world.west] {
        let requests = registry.requests().into_iter();
        let writes = requests.filter(|r| !matches!(r.method.as_str(), "GET" | "HEAD"));
        all.extend(writes.map(|r| format!("{} {}", r.method, r.path())));
        registry.clear_requests();
    }
    all
}
