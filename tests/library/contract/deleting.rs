//! What a deletion takes with it and what it leaves behind.

use tags::model::{Digest, TagName};
use tags::registry::{DeletionAnswer, ErrorKind, ManifestSelector, ManifestToDelete};
use tags::sandbox::content::{BuiltImage, Format, Provenance};

use super::content::build;
use super::listing::listed_manifests;
use super::{Client, Subject};
use crate::support::{path, tag};

const REPOSITORY: &str = "acme/backend";

/// An image for two platforms, under two tags, with a signature; and another image that stays.
async fn filled(subject: &Subject) -> (BuiltImage, BuiltImage, BuiltImage) {
    let builds = ["amd64", "arm64"].map(|machine| build("goes", machine));
    let goes = BuiltImage::index(&builds, Format::Oci, Provenance::Plain);
    let stays = BuiltImage::single(&build("stays", "amd64"), Format::Oci);
    let signature = BuiltImage::artifact(&goes.root, "application/vnd.example.sig", b"signed");
    subject.push(&goes, REPOSITORY, &[tag("prod-1"), tag("prod-latest")]).await;
    subject.push(&stays, REPOSITORY, &[tag("prod-0"), tag("uat-latest")]).await;
    subject.push(&signature, REPOSITORY, &[]).await;
    (goes, stays, signature)
}

/// Deletes a manifest by what the registry's own listing says of it, where it has one.
async fn delete(client: &Client, digest: &Digest) -> DeletionAnswer {
    let listed = listed_manifests(client, REPOSITORY).await.unwrap_or_default();
    let version = listed.iter().find(|listed| listed.digest == *digest);
    let doomed = ManifestToDelete { digest, version: version.and_then(|listed| listed.version) };
    client.registry().manifest_delete(&path(REPOSITORY), doomed).await.unwrap()
}

async fn head(client: &Client, by: ManifestSelector<'_>) -> Option<Digest> {
    client.registry().manifest_head(&path(REPOSITORY), by).await.unwrap()
}

async fn by_tag(client: &Client, name: &str) -> Option<Digest> {
    head(client, ManifestSelector::Tag(&tag(name))).await
}

async fn is_there(client: &Client, digest: &Digest) -> bool {
    head(client, ManifestSelector::Digest(digest)).await.is_some()
}

async fn tags(client: &Client) -> Vec<TagName> {
    let listing = client.registry().tag_list(&path(REPOSITORY)).await;
    assert!(listing.broken.is_none(), "{:?}", listing.broken);
    let mut tags: Vec<TagName> = listing.tags.into_iter().map(|listed| listed.tag).collect();
    tags.sort();
    tags
}

pub(crate) async fn a_manifest_goes_with_all_its_tags_and_nothing_else(subject: &Subject) {
    let (goes, stays, signature) = filled(subject).await;
    let client = subject.client();
    assert_eq!(delete(&client, &goes.root.digest).await, DeletionAnswer::Accepted);
    assert!(!is_there(&client, &goes.root.digest).await);
    assert_eq!(
        (by_tag(&client, "prod-1").await, by_tag(&client, "prod-latest").await),
        (None, None)
    );
    assert_eq!(tags(&client).await, [tag("prod-0"), tag("uat-latest")]);
    for kept in goes.children.iter().chain([&stays.root, &signature.root]) {
        assert!(is_there(&client, &kept.digest).await, "{} stays", kept.digest);
    }
    assert_eq!(by_tag(&client, "uat-latest").await.as_ref(), Some(&stays.root.digest));
}

pub(crate) async fn a_second_deletion_finds_nothing(subject: &Subject) {
    let (goes, ..) = filled(subject).await;
    let client = subject.client();
    let digest = &goes.root.digest;
    let listed = listed_manifests(&client, REPOSITORY).await.unwrap_or_default();
    let version = listed.iter().find(|one| one.digest == *digest).and_then(|one| one.version);
    let (repository, doomed) = (path(REPOSITORY), ManifestToDelete { digest, version });
    let delete = async || client.registry().manifest_delete(&repository, doomed).await.unwrap();
    assert_eq!(
        (delete().await, delete().await),
        (DeletionAnswer::Accepted, DeletionAnswer::NotFound)
    );
}

pub(crate) async fn a_tag_goes_and_its_manifest_and_the_other_tags_stay(subject: &Subject) {
    let (goes, ..) = filled(subject).await;
    let client = subject.client();
    let (repository, name) = (path(REPOSITORY), tag("prod-1"));
    let delete = async || client.registry().tag_delete(&repository, &name).await.unwrap();
    assert_eq!(
        (delete().await, delete().await),
        (DeletionAnswer::Accepted, DeletionAnswer::NotFound)
    );
    assert!(is_there(&client, &goes.root.digest).await);
    assert_eq!(by_tag(&client, "prod-latest").await, Some(goes.root.digest));
    assert_eq!(tags(&client).await, ["prod-0", "prod-latest", "uat-latest"].map(tag));
}

pub(crate) async fn a_manifest_without_tags_is_still_there_to_be_deleted(subject: &Subject) {
    let (goes, ..) = filled(subject).await;
    let client = subject.client();
    for name in ["prod-1", "prod-latest"].map(tag) {
        let deletion = client.registry().tag_delete(&path(REPOSITORY), &name).await.unwrap();
        assert_eq!(deletion, DeletionAnswer::Accepted);
    }
    assert_eq!(delete(&client, &goes.root.digest).await, DeletionAnswer::Accepted);
    assert!(!is_there(&client, &goes.root.digest).await);
}

pub(crate) async fn a_single_tag_cannot_be_deleted_and_nothing_happens(subject: &Subject) {
    let (goes, ..) = filled(subject).await;
    let client = subject.client();
    let deletion = client.registry().tag_delete(&path(REPOSITORY), &tag("prod-1")).await.unwrap();
    assert!(
        matches!(&deletion, DeletionAnswer::Unsupported(words) if !words.is_empty()),
        "{deletion:?}"
    );
    assert_eq!(by_tag(&client, "prod-1").await, Some(goes.root.digest));
    assert_eq!(tags(&client).await.len(), 4);
}

pub(crate) async fn that_deletion_is_switched_off_is_told_with_the_way_to_allow_it(
    subject: &Subject,
) {
    let (goes, ..) = filled(subject).await;
    let client = subject.client();
    let doomed = ManifestToDelete { digest: &goes.root.digest, version: None };
    let refused = client.registry().manifest_delete(&path(REPOSITORY), doomed).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Credentials, "{refused}");
    assert!(refused.had_no_effect() && refused.to_string().contains("is disabled"), "{refused}");
    assert!(refused.hint().unwrap().contains("REGISTRY_STORAGE_DELETE_ENABLED"));
    let deletion = client.registry().tag_delete(&path(REPOSITORY), &tag("prod-1")).await.unwrap();
    assert!(matches!(deletion, DeletionAnswer::Unsupported(_)), "{deletion:?}");
    assert!(is_there(&client, &goes.root.digest).await);
    assert_eq!(tags(&client).await.len(), 4);
}
