//! What is in the registries at the beginning: releases that share children, latest tags,
//! signatures, what nobody tagged, and tags that no rule names.

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Digest, RepositoryPath};
use tags::sandbox::Store;
use tags::sandbox::content::{BuiltImage, Format, ManifestBytes, Provenance};

use super::chance::Chance;
use super::scenario::Scenario;
use crate::support::images::build;
use crate::support::{self, images, tag};

pub(super) const IMAGES: [&str; 2] = ["backend", "frontend"];

pub(super) fn path(image: &str) -> RepositoryPath {
    support::path(&format!("acme/{image}"))
}

/// A commit by its number; the names say nothing of the order.
pub(super) fn sha(number: usize) -> String {
    Digest::of(format!("commit {number}").as_bytes()).encoded()[..40].to_owned()
}

/// When what has this rank was built: the same day in every run, so that digests are the same.
fn created(rank: usize) -> DateTime<Utc> {
    let first: DateTime<Utc> = "2024-03-01T08:00:00Z".parse().expect("a time");
    first + TimeDelta::days(8 * i64::try_from(rank).expect("a small number"))
}

/// What one image of a release is built of.
pub(super) fn built(text: &str, created: DateTime<Utc>, shape: usize) -> BuiltImage {
    let amd = build(text, "amd64", created);
    match shape {
        0 => BuiltImage::single(&amd, Format::Oci),
        1 => BuiltImage::single(&amd, Format::Docker),
        shape => {
            // What did not change from one release to the next is the same manifest.
            let shared = build("shared", "arm64", self::created(0));
            let provenance = [Provenance::None, Provenance::Plain, Provenance::Artifact][shape % 3];
            BuiltImage::index(&[amd, shared], Format::Oci, provenance)
        }
    }
}

/// An index of manifests that are there already.
pub(super) fn index_of(store: &Store, at: &RepositoryPath, children: &[Digest]) -> ManifestBytes {
    let stored = |digest: &Digest| {
        let stored = store.manifest(at, digest)?;
        let (media_type, bytes) = (stored.media_type, stored.bytes);
        Some(ManifestBytes { media_type, digest: digest.clone(), bytes })
    };
    let children: Vec<ManifestBytes> = children.iter().filter_map(stored).collect();
    images::index_of(&children)
}

/// Fills one registry.
pub(super) fn fill(scenario: &Scenario, store: &Store, now: DateTime<Utc>) {
    for image in IMAGES {
        let mut chance = Chance::of(scenario.seed, &format!("content of {image}"));
        for environment in &scenario.environments {
            releases(scenario, store, (image, environment), (&mut chance, now));
        }
        others(store, image, (&mut chance, now));
    }
}

fn releases(
    scenario: &Scenario,
    store: &Store,
    (image, environment): (&str, &str),
    (chance, now): (&mut Chance, DateTime<Utc>),
) {
    for rank in 0..scenario.releases {
        let text = format!("{image} of {environment} {rank}");
        let root = built(&text, created(rank), chance.below(6));
        let age = 8 * (scenario.releases - rank);
        let pushed = Some(now - TimeDelta::days(i64::try_from(age).expect("a small number")));
        let mut tags = vec![tag(&format!("{environment}-{}", sha(rank)))];
        if rank + 1 == scenario.releases {
            tags.push(tag(&format!("{environment}-latest")));
        }
        if chance.per_mille(120) {
            tags.push(tag(&format!("pr-{rank}{environment}")));
        }
        if chance.per_mille(60) {
            tags.push(tag(&format!("v{rank}.0-{environment}")));
        }
        // Somebody's push ended early, and the release is nowhere whole.
        let unfinished = rank + 2 == scenario.releases && image == "frontend";
        if unfinished && chance.per_mille(150) {
            tags.clear();
        }
        store.push(&path(image), &root, &tags, pushed);
        if chance.per_mille(250) {
            let signature = built(&format!("signature of {text}"), created(rank), 0);
            let name = format!("sha256-{}.sig", root.root.digest.encoded());
            store.push(&path(image), &signature, &[tag(&name)], pushed);
        }
        if chance.per_mille(120) {
            let report = BuiltImage::artifact(&root.root, "application/vnd.example.scan", b"fine");
            store.push(&path(image), &report, &[], pushed);
            let list = index_of(store, &path(image), &[report.root.digest]);
            store.put_manifest(&path(image), &list, pushed);
            let name = tag(&format!("sha256-{}", root.root.digest.encoded()));
            let at = tags::sandbox::StoredTag { digest: list.digest, updated: pushed };
            store.set_tag(&path(image), &name, at);
        }
    }
}

fn others(store: &Store, image: &str, (chance, now): (&mut Chance, DateTime<Utc>)) {
    let pushed = Some(now - TimeDelta::days(70));
    for number in 0..chance.below(2) {
        let nightly = built(&format!("nightly {number} of {image}"), created(0), 2 + number);
        store.push(&path(image), &nightly, &[], pushed);
    }
    for number in 0..1 {
        let preview = built(&format!("preview {number} of {image}"), created(0), number * 2);
        store.push(&path(image), &preview, &[tag(&format!("pr-{number}"))], pushed);
    }
    let cache = built(&format!("cache of {image}"), created(0), 0);
    store.push(&path(image), &cache, &[tag("buildcache")], pushed);
}
