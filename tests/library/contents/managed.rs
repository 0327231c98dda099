//! Registries with a management API: manifests without a tag are listed, and a listing that
//! contradicts itself or the registry is a doubt.

use tags::model::{ContentsCoverage, References, SingleTags, TagAgreement};
use tags::sandbox::content::{BuiltImage, Provenance};
use tags::sandbox::docr::Assumptions;

use crate::connect::connect;
use crate::contents::cost::count;
use crate::contents::world::{
    World, digests, image, index, index_of, record, tag_names, takes_away,
};

#[tokio::test]
async fn docr_lists_manifests_with_their_times_and_nothing_is_asked_for_twice() {
    let world = World::docr(Assumptions::default());
    let list = index("one", Provenance::Artifact);
    let loose = world.push(&image("loose"), &[]);
    world.push(&list, &["prod-latest", "other"]);
    let contents = world.read().await;
    assert_eq!(contents.manifests.len(), 6);
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    let tagged = record(&contents, &list.root.digest);
    assert_eq!(tag_names(tagged), ["other", "prod-latest"]);
    assert!(tagged.tags.iter().all(|tag| tag.pushed.is_some()));
    assert!(record(&contents, &loose).pushed.is_some());
    let takes = (SingleTags::Deleted, false);
    assert_eq!(takes_away(&contents), takes);
    let asked = world.asked();
    assert_eq!(count(&asked, "GET", "/manifests/"), 6, "{asked:?}");
    assert_eq!(count(&asked, "HEAD", ""), 1, "the latest tag: {asked:?}");
    assert_eq!(count(&asked, "GET", "/blobs/"), 0, "{asked:?}");
    world.registry.clear_requests();
    assert_eq!(world.read().await, contents);
    assert_eq!(count(&world.asked(), "", "/manifests/"), 1, "the latest tag");
}

#[tokio::test]
async fn children_that_docr_does_not_list_are_found_all_the_same() {
    let world = World::docr(Assumptions { lists_children: false, ..Assumptions::default() });
    let list = index("one", Provenance::None);
    world.push(&list, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(contents.manifests.len(), 3);
    world.remove(&list.children[0].digest);
    let contents = world.read().await;
    assert_eq!(
        contents.missing,
        [list.children[0].digest.clone()],
        "cached, and gone all the same"
    );
}

#[tokio::test]
async fn a_tag_that_is_listed_for_two_manifests_is_disputed_and_no_failure() {
    let world = World::docr(Assumptions { tags_show_children: true, ..Assumptions::default() });
    let list = index("one", Provenance::None);
    world.push(&list, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    for digest in [&list.root.digest, &list.children[0].digest] {
        assert_eq!(record(&contents, digest).agreement, TagAgreement::Disputed);
        assert_eq!(tag_names(record(&contents, digest)), ["prod-latest"]);
    }
    assert_eq!(record(&contents, &list.children[1].digest).agreement, TagAgreement::Agreed);
    assert_eq!(record(&contents, &list.root.digest).references.children().len(), 2);
}

#[tokio::test]
async fn a_listing_that_breaks_keeps_what_it_had_and_nothing_is_read() {
    let world = World::docr(Assumptions::default());
    let digest = world.push(&image("one"), &["prod-latest"]);
    world.answer("/backend/tags", 403);
    let contents = world.read().await;
    assert!(matches!(contents.coverage, ContentsCoverage::Unlisted(_)), "{:?}", contents.coverage);
    assert_eq!(digests(&contents), std::slice::from_ref(&digest));
    assert_eq!(record(&contents, &digest).references, References::Unread);
    assert_eq!(count(&world.asked(), "", "/v2/acme/"), 0, "{:?}", world.asked());
}

#[tokio::test]
async fn a_listed_manifest_that_the_registry_does_not_have_is_a_doubt() {
    let world = World::docr(Assumptions::default());
    let digest = world.push(&image("one"), &["prod-latest"]);
    world.answer(&format!("/manifests/{digest}"), 404);
    let contents = world.read().await;
    assert!(
        matches!(contents.coverage, ContentsCoverage::ManifestsUnread(_)),
        "{:?}",
        contents.coverage
    );
    assert_eq!(record(&contents, &digest).references, References::Unread);
    assert!(contents.missing.is_empty());
}

#[tokio::test]
async fn ghcr_lists_versions_with_the_time_of_the_digest() {
    let world = World::ghcr();
    let list = index("one", Provenance::Plain);
    world.push(&list, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(contents.manifests.len(), 5);
    assert!(contents.manifests.iter().all(|one| one.pushed.is_some() && one.built.is_none()));
    let takes = (SingleTags::Kept, true);
    assert_eq!((takes_away(&contents), contents.coverage), (takes, ContentsCoverage::Complete));
    assert_eq!(count(&world.asked(), "HEAD", ""), 1, "the latest tag: {:?}", world.asked());
}

#[tokio::test]
async fn ghcr_without_a_token_is_read_by_its_tags() {
    let mut world = World::ghcr();
    world.connections = connect(&world.policy, |_| None);
    let list = index("one", Provenance::None);
    world.push(&list, &["prod-latest"]);
    let contents = world.read().await;
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    assert_eq!(contents.manifests.len(), 3);
    let tagged = record(&contents, &list.root.digest);
    assert!(tagged.pushed.is_none() && tagged.built.is_some());
}

#[tokio::test]
async fn ghcr_is_never_asked_for_referrers_and_fallback_tags_are_found() {
    let mut world = World::ghcr();
    let subject = image("signed");
    let signature = BuiltImage::artifact(&subject.root, "application/vnd.test.sig", b"signed");
    let fallback = index_of(&[&signature.root]);
    let hex = subject.root.digest.encoded();
    world.push(&subject, &["prod-latest"]);
    world.push(&signature, &[]);
    world.push(&fallback, &[&format!("sha256-{hex}")]);
    for with_token in [true, false] {
        if !with_token {
            world.connections = connect(&world.policy, |_| None);
        }
        let contents = world.read().await;
        assert_eq!(contents.coverage, ContentsCoverage::Complete);
        let references = &record(&contents, &signature.root.digest).references;
        assert_eq!(references.subject(), Some(&subject.root.digest));
        let children = record(&contents, &fallback.root.digest).references.children();
        assert_eq!(children, std::slice::from_ref(&signature.root.digest));
    }
    assert_eq!(count(&world.asked(), "", "/referrers/"), 0, "{:?}", world.asked());
}
