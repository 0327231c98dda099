//! `tags verify` below the tags: missing content, platforms, revisions, and why digests differ.

use chrono::TimeDelta;
use tags::model::{ContentRole, Manifest, media_type};
use tags::sandbox::content::{Build, BuiltImage, Format, ManifestBytes, Provenance};

use crate::support::images::platform;
use crate::verify::{finding, findings};
use crate::world::{NEW, OLD, World, build, push};

const DAY: TimeDelta = TimeDelta::days(1);

fn backend(architecture: &str) -> Build {
    Build { platform: platform(architecture), ..build("backend", NEW, DAY) }
}

/// One release whose backend is these two images in the two registries.
fn world(east: &BuiltImage, west: &BuiltImage) -> World {
    let world = World::empty();
    world.release(NEW, DAY);
    let tags = [format!("prod-{NEW}"), "prod-latest".to_owned()];
    push(&world.east, "backend", east, &tags.each_ref().map(String::as_str));
    push(&world.west, "backend", west, &tags.each_ref().map(String::as_str));
    world
}

/// The words behind the digests of the one `digest-differs` finding.
fn difference(east: &BuiltImage, west: &BuiltImage) -> String {
    let run = world(east, west).tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
    let json = run.json();
    assert_eq!(
        (run.code, findings(&json)),
        (1, vec![finding("digest-differs", "backend", "west")])
    );
    let message = json["findings"][0]["message"].as_str().expect("a message");
    message.rsplit_once(": ").expect("an explanation").1.to_owned()
}

#[test]
fn two_digests_of_one_image_are_explained() {
    let single = BuiltImage::single(&backend("amd64"), Format::Oci);
    let docker = BuiltImage::single(&backend("amd64"), Format::Docker);
    let index = BuiltImage::index(&[backend("amd64")], Format::Oci, Provenance::None);
    let plain = BuiltImage::index(&[backend("amd64")], Format::Oci, Provenance::Plain);
    let artifact = BuiltImage::index(&[backend("amd64")], Format::Oci, Provenance::Artifact);
    let other = Build { created: backend("amd64").created + DAY / 2, ..backend("amd64") };
    let rebuilt = BuiltImage::single(&other, Format::Oci);
    let wraps = "same image, one is an index wrapping one manifest";
    assert_eq!(difference(&index, &single), wraps);
    assert_eq!(difference(&single, &plain), wraps);
    assert_eq!(difference(&plain, &artifact), "same platforms, only the attestation differs");
    assert_eq!(difference(&index, &plain), "same platforms, only the attestation differs");
    assert_eq!(difference(&single, &docker), "same image, media type converted");
    let different = world(&single, &rebuilt).tags(&["verify", "prod", "--sha", NEW]);
    assert!(different.stdout.contains("different build ("), "{}", different.stdout);
}

#[test]
fn different_digests_are_fine_where_the_policy_says_so() {
    let single = BuiltImage::single(&backend("amd64"), Format::Oci);
    let docker = BuiltImage::single(&backend("amd64"), Format::Docker);
    let world = world(&single, &docker).policy(|text| text + "same-digest = false\n");
    assert_eq!(world.tags(&["verify", "prod", "--sha", NEW]).code, 0);
}

#[test]
fn every_piece_of_an_index_is_missed_when_it_is_gone() {
    let index =
        BuiltImage::index(&[backend("amd64"), backend("arm64")], Format::Oci, Provenance::Plain);
    for role in [ContentRole::Manifest, ContentRole::Config, ContentRole::Layer] {
        let world = world(&index, &index);
        let store = world.east.store();
        let child = &index.children[0];
        let parsed = Manifest::parse(Some(&child.media_type), &child.bytes).expect("a manifest");
        let Manifest::Image(image) = parsed else { panic!("the first child is an image") };
        let path = crate::support::backend();
        assert!(match role {
            ContentRole::Manifest => store.remove_manifest(&path, &child.digest),
            ContentRole::Config =>
                store.remove_blob(&path, &image.config.expect("a config").digest),
            ContentRole::Layer => store.remove_blob(&path, &image.layers[0].digest),
        });
        let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
        assert_eq!(
            (run.code, findings(&run.json())),
            (1, vec![finding("content-missing", "backend", "east")]),
            "{role}"
        );
        assert!(run.stdout.contains(&role.to_string()), "{}", run.stdout);
        assert_eq!(world.tags(&["verify", "prod", "--sha", NEW, "--quick"]).code, 0, "{role}");
        // What was seen once is asked for again: a cache proves nothing of the registry.
        assert_eq!(world.tags(&["verify", "prod", "--sha", NEW]).code, 1, "{role}, again");
    }
}

