//! Manifests and blobs come back as they are, and what is not there is an answer.

use tags::model::{Digest, media_type};
use tags::registry::{Backend, ManifestSelector, Presence};
use tags::sandbox::content::{BuiltImage, Format, ManifestBytes, Provenance};

use super::Subject;
use super::content::build;
use crate::support::{path, tag};

/// Each format in which images are published, by the media type of its root.
fn formats() -> Vec<(&'static str, BuiltImage)> {
    let both = |text: &str| ["amd64", "arm64"].map(|machine| build(text, machine));
    let index = |text, format, provenance| BuiltImage::index(&both(text), format, provenance);
    vec![
        (media_type::OCI_MANIFEST, BuiltImage::single(&build("a", "amd64"), Format::Oci)),
        (media_type::DOCKER_MANIFEST, BuiltImage::single(&build("b", "amd64"), Format::Docker)),
        (media_type::DOCKER_LIST, index("c", Format::Docker, Provenance::None)),
        (media_type::OCI_INDEX, index("d", Format::Oci, Provenance::Plain)),
        (media_type::OCI_INDEX, index("e", Format::Oci, Provenance::Artifact)),
    ]
}

pub(crate) async fn every_format_comes_back_byte_for_byte(subject: &Subject) {
    for (number, (media_type, image)) in formats().into_iter().enumerate() {
        let name = tag(&format!("format-{number}"));
        subject.push(&image, "acme/formats", std::slice::from_ref(&name)).await;
        let client = subject.client();
        let registry = client.registry();
        let root = &image.root;
        assert_eq!(root.media_type, media_type);
        comes_back(registry, ManifestSelector::Tag(&name), root).await;
        for manifest in image.manifests() {
            comes_back(registry, ManifestSelector::Digest(&manifest.digest), manifest).await;
        }
        for blob in &image.blobs {
            let found = registry.blob_head(&path("acme/formats"), &blob.digest).await.unwrap();
            assert_eq!(found, Presence::Present);
            let bytes = registry.blob_get(&path("acme/formats"), &blob.digest).await.unwrap();
            assert_eq!(bytes.as_ref(), Some(&blob.bytes));
        }
    }
}

async fn comes_back(registry: &Backend, by: ManifestSelector<'_>, sent: &ManifestBytes) {
    let repository = path("acme/formats");
    let head = registry.manifest_head(&repository, by).await.unwrap();
    assert_eq!(head.as_ref(), Some(&sent.digest), "{by}");
    let got = registry.manifest_get(&repository, by).await.unwrap().unwrap();
    assert_eq!(got.media_type.as_deref(), Some(sent.media_type.as_str()));
    assert_eq!((&got.digest, &got.bytes), (&Digest::of(&got.bytes), &sent.bytes), "{by}");
}

pub(crate) async fn what_is_missing_is_an_answer_and_no_error(subject: &Subject) {
    let image = BuiltImage::single(&build("there", "amd64"), Format::Oci);
    subject.push(&image, "acme/there", &[tag("latest")]).await;
    let client = subject.client();
    let registry = client.registry();
    let (other_tag, other) = (tag("prod-latest"), Digest::of(b"was never pushed"));
    for repository in [path("acme/there"), path("acme/nowhere")] {
        for by in [ManifestSelector::Tag(&other_tag), ManifestSelector::Digest(&other)] {
            assert_eq!(registry.manifest_head(&repository, by).await.unwrap(), None, "{by}");
            assert!(registry.manifest_get(&repository, by).await.unwrap().is_none(), "{by}");
        }
        let head = registry.blob_head(&repository, &other).await.unwrap();
        assert_eq!(head, Presence::Missing);
        assert_eq!(registry.blob_get(&repository, &other).await.unwrap(), None);
    }
}
