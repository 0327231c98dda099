//! Whether an image can be pulled whole is asked of the registry every time.

use tags::collect::check_content;
use tags::model::{ContentReport, ContentRole, Digest, MissingContent, Platform, media_type};
use tags::sandbox::content::{BuiltImage, Format, Provenance};

use super::content::build;
use super::{Client, Subject};
use crate::support::{path, tag};

const REPOSITORY: &str = "acme/frontend";

/// An image for two platforms with attestations.
fn image() -> BuiltImage {
    let builds = ["amd64", "arm64"].map(|machine| build("whole", machine));
    BuiltImage::index(&builds, Format::Oci, Provenance::Plain)
}

async fn check(client: &Client, image: &BuiltImage) -> ContentReport {
    check_content(client.collector(), client.repository(REPOSITORY), &image.root.digest).await
}

pub(crate) async fn a_whole_image_lacks_nothing(subject: &Subject) {
    let image = image();
    subject.push(&image, REPOSITORY, &[tag("prod-latest")]).await;
    let report = check(&subject.client(), &image).await;
    assert_eq!((report.missing, report.unread), (vec![], vec![]));
    let tree = report.tree.unwrap();
    for manifest in image.manifests() {
        assert!(tree.contains(&manifest.digest));
    }
    let platforms: Vec<Platform> = tree.platforms().into_iter().map(|(one, _)| one).collect();
    assert_eq!(platforms, ["amd64", "arm64"].map(|machine| build("", machine).platform));
    let revision = tree.main_config().and_then(|config| config.revision.clone());
    assert_eq!(revision, Some(build("", "amd64").revision));
}

pub(crate) async fn a_layer_that_was_removed_is_missed_even_with_a_warm_cache(subject: &Subject) {
    let image = image();
    let layer = &image.blobs[0].digest;
    let removed = |subject: &Subject| subject.backdoor.blob_remove(&path(REPOSITORY), layer);
    is_missed(subject, &image, removed, ContentRole::Layer, layer).await;
}

pub(crate) async fn a_config_that_was_removed_is_missed_even_with_a_warm_cache(subject: &Subject) {
    let image = image();
    let is_config = |kind: &str| kind == media_type::OCI_CONFIG;
    let config = image.blobs.iter().find(|blob| is_config(&blob.media_type)).unwrap();
    let config = &config.digest;
    let removed = |subject: &Subject| subject.backdoor.blob_remove(&path(REPOSITORY), config);
    is_missed(subject, &image, removed, ContentRole::Config, config).await;
}

pub(crate) async fn a_child_that_was_removed_is_missed_even_with_a_warm_cache(subject: &Subject) {
    let image = image();
    let child = &image.children[1].digest;
    let removed = |subject: &Subject| subject.backdoor.manifest_remove(&path(REPOSITORY), child);
    is_missed(subject, &image, removed, ContentRole::Manifest, child).await;
}

/// Nothing lacks before the removal, and exactly this after it: to a client that has seen it
/// before as to one that has not.
async fn is_missed(
    subject: &Subject,
    image: &BuiltImage,
    remove: impl Fn(&Subject),
    role: ContentRole,
    digest: &Digest,
) {
    subject.push(image, REPOSITORY, &[tag("prod-latest")]).await;
    let client = subject.client();
    assert_eq!(check(&client, image).await.missing, []);
    remove(subject);
    let expected = [MissingContent { role, digest: digest.clone() }];
    for client in [client, subject.client()] {
        let report = check(&client, image).await;
        assert_eq!((&report.missing[..], &report.unread[..]), (&expected[..], &[][..]));
    }
}
