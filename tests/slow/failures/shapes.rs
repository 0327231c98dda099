//! Manifests that are not what they are declared to be, and manifests of kinds that nobody makes any
//! more: what their bytes name is kept with them, and the rest of the repository goes its way.

use serde_json::{Value, json};
use tags::model::{Digest, media_type};
use tags::sandbox::StoredTag;
use tags::sandbox::content::{ManifestBytes, Provenance};

use crate::failures::images::{Image, days, image, index};
use crate::failures::lies::{lie, list_says};
use crate::failures::world::{BACKEND, Backend, EMBEDDED, World, on};
use crate::support::{backend, tag};

/// A current image and one that may go.
fn scene(world: &World) -> (Image, Image) {
    let (current, old) = (image("current", days(2)), image("old", days(60)));
    world.push(&current, &["prod-latest"]);
    world.push(&old, &["pr-1"]);
    (current, old)
}

/// Puts any manifest under a tag, or under none.
fn put(world: &World, manifest: &ManifestBytes, name: Option<&str>) -> Digest {
    let store = world.sandbox().store();
    store.put_manifest(&backend(), manifest, Some(days(60)));
    if let Some(name) = name {
        let stored = StoredTag { digest: manifest.digest.clone(), updated: Some(days(60)) };
        store.set_tag(&backend(), &tag(name), stored);
    }
    manifest.digest.clone()
}

/// The registry serves a manifest with this `Content-Type`.
fn declare(world: &World, digest: &Digest, media_type: &'static str) {
    lie(world, "GET", &format!("/manifests/{digest}"), move |reply| {
        reply.set_header("content-type", media_type);
    });
}

#[test]
fn an_index_that_is_served_as_an_image_keeps_its_children_in_every_run() {
    on(EMBEDDED, |world| {
        let (current, old) = scene(&world);
        let wrong = index("wrong", days(60), Provenance::Plain);
        world.push(&wrong, &["pr-2"]);
        declare(&world, wrong.digest(), media_type::OCI_MANIFEST);
        for run in 0..3 {
            let cleaned = world.cleanup(0);
            assert_eq!(cleaned.reason(&wrong), "unreadable", "run {run}: {cleaned:?}");
            let told = cleaned.warnings();
            assert!(told.contains("Content-Type"), "run {run}: {told}");
            world.assert_pullable("pr-2", &wrong);
            world.assert_pullable("prod-latest", &current);
            world.assert_gone(&old);
        }
        let verified = world.tags(&["cleanup"]);
        assert_eq!(verified.json()["coverage"][0]["complete"], true, "{verified:?}");
    });
}

#[test]
fn an_index_that_is_declared_rightly_again_is_judged_as_any_other() {
    on(EMBEDDED, |world| {
        scene(&world);
        let wrong = index("wrong", days(60), Provenance::Plain);
        world.push(&wrong, &["pr-2"]);
        declare(&world, wrong.digest(), media_type::OCI_MANIFEST);
        world.cleanup(0);
        world.sandbox().faults().clear();
        world.cleanup(0);
        world.assert_gone(&wrong);
    });
}