#[test]
fn an_index_in_which_nothing_can_run_does_not_hold() {
    let built = BuiltImage::index(&[backend("amd64")], Format::Oci, Provenance::Plain);
    let attestation = built.children.last().expect("an attestation").clone();
    let index = |manifests: &str| {
        let text = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{}\",\"manifests\":[{manifests}]}}",
            media_type::OCI_INDEX
        );
        let root =
            ManifestBytes::new(media_type::OCI_INDEX, serde_json::from_str(&text).expect("JSON"));
        BuiltImage { root, ..built.clone() }
    };
    let descriptor = format!(
        "{{\"mediaType\":\"{}\",\"digest\":\"{}\",\"size\":{},\"platform\":{{\"os\":\"unknown\",\"architecture\":\"unknown\"}}}}",
        attestation.media_type,
        attestation.digest,
        attestation.bytes.len()
    );
    let missing = [
        finding("platform-missing", "backend", "east"),
        finding("platform-missing", "backend", "west"),
    ];
    for empty in [index(""), index(&descriptor)] {
        let run = world(&empty, &empty).tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
        assert_eq!((run.code, findings(&run.json())), (1, missing.to_vec()));
    }
}

#[test]
fn a_missing_layer_is_found_at_any_depth_and_too_deep_is_unknown() {
    for (depth, code) in [(3, 1), (40, 3)] {
        let mut image = BuiltImage::single(&backend("amd64"), Format::Oci);
        for _ in 0..depth {
            let inner = image.root.clone();
            let text = format!(
                "{{\"schemaVersion\":2,\"mediaType\":\"{}\",\"manifests\":[{{\"mediaType\":\"{}\",\"digest\":\"{}\",\"size\":{}}}]}}",
                media_type::OCI_INDEX,
                inner.media_type,
                inner.digest,
                inner.bytes.len()
            );
            image.root = ManifestBytes::new(
                media_type::OCI_INDEX,
                serde_json::from_str(&text).expect("JSON"),
            );
            image.children.push(inner);
        }
        let world = world(&image, &image);
        for registry in [&world.east, &world.west] {
            registry.store().remove_blob(&crate::support::backend(), &image.blobs[0].digest);
        }
        assert_eq!(world.tags(&["verify", "prod", "--sha", NEW]).code, code, "{depth}");
    }
}

#[test]
fn platforms_of_the_policy_are_in_the_index_or_the_image() {
    let both =
        BuiltImage::index(&[backend("amd64"), backend("arm64")], Format::Oci, Provenance::Plain);
    let one = BuiltImage::single(&backend("amd64"), Format::Docker);
    let wanting = |image: &BuiltImage| {
        let old = "[image.frontend]";
        let new = "platforms = [\"linux/amd64\", \"linux/arm64\"]\n\n[image.frontend]";
        let run = world(image, image)
            .policy(|text| text.replace(old, new))
            .tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
        findings(&run.json())
    };
    assert_eq!(wanting(&both), []);
    let missing = [
        finding("platform-missing", "backend", "east"),
        finding("platform-missing", "backend", "west"),
    ];
    assert_eq!(wanting(&one), missing);
}

#[test]
fn an_image_that_was_built_from_another_commit_says_so() {
    let label = |revision: &str| Build { revision: revision.to_owned(), ..backend("amd64") };
    let with = |revision: &str| {
        let image = BuiltImage::single(&label(revision), Format::Oci);
        findings(
            &world(&image, &image)
                .tags(&["verify", "prod", "--sha", NEW, "--format", "json"])
                .json(),
        )
    };
    let differs = [
        finding("revision-differs", "backend", "east"),
        finding("revision-differs", "backend", "west"),
    ];
    assert_eq!(with(OLD), differs);
    for harmless in [NEW, &NEW[..12], "v1.2.3", "", "main"] {
        assert_eq!(with(harmless), [], "{harmless:?}");
    }
}
