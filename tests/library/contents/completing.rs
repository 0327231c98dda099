//! What is asked once a plan says what would go: the tags on the other side of DOCR, and referrers.

use tags::collect::{Completion, DeletionCandidate, complete};
use tags::model::{
    Contents, ContentsCoverage, Digest, RepositoryContents, TagAgreement, TagName, Unfinished,
};
use tags::sandbox::Settings;
use tags::sandbox::content::{BuiltImage, Provenance};
use tags::sandbox::docr::Assumptions;

use crate::contents::cost::count;
use crate::contents::world::{World, image, index, one, record, tag_names};
use crate::support::tag;

/// Asks about manifests that would go, with these tags.
async fn ask(
    world: &World,
    completion: &mut Completion,
    contents: &mut Contents,
    doomed: &[(&Digest, &[TagName])],
) -> bool {
    let repository = world.repository();
    let doomed: Vec<DeletionCandidate<'_>> = doomed
        .iter()
        .map(|(digest, tags)| DeletionCandidate { repository: &repository, digest, tags })
        .collect();
    world.registry.clear_requests();
    complete(world.collector(), completion, contents, &doomed).await
}

/// Asks DOCR about one manifest, twice; the second time nothing is left to ask.
async fn about(world: &World, mut contents: Contents, digest: &Digest) -> RepositoryContents {
    let (mut completion, tags) = (Completion::default(), [tag("old")]);
    let doomed: [(&Digest, &[TagName]); 1] = [(digest, &tags)];
    let changed = ask(world, &mut completion, &mut contents, &doomed).await;
    let after = contents.clone();
    assert!(!ask(world, &mut completion, &mut contents, &doomed).await);
    assert_eq!((world.asked().len(), &contents), (0, &after));
    let repository = one(after);
    let as_it_was = repository.coverage == ContentsCoverage::Complete
        && repository.manifests.iter().all(|record| record.agreement == TagAgreement::Agreed);
    assert_eq!(changed, !as_it_was);
    repository
}

#[tokio::test]
async fn tags_on_which_both_sides_agree_change_nothing() {
    let world = World::docr(Assumptions::default());
    let digest = world.push(&image("old"), &["old"]);
    let before = world.contents(&[]).await;
    assert_eq!(about(&world, before.clone(), &digest).await, one(before));
}

#[tokio::test]
async fn a_tag_that_points_elsewhere_on_the_oci_side_keeps_both_and_all_below() {
    let world = World::docr(Assumptions::default());
    let listed = world.push(&image("old"), &["old"]);
    let before = world.contents(&[]).await;
    let moved = index("new", Provenance::None);
    world.push(&moved, &["old"]);
    let contents = about(&world, before, &listed).await;
    for digest in [&listed, &moved.root.digest] {
        assert_eq!(record(&contents, digest).agreement, TagAgreement::Disputed);
        assert_eq!(tag_names(record(&contents, digest)), ["old"]);
    }
    assert_eq!(contents.manifests.len(), 4);
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
}

#[tokio::test]
async fn a_tag_that_the_oci_side_does_not_have_is_disputed() {
    let world = World::docr(Assumptions::default());
    let listed = world.push(&image("old"), &["old"]);
    let before = world.contents(&[]).await;
    world.answer("/manifests/old", 404);
    let contents = about(&world, before, &listed).await;
    assert_eq!(record(&contents, &listed).agreement, TagAgreement::Disputed);
}

#[tokio::test]
async fn a_tag_that_cannot_be_asked_for_leaves_the_repository_unread() {
    let world = World::docr(Assumptions::default());
    let listed = world.push(&image("old"), &["old"]);
    let before = world.contents(&[]).await;
    world.refuse("/manifests/old");
    let contents = about(&world, before, &listed).await;
    assert!(
        matches!(contents.coverage, ContentsCoverage::ManifestsUnread(_)),
        "{:?}",
        contents.coverage
    );
}