#[test]
fn old_and_unknown_kinds_of_manifests_freeze_nothing() {
    let layer = Digest::of(b"layer");
    let kinds: [(&'static str, Value); 3] = [
        (
            media_type::DOCKER_SCHEMA_1,
            json!({"schemaVersion": 1, "fsLayers": [{"blobSum": layer.to_string()}]}),
        ),
        (
            media_type::OCI_ARTIFACT,
            json!({"mediaType": media_type::OCI_ARTIFACT, "blobs": [
                {"mediaType": "a/b", "digest": layer.to_string(), "size": 5}
            ]}),
        ),
        (
            "application/vnd.example.new+json",
            json!({"mediaType": "application/vnd.example.new+json", "things": [1, 2]}),
        ),
    ];
    for (kind, body) in kinds {
        on(EMBEDDED, |world| {
            let (current, old) = scene(&world);
            let bytes: std::sync::Arc<[u8]> = body.to_string().into_bytes().into();
            let manifest = ManifestBytes {
                media_type: media_type::OCI_MANIFEST.to_owned(),
                digest: Digest::of(&bytes),
                bytes,
            };
            let digest = put(&world, &manifest, Some("keep-me"));
            declare(&world, &digest, kind);
            let run = world.cleanup(0);
            assert_eq!(run.json()["coverage"][0]["complete"], true, "{kind}: {run:?}");
            assert!(!run.warnings().contains("contradicts"), "{kind}: {run:?}");
            world.assert_gone(&old);
            world.assert_pullable("prod-latest", &current);
            assert!(world.server.has_manifest(BACKEND, &digest), "{kind}");
        });
    }
}

#[test]
fn what_is_no_json_keeps_itself_and_what_has_no_tag() {
    on(&[Backend::Docr, Backend::Ghcr], |world| {
        let (current, old) = scene(&world);
        let loose = image("loose", days(60));
        world.push(&loose, &[]);
        let bytes: std::sync::Arc<[u8]> = b"\x0a\x03not json".as_slice().into();
        let odd = ManifestBytes {
            media_type: media_type::OCI_MANIFEST.to_owned(),
            digest: Digest::of(&bytes),
            bytes,
        };
        let digest = put(&world, &odd, Some("pr-9"));
        let run = world.cleanup(0);
        assert_eq!(run.reason(&loose), "unreadable", "{run:?}");
        assert!(run.warnings().contains("is not JSON"), "{run:?}");
        assert!(world.server.resolve(BACKEND, "pr-9") == Some(digest));
        world.assert_whole(&loose);
        world.assert_gone(&old);
        world.assert_pullable("prod-latest", &current);
    });
}

#[test]
fn a_build_cache_whose_index_lists_layers_is_no_damaged_index() {
    on(EMBEDDED, |world| {
        let (_, old) = scene(&world);
        let layer: std::sync::Arc<[u8]> = b"a cached layer".as_slice().into();
        let digest = Digest::of(&layer);
        world.sandbox().store().put_blob(&backend(), digest.clone(), layer);
        let body = json!({"mediaType": media_type::OCI_INDEX, "manifests": [
            {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
             "digest": digest.to_string(), "size": 14},
        ]});
        let cache = ManifestBytes::new(media_type::OCI_INDEX, body);
        put(&world, &cache, Some("buildcache"));
        let run = world.cleanup(0);
        assert!(!run.warnings().contains("gone"), "{run:?}");
        assert_eq!(run.json()["coverage"][0]["complete"], true, "{run:?}");
        world.assert_gone(&old);
        let asked = format!("/manifests/{digest}");
        let requests = world.sandbox().requests();
        assert!(requests.iter().all(|one| !one.target.contains(&asked)), "{requests:?}");
    });
}

#[test]
fn a_manifest_that_another_one_names_as_a_layer_is_kept() {
    on(EMBEDDED, |world| {
        scene(&world);
        let named = image("named", days(60));
        world.push(&named, &["pr-3"]);
        let body = json!({"mediaType": media_type::OCI_INDEX, "manifests": [
            {"mediaType": "application/vnd.oci.image.layer.v1.tar",
             "digest": named.digest().to_string(), "size": 14},
        ]});
        put(&world, &ManifestBytes::new(media_type::OCI_INDEX, body), Some("keep-me"));
        let run = world.cleanup(0);
        assert_eq!(run.reason(&named), "unreadable", "{run:?}");
        world.assert_pullable("pr-3", &named);
    });
}

#[test]
fn no_referrers_may_be_told_as_null() {
    on(&[Backend::Oci], |world| {
        let (_, old) = scene(&world);
        list_says(&world, "/referrers/", |list| list["manifests"] = Value::Null);
        world.cleanup(0);
        world.assert_gone(&old);
    });
}
