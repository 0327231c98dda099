//! Which release is current, and when nobody can tell.

use tags::model::{Digest, TagName, UnreadCause};
use tags::releases::{CurrentError, CurrentQuestion, CurrentSource, RunningEvidence};
use tags::running;

use crate::history::scene::{Scene, sha};

const A: &str = "aaaaaaa1";
const B: &str = "bbbbbbb2";

fn scene() -> Scene {
    Scene::new("").release(A, Some("2026-01-01T00:00:00Z")).release(B, Some("2026-01-02T00:00:00Z"))
}

fn found(scene: &Scene, question: CurrentQuestion<'_>) -> (String, CurrentSource) {
    let current = scene.current(question).expect("a current release");
    (current.sha(&scene.timeline()).to_string(), current.source)
}

#[test]
fn the_latest_tags_tell_even_when_a_newer_release_exists() {
    let scene = scene().latest(A);
    assert_eq!(
        found(&scene, CurrentQuestion::LatestTags),
        (A.to_owned(), CurrentSource::LatestTag)
    );
}

#[test]
fn without_latest_tags_it_is_the_newest_and_that_is_said() {
    let scene = scene();
    assert_eq!(found(&scene, CurrentQuestion::LatestTags), (B.to_owned(), CurrentSource::Newest));
    let notes = scene.current(CurrentQuestion::LatestTags).expect("a current release").notes;
    assert_eq!(notes, ["no latest tag (`prod-latest`) was found"]);
}

#[test]
fn latest_tags_of_two_releases_are_a_disagreement_over_images_and_over_registries() {
    for places in [("backend", "*"), ("*", "west"), ("frontend", "east")] {
        let moved = scene().latest(B);
        let moved = moved.change(places, |repository| {
            let old =
                repository.tags[&TagName::parse(&format!("prod-{A}")).expect("a tag")].clone();
            repository.tags.insert(TagName::parse("prod-latest").expect("a tag"), old);
        });
        let error = moved.current(CurrentQuestion::LatestTags).expect_err("a disagreement");
        assert!(matches!(error, CurrentError::LatestTagsDisagree(_)), "{places:?}: {error}");
        assert!(error.to_string().contains(A) && error.to_string().contains(B));
    }
}

#[test]
fn a_latest_tag_of_which_the_release_may_be_unread_is_no_evidence() {
    let scene = scene().latest(B).unread("west", UnreadCause::Unreachable);
    assert_eq!(
        found(&scene, CurrentQuestion::LatestTags),
        (B.to_owned(), CurrentSource::LatestTag)
    );
}

#[test]
fn a_given_sha_may_be_a_prefix_of_one_release_only() {
    let scene = Scene::new("").release("aaaaaaa12", None).release("aaaaaaa3", None);
    assert_eq!(found(&scene, CurrentQuestion::From(&sha("aaaaaaa12"))).0, "aaaaaaa12");
    assert_eq!(found(&scene, CurrentQuestion::From(&sha("aaaaaaa1"))).0, "aaaaaaa12");
    let several = scene.current(CurrentQuestion::From(&sha("aaaaaaa"))).expect_err("ambiguous");
    assert_eq!(several.to_string(), "`aaaaaaa` matches 2 releases: aaaaaaa12, aaaaaaa3");
    let longer = sha("aaaaaaa12aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    let short_tags = Scene::new("").release("aaaaaaa12", None).release("bbbbbbb", None);
    assert_eq!(found(&short_tags, CurrentQuestion::From(&longer)).0, "aaaaaaa12");
    let none = scene.current(CurrentQuestion::From(&sha("bbbbbbb"))).expect_err("unknown");
    assert_eq!(none.to_string(), "no release of `prod` begins with `bbbbbbb`");
}

#[test]
fn running_images_name_the_current_release_by_sha_tag_or_digest_and_two_releases_are_an_error() {
    let scene = scene().latest(B);
    let of = |text: &str| {
        let running = running::parse(text, &scene.environment).expect("references");
        let evidence: Vec<RunningEvidence> = running
            .images
            .into_iter()
            .map(|image| RunningEvidence { digest: image.digest.clone(), image })
            .collect();
        scene.current(CurrentQuestion::Running(&evidence)).map(|current| {
            assert_eq!(current.source, CurrentSource::Running);
            current.sha(&scene.timeline()).to_string()
        })
    };
    let by_digest =
        format!("west.example/acme/backend@{}", Digest::of(format!("{A} backend").as_bytes()));
    assert_eq!(of(&format!("east.example/acme/backend:prod-{A}")), Ok(A.to_owned()));
    assert_eq!(of(&by_digest), Ok(A.to_owned()));
    assert_eq!(
        of(&format!("{by_digest}\neast.example/acme/frontend:prod-{A}\n")),
        Ok(A.to_owned())
    );
    let two = of(&format!("{by_digest}\neast.example/acme/frontend:prod-{B}\n")).expect_err("two");
    assert!(matches!(two, CurrentError::RunningDisagree(_)), "{two}");
    let unknown = of("east.example/acme/backend:prod-ccccccc3").expect_err("unknown");
    assert!(matches!(unknown, CurrentError::RunningUnknown(_)), "{unknown}");
}

#[test]
fn a_latest_tag_that_could_not_be_read_is_not_missing() {
    let latest_unread = scene().latest(B).tag_unread(("*", "*"), "prod-latest");
    let error = latest_unread.current(CurrentQuestion::LatestTags).expect_err("unread");
    assert!(matches!(error, CurrentError::LatestTagUnread(_)), "{error}");
    // One registry that surely has none settles it for its images.
    let one_answers = scene().unread("west", UnreadCause::Unreachable);
    assert_eq!(found(&one_answers, CurrentQuestion::LatestTags).1, CurrentSource::Newest);
}
