//! What could not be read: doubts are part of the value, and never hide what was found.

use tags::model::{ContentsCoverage, References, TagAgreement, UnreadCause};
use tags::sandbox::content::{ManifestBytes, Provenance};
use tags::sandbox::{Fault, FaultKind, Matcher, Times};

use crate::contents::world::{World, digests, image, index, index_of, record};
use crate::support::{backend, tag};

fn message(coverage: &ContentsCoverage) -> &str {
    coverage.unread().map_or("", |why| &why.message)
}

#[tokio::test]
async fn a_child_that_is_gone_is_noted_and_blocks_nothing() {
    let world = World::empty();
    let list = index("one", Provenance::None);
    world.push(&list, &["prod-latest"]);
    let child = &list.children[1].digest;
    world.remove(child);
    let contents = world.read().await;
    assert_eq!(contents.missing, std::slice::from_ref(child));
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    assert!(!digests(&contents).contains(child));
    assert!(record(&contents, &list.root.digest).references.children().contains(child));
}

#[tokio::test]
async fn a_child_that_cannot_be_read_may_refer_to_anything() {
    let world = World::empty();
    let list = index("one", Provenance::None);
    world.push(&list, &["prod-latest"]);
    let child = &list.children[1].digest;
    world.refuse(&child.to_string());
    let contents = world.read().await;
    assert!(
        matches!(&contents.coverage, ContentsCoverage::ManifestsUnread(_)),
        "{:?}",
        contents.coverage
    );
    assert_eq!(record(&contents, child).references, References::Unread);
    assert!(contents.missing.is_empty());
}

#[tokio::test]
async fn a_manifest_that_names_what_is_no_digest_is_kept_and_its_repository_is_not_partial() {
    let world = World::empty();
    let value = serde_json::json!({ "manifests": [{ "digest": "none", "size": 1 }] });
    let odd = ManifestBytes::new(tags::model::media_type::OCI_INDEX, value);
    world.registry.store().put_manifest(&backend(), &odd, None);
    world.set_tag("odd", &odd.digest);
    let contents = world.read().await;
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
    assert_eq!(record(&contents, &odd.digest).agreement, TagAgreement::Misdeclared);
    assert_eq!(contents.inconsistencies.len(), 1, "{:?}", contents.inconsistencies);
}

#[tokio::test]
async fn a_tag_that_stays_listed_and_is_gone_by_head_and_get_may_be_on_anything() {
    let world = World::empty();
    let kept = world.push(&image("kept"), &["kept"]);
    world.set_tag("vanished", &image("never pushed").root.digest);
    let contents = world.read().await;
    assert_eq!(digests(&contents), [kept]);
    assert!(matches!(&contents.coverage, ContentsCoverage::Unlisted(_)), "{:?}", contents.coverage);
    for word in ["vanished", "list of tags", "HEAD", "GET"] {
        assert!(message(&contents.coverage).contains(word), "{:?}", contents.coverage);
    }
}

#[tokio::test]
async fn a_tag_that_is_deleted_between_listing_and_question_is_left_out() {
    let world = World::empty();
    let kept = world.push(&image("kept"), &["kept"]);
    world.push(&image("deleted"), &["deleted"]);
    world.registry.faults().before_each(|request, access| {
        if request.method == "HEAD" {
            access.delete_tag(&backend(), &tag("deleted"));
        }
    });
    let contents = world.read().await;
    assert_eq!(digests(&contents), [kept]);
    assert_eq!(contents.coverage, ContentsCoverage::Complete);
}

#[tokio::test]
async fn a_tag_that_cannot_be_asked_for_leaves_the_others_and_a_reason() {
    let world = World::empty();
    let read = world.push(&image("read"), &["read"]);
    world.push(&image("unread"), &["unread"]);
    world.refuse("/manifests/unread");
    let contents = world.read().await;
    assert_eq!(digests(&contents), [read]);
    assert!(matches!(&contents.coverage, ContentsCoverage::Unlisted(_)), "{:?}", contents.coverage);
    assert!(message(&contents.coverage).contains("/manifests/unread"), "{:?}", contents.coverage);
}

#[tokio::test]
async fn a_tag_whose_manifest_goes_before_it_is_read_is_a_doubt() {
    let world = World::empty();
    let image = image("one");
    world.push(&image, &["prod-latest"]);
    world.registry.faults().add(Fault {
        when: Matcher {
            method: Some("GET".parse().expect("a method")),
            path_contains: Some(image.root.digest.to_string()),
        },
        kind: FaultKind::Status(404),
        times: Times::Always,
    });
    let contents = world.read().await;
    assert_eq!(record(&contents, &image.root.digest).references, References::Unread);
    assert!(
        matches!(&contents.coverage, ContentsCoverage::ManifestsUnread(_)),
        "{:?}",
        contents.coverage
    );
    assert!(contents.missing.is_empty());
}

#[tokio::test]
async fn a_listing_that_breaks_leaves_the_repository_unlisted_and_asks_for_nothing_else() {
    let world = World::empty();
    world.push(&image("one"), &["prod-latest"]);
    world.refuse("/tags/list");
    let contents = world.read().await;
    assert!(matches!(&contents.coverage, ContentsCoverage::Unlisted(_)), "{:?}", contents.coverage);
    assert!(world.asked().iter().all(|line| line.contains("/tags/list")), "{:?}", world.asked());
}

#[tokio::test]
async fn a_repository_that_nobody_knows_is_unlisted_and_not_empty() {
    let contents = World::empty().read().await;
    let ContentsCoverage::Unlisted(why) = &contents.coverage else {
        panic!("{:?}", contents.coverage)
    };
    assert_eq!(why.cause, UnreadCause::NotFound);
}

#[tokio::test]
async fn a_subject_that_is_gone_is_gone_also_when_its_bytes_are_known() {
    let world = World::empty();
    let subject = image("subject");
    let note = tags::sandbox::content::BuiltImage::artifact(&subject.root, "a/b", b"note");
    world.push(&subject, &[]);
    world.push(&index_of(&[&note.root]), &["notes"]);
    world.push(&note, &[]);
    assert!(digests(&world.read().await).contains(&subject.root.digest));
    world.remove(&subject.root.digest);
    let contents = world.read().await;
    assert_eq!(contents.missing, [subject.root.digest]);
}
