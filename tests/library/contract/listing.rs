//! A listing is everything or says that it is not.

use std::collections::BTreeSet;

use tags::model::{Digest, TagName};
use tags::registry::{ErrorKind, ListedManifest};
use tags::sandbox::content::{BuiltImage, Format, Provenance};

use super::content::build;
use super::{Client, Subject};
use crate::support::{path, tag};

pub(crate) async fn all_of_many_tags_are_listed(subject: &Subject) {
    let image = BuiltImage::single(&build("many", "amd64"), Format::Oci);
    let expected: BTreeSet<TagName> = (0..250).map(|n| tag(&format!("build-{n}"))).collect();
    let in_order: Vec<TagName> = expected.iter().cloned().collect();
    subject.push(&image, "acme/many", &in_order).await;
    let listing = subject.client().registry().tag_list(&path("acme/many")).await;
    assert!(listing.broken.is_none(), "{:?}", listing.broken);
    assert_eq!(listing.tags.len(), 250, "each once");
    assert_eq!(
        listing.tags.into_iter().map(|listed| listed.tag).collect::<BTreeSet<_>>(),
        expected
    );
}

pub(crate) async fn an_unknown_repository_is_an_error_and_not_an_empty_one(subject: &Subject) {
    let image = BuiltImage::single(&build("known", "amd64"), Format::Oci);
    subject.push(&image, "acme/known", &[tag("latest")]).await;
    let listing = subject.client().registry().tag_list(&path("acme/unknown")).await;
    assert_eq!(listing.tags, []);
    let error = listing.broken.unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.status(), Some(404));
    let named = error.to_string();
    let address = format!("{}/v2/acme/unknown/tags/list", subject.host());
    assert!(!subject.is_asked_by_oci() || named.contains(&address), "{error}");
    assert!(named.contains("acme/") && named.contains("unknown"), "{error}");
    assert!(named.contains(subject.host()), "{error}");
}

/// The manifests of a repository, where the registry lists them.
pub(crate) async fn listed_manifests(
    client: &Client,
    repository: &str,
) -> Option<Vec<ListedManifest>> {
    if !client.registry().capabilities().lists_manifests {
        return None;
    }
    let listing = client.registry().manifest_list(&path(repository)).await.unwrap();
    assert!(listing.broken.is_none(), "{:?}", listing.broken);
    Some(listing.manifests)
}

pub(crate) async fn the_manifests_agree_with_the_tags(subject: &Subject) {
    let builds = ["amd64", "arm64"].map(|machine| build("agreed", machine));
    let index = BuiltImage::index(&builds, Format::Oci, Provenance::Plain);
    let single = BuiltImage::single(&build("single", "amd64"), Format::Oci);
    let many: Vec<TagName> = (0..210).map(|n| tag(&format!("build-{n}"))).collect();
    subject.push(&index, "acme/agreed", &many).await;
    subject.push(&single, "acme/agreed", &[tag("prod-latest")]).await;
    let client = subject.client();
    let manifests = listed_manifests(&client, "acme/agreed").await.unwrap();
    let listing = client.registry().tag_list(&path("acme/agreed")).await;
    let by_tag: BTreeSet<(TagName, Digest)> =
        listing.tags.into_iter().map(|one| (one.tag, one.digest.unwrap())).collect();
    let tags = |one: &ListedManifest| {
        let digest = one.digest.clone();
        one.tags.iter().map(move |tag| (tag.name.clone(), digest.clone())).collect::<Vec<_>>()
    };
    assert_eq!(manifests.iter().flat_map(tags).collect::<BTreeSet<_>>(), by_tag);
    assert_eq!(by_tag.len(), 211);
    let listed: BTreeSet<&Digest> = manifests.iter().map(|one| &one.digest).collect();
    assert_eq!(listed.len(), manifests.len(), "each once");
    let all = index.manifests().chain(single.manifests()).map(|one| &one.digest);
    assert_eq!(listed, all.collect(), "those without a tag too");
}

pub(crate) async fn the_manifests_of_an_unknown_repository_are_an_error(subject: &Subject) {
    let client = subject.client();
    let listing = client.registry().manifest_list(&path("acme/unknown")).await.unwrap();
    assert_eq!(listing.manifests, []);
    assert_eq!(listing.broken.unwrap().kind(), ErrorKind::NotFound);
}