#[tokio::test]
async fn referrers_of_what_would_go_come_up_one_after_the_other() {
    let world = World::empty();
    let subject = image("old");
    let signature = BuiltImage::artifact(&subject.root, "application/vnd.test.sig", b"sig");
    let note = BuiltImage::artifact(&signature.root, "application/vnd.test.note", b"note");
    world.push(&subject, &["old"]);
    world.push(&signature, &[]);
    world.push(&note, &[]);
    let mut contents = world.contents(&[]).await;
    let mut completion = Completion::default();
    let digests = [&subject.root.digest, &signature.root.digest, &note.root.digest];
    for known in 1..3 {
        assert_eq!(contents.repositories[0].manifests.len(), known);
        let doomed: Vec<(&Digest, &[TagName])> =
            digests[..known].iter().map(|digest| (*digest, [].as_slice())).collect();
        assert!(ask(&world, &mut completion, &mut contents, &doomed).await);
        assert_eq!(count(&world.asked(), "GET", "/referrers/"), 1, "each is asked about once");
        let repository = &contents.repositories[0];
        assert_eq!(
            record(repository, digests[known]).references.subject(),
            Some(digests[known - 1])
        );
    }
    let doomed: Vec<(&Digest, &[TagName])> =
        digests.iter().map(|digest| (*digest, [].as_slice())).collect();
    assert!(!ask(&world, &mut completion, &mut contents, &doomed).await);
    assert_eq!(contents.repositories[0].coverage, ContentsCoverage::Complete);
}

#[tokio::test]
async fn a_registry_without_the_referrers_api_is_asked_once() {
    let settings = Settings { referrers: false, ..Settings::default() };
    let world = World::with(settings, None);
    let digests: Vec<Digest> =
        (0..10).map(|n| world.push(&image(&n.to_string()), &[&n.to_string()])).collect();
    let mut contents = world.contents(&[]).await;
    let mut completion = Completion::default();
    let doomed: Vec<(&Digest, &[TagName])> =
        digests.iter().map(|digest| (digest, [].as_slice())).collect();
    assert!(!ask(&world, &mut completion, &mut contents, &doomed[..5]).await);
    assert_eq!(world.asked().len(), 1, "{:?}", world.asked());
    assert!(!ask(&world, &mut completion, &mut contents, &doomed).await);
    assert_eq!(world.asked().len(), 0, "{:?}", world.asked());
}

#[tokio::test]
async fn referrers_that_cannot_be_listed_leave_the_repository_unread() {
    let world = World::empty();
    let digest = world.push(&image("old"), &["old"]);
    let mut contents = world.contents(&[]).await;
    world.answer("/referrers/", 403);
    let mut completion = Completion::default();
    assert!(ask(&world, &mut completion, &mut contents, &[(&digest, &[])]).await);
    let reach = &contents.repositories[0].coverage;
    assert!(matches!(reach, ContentsCoverage::ManifestsUnread(_)), "{reach:?}");
}

#[tokio::test]
async fn what_is_about_a_manifest_that_an_earlier_run_deleted_is_found() {
    let world = World::empty();
    world.push(&image("kept"), &["prod-latest"]);
    let deleted = image("deleted");
    let report = BuiltImage::artifact(&deleted.root, "application/x.scan", b"nothing found");
    world.push(&report, &[]);
    let unfinished = Unfinished {
        repository: world.repository(),
        digest: deleted.root.digest.clone(),
        children: Vec::new(),
    };
    let mut contents = world.contents(&[unfinished]).await;
    let mut completion = Completion::default();
    assert!(ask(&world, &mut completion, &mut contents, &[]).await);
    assert!(!ask(&world, &mut completion, &mut contents, &[]).await);
    let contents = one(contents);
    assert!(record(&contents, &report.root.digest).tags.is_empty());
    assert_eq!(contents.deleted_earlier, [deleted.root.digest]);
}
