//! What is found: indexes in indexes, attestations, shared children, signatures and chains of
//! subjects; each manifest once.

use std::collections::BTreeSet;

use tags::model::{ContentsCoverage, Digest, References, RepositoryContents, SingleTags};
use tags::sandbox::content::{BuiltImage, Provenance};

use crate::connect::now;
use crate::contents::world::{
    World, digests, image, index, index_of, record, tag_names, takes_away,
};

fn all(images: &[&BuiltImage]) -> BTreeSet<Digest> {
    images.iter().flat_map(|image| image.manifests()).map(|one| one.digest.clone()).collect()
}

fn found(contents: &RepositoryContents) -> BTreeSet<Digest> {
    digests(contents).into_iter().collect()
}

#[tokio::test]
async fn an_index_in_an_index_is_followed_to_its_images() {
    let world = World::empty();
    let inner = index("inner", Provenance::None);
    let outer = index_of(&[&inner.root]);
    world.push(&inner, &[]);
    world.push(&outer, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(found(&contents), all(&[&inner, &outer]));
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    assert_eq!(tag_names(record(&contents, &outer.root.digest)), ["prod-latest"]);
    let children = record(&contents, &inner.root.digest).references.children();
    assert_eq!(children, [&inner.children[0].digest, &inner.children[1].digest].map(Clone::clone));
    assert!(record(&contents, &inner.root.digest).tags.is_empty());
}

#[tokio::test]
async fn attestations_are_children_and_those_with_a_subject_name_their_image() {
    let world = World::empty();
    let attested = index("one", Provenance::Artifact);
    world.push(&attested, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(found(&contents), all(&[&attested]));
    let [amd64, _, of_amd64, _] = &attested.children[..] else { panic!("four children") };
    assert_eq!(record(&contents, &of_amd64.digest).references.subject(), Some(&amd64.digest));
    assert_eq!(record(&contents, &amd64.digest).references, References::none());
}

#[tokio::test]
async fn a_child_of_two_indexes_is_one_record() {
    let world = World::empty();
    let shared = image("shared");
    let (one, two) = (index_of(&[&shared.root]), index_of(&[&shared.root, &shared.root]));
    world.push(&shared, &[]);
    world.push(&one, &["a"]);
    world.push(&image("x"), &["c"]);
    world.push(&two, &["b"]);
    let contents = world.read().await;
    assert_eq!(found(&contents), all(&[&shared, &one, &two, &image("x")]));
    assert_eq!(contents.manifests.len(), found(&contents).len());
    assert_eq!(record(&contents, &two.root.digest).references.children(), [shared.root.digest]);
}

#[tokio::test]
async fn fallback_tags_and_signature_tags_are_read_like_any_tag() {
    let world = World::empty();
    let subject = image("signed");
    let signature = BuiltImage::artifact(&subject.root, "application/vnd.test.sig", b"signed");
    let list = index_of(&[&signature.root]);
    let hex = subject.root.digest.encoded();
    world.push(&subject, &["prod-latest"]);
    world.push(&signature, &[]);
    let fallback = world.push(&list, &[&format!("sha256-{hex}")]);
    let old_style = world.push(&image("cosign"), &[&format!("sha256-{hex}.sig")]);
    let contents = world.read().await;
    assert_eq!(
        record(&contents, &fallback).references.children(),
        std::slice::from_ref(&signature.root.digest)
    );
    let references = &record(&contents, &signature.root.digest).references;
    assert_eq!(references.subject(), Some(&subject.root.digest));
    assert_eq!(record(&contents, &old_style).built, None, "a signature has no release's time");
    assert!(record(&contents, &subject.root.digest).built.is_some());
}

#[tokio::test]
async fn subjects_are_followed_from_one_to_the_next() {
    let world = World::empty();
    let bottom = image("bottom");
    let middle = BuiltImage::artifact(&bottom.root, "application/vnd.test.a", b"a");
    let top = BuiltImage::artifact(&middle.root, "application/vnd.test.b", b"b");
    world.push(&bottom, &[]);
    world.push(&middle, &[]);
    world.push(&top, &["note"]);
    let contents = world.read().await;
    assert_eq!(found(&contents), all(&[&bottom, &middle, &top]));
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
}

#[tokio::test]
async fn a_manifest_has_its_own_size_and_that_of_its_layers_and_its_build_time() {
    let world = World::empty();
    let (single, list) = (image("one"), index("two", Provenance::None));
    world.push(&single, &["prod-latest", "also"]);
    world.push(&list, &["other"]);
    let contents = world.read().await;
    let single_record = record(&contents, &single.root.digest);
    let blobs: usize = single.blobs.iter().map(|blob| blob.bytes.len()).sum();
    let expected = u64::try_from(single.root.bytes.len() + blobs).expect("a size");
    assert_eq!(single_record.bytes, Some(expected));
    assert_eq!(tag_names(single_record), ["also", "prod-latest"]);
    let list_record = record(&contents, &list.root.digest);
    let own = u64::try_from(list.root.bytes.len()).expect("a size");
    assert_eq!(list_record.bytes, Some(own), "children have records of their own");
    let built = Some(now() - chrono::TimeDelta::days(3));
    assert_eq!((single_record.built, list_record.built), (built, built));
    assert_eq!(record(&contents, &list.children[0].digest).built, None, "it has no tag");
    let takes = (SingleTags::Perhaps, false);
    assert_eq!(takes_away(&contents), takes);
}

#[tokio::test]
async fn the_order_of_pushes_changes_nothing() {
    let images: Vec<(BuiltImage, String)> = (0..40)
        .map(|n| (index(&format!("image {n}"), Provenance::Artifact), format!("tag-{}", n % 30)))
        .collect();
    let (forth, back) = (World::empty(), World::empty());
    for (image, tag) in &images[10..] {
        forth.push(image, &[tag, &format!("{tag}-b"), &format!("{tag}-a")]);
    }
    for (image, tag) in images[10..].iter().rev() {
        back.push(image, &[&format!("{tag}-b"), &format!("{tag}-a"), tag]);
    }
    let (forth, back) = (forth.read().await, back.read().await);
    assert_eq!(forth.manifests, back.manifests);
    assert_eq!(forth.manifests.len(), 30 * 5);
    assert!(forth.manifests.iter().all(|one| tag_names(one).is_sorted()));
    assert!(forth.manifests.is_sorted_by_key(|record| record.digest.clone()));
}
