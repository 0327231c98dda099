//! What a plan frees: each layer counts once per registry, and not at all if something kept uses it.

use tags::model::{Digest, StoredContent};
use tags::retention::{Decision, Plan, count_content_once};

use crate::retention::scene::{Scene, policy};

const BASE: u64 = 1000;
const OWN: u64 = 100;

/// Three releases in every place; each manifest has a layer of its own and the layer that all have.
fn scene() -> Scene {
    let scene = Scene::new(policy("", ""));
    let mut scene = (1..=3).fold(scene, |scene, number| {
        scene.release(
            &format!("prod-000000{number}"),
            number,
            40 - i64::try_from(number).unwrap_or(0),
        )
    });
    for repository in &mut scene.contents.repositories {
        let own = |digest: &Digest| Digest::of(format!("layer of {digest}").as_bytes());
        let digests = repository.manifests.iter().map(|record| (own(&record.digest), OWN));
        let mut list: Vec<_> = digests.chain([(Digest::of(b"base"), BASE)]).collect();
        list.sort();
        let number = |digest: &Digest| {
            let at = list.iter().position(|(known, _)| known == digest).expect("content");
            u32::try_from(at).expect("few")
        };
        for record in &mut repository.manifests {
            record.stored = [number(&own(&record.digest)), number(&Digest::of(b"base"))].into();
        }
        repository.stored = StoredContent::sorted(list.into());
    }
    scene
}

/// Everything is deleted but the first manifests of some repositories.
fn plan(scene: &Scene, keeps: impl Fn(&str) -> bool) -> Plan {
    let mut plan = scene.plan();
    let mut last = None;
    for entry in &mut plan.entries {
        let is_first = last.replace(entry.repository.clone()).as_ref() != Some(&entry.repository);
        let name = entry.repository.to_string();
        let kept = is_first && keeps(&name);
        entry.decision = if kept { Decision::Keep } else { Decision::Delete };
    }
    count_content_once(&mut plan, &scene.contents);
    plan
}

/// What is freed and what stays in a registry.
fn sums(plan: &Plan, registry: &str) -> (u64, u64) {
    let here = plan.entries.iter().filter(|entry| entry.repository.registry.as_str() == registry);
    here.fold((0, 0), |(freed, stays), entry| match entry.decision {
        Decision::Delete => (freed + entry.stored, stays),
        _ => (freed, stays + entry.stored),
    })
}

#[test]
fn a_layer_that_something_kept_uses_is_not_freed_and_others_count_once() {
    let scene = scene();
    let plan = plan(&scene, |name| name.starts_with("registry.digitalocean.com/acme/backend"));
    assert_eq!(sums(&plan, "docr"), (5 * OWN, BASE + OWN), "another repository keeps the base");
    assert_eq!(sums(&plan, "ghcr"), (6 * OWN + BASE, 0), "nothing there keeps it");
    assert_eq!(sums(&plan, "oci"), (3 * OWN + BASE, 0));
    let freed = ["docr", "ghcr", "oci"].map(|name| sums(&plan, name).0).iter().sum::<u64>();
    assert_eq!(plan.totals().bytes, freed);
}

#[test]
fn what_is_kept_counts_once_too_and_nothing_is_lost_or_counted_twice() {
    let scene = scene();
    for keeps in [(|_: &str| false) as fn(&str) -> bool, |_: &str| true] {
        let plan = plan(&scene, keeps);
        for (registry, manifests) in [("docr", 6), ("ghcr", 6), ("oci", 3)] {
            let (freed, stays) = sums(&plan, registry);
            assert_eq!(freed + stays, manifests * OWN + BASE, "{registry}");
        }
    }
}

#[test]
fn a_manifest_whose_content_is_unknown_counts_with_its_size() {
    let mut scene = scene();
    for repository in &mut scene.contents.repositories {
        repository.manifests.iter_mut().for_each(|record| record.stored = Box::default());
    }
    let plan = plan(&scene, |_| false);
    assert_eq!(plan.totals().bytes, 15 * 1000);
}
