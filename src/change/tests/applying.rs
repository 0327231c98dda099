//! One repository, applied.

use std::sync::Arc;
use std::time::Duration;

use super::world::{World, image, index, tag};
use crate::change::ApplyResult::{AlreadyGone, Deleted, Failed, Retained, Skipped, Untagged};
use crate::change::FailureCause::{Registry, Rights};
use crate::change::Stop;
use crate::change::journal::Journal;
use crate::model::Digest;
use crate::registry::fake::{Answering, Quirks};
use crate::retention::Decision;

/// A doomed release: an index, its two children, and a signature of the index by tag.
struct Release {
    index: Digest,
    children: [Digest; 2],
    signature: Digest,
}

fn release(world: &mut World, name: &str) -> Release {
    let children =
        ["amd64", "arm64"].map(|child| world.doomed(&image(&format!("{name}-{child}"), None), &[]));
    let index = world.doomed(&index(name, &[&children[0], &children[1]]), &[name]);
    let accessory = format!("sha256-{}.sig", index.encoded());
    let signature = world.doomed(&image(&format!("{name}-sig"), None), &[&accessory]);
    Release { index, children, signature }
}

#[tokio::test]
async fn parents_go_before_children_and_subjects_before_what_is_about_them() {
    for managed in [true, false] {
        let mut world = World::new(Quirks { tags_only: !managed, ..Quirks::default() });
        let Release { index, children, signature } = release(&mut world, "prod-aaaaaaa");
        let attached = world.doomed(&image("attached", Some(&children[0])), &[]);
        let applied = world.apply().await;
        assert!(applied.values().all(|(result, _)| *result == Deleted), "{applied:?}");
        let log = world.fake().log();
        let at = |digest: &Digest| log.iter().position(|line| line == digest.as_str());
        assert_eq!(log.len(), 5);
        assert!(at(&index) < at(&children[0]) && at(&index) < at(&children[1]));
        assert!(at(&index) < at(&signature) && at(&children[0]) < at(&attached));
        assert_eq!(world.deleted_all(), 5);
    }
}

#[tokio::test]
async fn a_tag_that_moved_is_skipped_with_all_below_it() {
    let mut world = World::new(Quirks::default());
    let moved = release(&mut world, "prod-aaaaaaa");
    let other = release(&mut world, "prod-bbbbbbb");
    world.fake().push(&image("rebuilt", None), &["prod-aaaaaaa"]);
    let applied = world.apply().await;
    assert!(applied[&moved.index].1.contains("its tag prod-aaaaaaa points to"));
    for digest in moved.children.iter().chain([&moved.index, &moved.signature]) {
        assert_eq!(applied[digest].0, Skipped, "{}", applied[digest].1);
    }
    for digest in other.children.iter().chain([&other.index, &other.signature]) {
        assert_eq!(applied[digest].0, Deleted);
    }
}

#[tokio::test]
async fn a_tag_that_moves_after_the_listing_is_seen_before_its_deletion() {
    let elsewhere = Digest::of(image("rebuilt", None).as_bytes());
    let moves = Some((tag("prod-aaaaaaa"), elsewhere));
    let mut world = World::new(Quirks { moves, ..Quirks::default() });
    world.push(&image("rebuilt", None), &["v1"], Decision::Keep);
    let old = release(&mut world, "prod-aaaaaaa");
    let applied = world.apply().await;
    assert!(applied.values().all(|(result, _)| *result == Skipped), "{applied:?}");
    assert!(applied[&old.children[0]].1.contains("still listed by"));
    assert_eq!(world.fake().log(), Vec::<String>::new());
}

#[tokio::test]
async fn a_digest_that_a_new_tag_points_to_is_skipped_with_all_below_it() {
    for managed in [true, false] {
        let mut world = World::new(Quirks { tags_only: !managed, ..Quirks::default() });
        let wanted = release(&mut world, "prod-aaaaaaa");
        world.fake().content().tags.insert(tag("hotfix"), wanted.index.clone());
        let applied = world.apply().await;
        assert_eq!(applied[&wanted.index].1, "the tag hotfix points to it now");
        assert!(applied.values().all(|(result, _)| *result == Skipped), "{applied:?}");
        assert_eq!(world.fake().log(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_a_new_index_lists_through_another_stays() {
    for managed in [true, false] {
        let mut world = World::new(Quirks { tags_only: !managed, ..Quirks::default() });
        let old = release(&mut world, "prod-aaaaaaa");
        let inner = world.fake().push(&index("inner", &[&old.children[1]]), &[]);
        world.fake().push(&index("outer", &[&inner]), &["v9"]);
        let applied = world.apply().await;
        assert_eq!(applied[&old.children[1]].0, Skipped);
        assert_eq!(applied[&old.index].0, Deleted);
        assert_eq!(applied[&old.children[0]].0, Deleted);
    }
}

#[tokio::test]
async fn a_latest_tag_that_moved_or_appeared_stops_its_repository() {
    for managed in [true, false] {
        for before in [&["prod-latest"][..], &[]] {
            let mut world = World::new(Quirks { tags_only: !managed, ..Quirks::default() });
            let current = world.push(&image("current", None), before, Decision::Keep);
            release(&mut world, "prod-aaaaaaa");
            let newer = world.fake().push(&image("newer", None), &["prod-latest"]);
            let applied = world.apply().await;
            let from = if before.is_empty() { "nothing".to_owned() } else { current.short() };
            let words = format!("prod-latest moved from {from} to {}", newer.short());
            for (result, message) in applied.values() {
                let why = message.contains(&words) || message.contains("still listed by");
                assert!(*result == Skipped && why, "{applied:?}");
            }
            assert!(applied.values().any(|(_, message)| message.contains(&words)));
            assert_eq!(world.fake().log(), Vec::<String>::new());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_pushed_meanwhile_keeps_the_children_that_it_reuses() {
    for managed in [true, false] {
        let slow = Some(Duration::from_secs(61));
        let mut world = World::new(Quirks { tags_only: !managed, slow, ..Quirks::default() });
        let old = release(&mut world, "prod-aaaaaaa");
        let reuses = index("reuses", &[&old.children[1]]);
        *world.fake().quirks.pushes.lock().expect("a manifest") =
            Some((reuses, "pushed-meanwhile"));
        let applied = world.apply().await;
        assert_eq!(applied[&old.index].0, Deleted);
        let (result, message) = &applied[&old.children[1]];
        assert!(*result == Skipped && message.contains("pushed-meanwhile"), "{message}");
        assert_eq!(applied[&old.children[0]].0, Deleted);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_took_long_is_old_and_is_not_shared() {
    let mut world = World::new(Quirks::default());
    world.push(&image("current", None), &["prod-latest"], Decision::Keep);
    let doomed = ["a", "b", "c"].map(|name| world.doomed(&image(name, None), &[]));
    let moves = (tag("prod-latest"), Duration::from_secs(3), doomed[1].clone());
    *world.fake().quirks.moves_while_asked.lock().expect("a tag") = Some(moves);
    let applied = world.apply().await;
    assert!(applied.values().all(|(result, _)| *result == Skipped), "{applied:?}");
    assert_eq!(world.fake().log(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_went_before_a_latest_tag_moved_is_told_as_gone_although_its_answer_was_lost() {
    for managed in [true, false] {
        let quirks =
            Quirks { tags_only: !managed, answer: Answering::Interrupted, ..Quirks::default() };
        let mut world = World::new(quirks);
        world.push(&image("current", None), &["prod-latest"], Decision::Keep);
        let both = ["a", "b"]
            .map(|name| world.doomed(&image(name, None), &[&format!("prod-{}", name.repeat(7))]));
        let newer = image("newer", None);
        *world.fake().quirks.pushes.lock().expect("a manifest") = Some((newer, "prod-latest"));
        let applied = world.apply().await;
        let gone = |digest: &&Digest| !world.fake().content().manifests.contains_key(*digest);
        let (gone, left): (Vec<&Digest>, Vec<&Digest>) = both.iter().partition(gone);
        assert_eq!((gone.len(), left.len()), (1, 1), "{applied:?}");
        assert_eq!((applied[gone[0]].0, applied[left[0]].0), (Deleted, Skipped), "{applied:?}");
    }
}

#[tokio::test]
async fn what_a_new_signature_is_about_stays() {
    let mut world = World::new(Quirks::default());
    let old = release(&mut world, "prod-aaaaaaa");
    world.fake().push(&image("new signature", Some(&old.index)), &[]);
    let applied = world.apply().await;
    assert!(applied.values().all(|(result, _)| *result == Skipped), "{applied:?}");
}

#[tokio::test]
async fn a_404_that_a_listing_contradicts_is_a_missing_right_and_three_are_enough() {
    let mut world = World::new(Quirks { answer: Answering::NotFound, ..Quirks::default() });
    for number in 0..12 {
        world.doomed(&image(&number.to_string(), None), &[]);
    }
    let applied = world.apply().await;
    assert!(applied.values().all(|(result, _)| *result == Failed(Rights)), "{applied:?}");
    assert!(world.fake().log().len() < 12, "all were tried");
    assert!(applied.values().any(|(_, message)| message.contains("lacks the permission")));
}

#[tokio::test]
async fn what_is_gone_already_is_not_asked_for() {
    let mut world = World::new(Quirks::default());
    let old = release(&mut world, "prod-aaaaaaa");
    world.fake().content().manifests.remove(&old.index);
    world.fake().content().tags.remove(&tag("prod-aaaaaaa"));
    let applied = world.apply().await;
    assert_eq!(applied[&old.index].0, AlreadyGone);
    assert_eq!(applied[&old.children[0]].0, Deleted);
    assert!(!world.fake().log().contains(&old.index.to_string()));
}

#[tokio::test]
async fn what_the_registry_retains_keeps_its_children() {
    let text = image("prod-aaaaaaa-amd64", None);
    let other = image("prod-aaaaaaa-arm64", None);
    let children = [Digest::of(text.as_bytes()), Digest::of(other.as_bytes())];
    let kept = Digest::of(index("prod-aaaaaaa", &[&children[0], &children[1]]).as_bytes());
    let mut world = World::new(Quirks { retained: [kept].into(), ..Quirks::default() });
    let old = release(&mut world, "prod-aaaaaaa");
    let applied = world.apply().await;
    assert_eq!(applied[&old.index], (Retained, "more than 5,000 downloads".to_owned()));
    assert_eq!(applied[&old.children[0]].0, Skipped);
    assert_eq!(applied[&old.signature].0, Skipped);
}

#[tokio::test]
async fn once_stopped_what_is_under_way_is_finished_and_nothing_else_begun() {
    let stop = Arc::new(Stop::default());
    let asked = Arc::clone(&stop);
    let before_answer: Box<dyn Fn() + Send + Sync> = Box::new(move || asked.ask());
    let mut world = World::new(Quirks { before_answer: Some(before_answer), ..Quirks::default() });
    world.stop = stop;
    for name in ["prod-aaaaaaa", "prod-bbbbbbb"] {
        release(&mut world, name);
    }
    let applied = world.apply().await;
    assert_eq!(applied.len(), world.fake().log().len());
    assert!((1..=2).contains(&applied.len()), "{applied:?}");
    assert!(applied.values().all(|(result, _)| *result == Deleted));
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_deletes_nothing() {
    let mut world = World::new(Quirks::default());
    let old = release(&mut world, "prod-aaaaaaa");
    std::fs::write(world.journal_path(), "").expect("a file");
    let applied = world.apply_with(&Journal::unwritable(&world.journal_path())).await;
    assert!(!applied.contains_key(&old.index));
    assert_eq!(world.fake().log(), Vec::<String>::new());
}

#[tokio::test]
async fn a_manifest_that_cannot_be_recorded_is_not_deleted_nor_anything_that_it_may_list() {
    let mut world = World::new(Quirks::default());
    let strange = world.doomed("not a manifest", &["prod-aaaaaaa"]);
    let other = world.doomed(&image("other", None), &[]);
    let applied = world.apply().await;
    assert_eq!(applied[&strange].0, Failed(Registry));
    assert_eq!(applied[&other].0, Skipped);
}

#[tokio::test]
async fn a_manifest_that_goes_with_its_tag_is_put_back_and_no_other_tag_is_tried() {
    let quirks = Quirks { tags_only: true, tag_takes_manifest: true, ..Quirks::default() };
    let mut world = World::new(quirks);
    let untag = || Decision::Untag(vec![tag("prod-aaaaaaa"), tag("prod-bbbbbbb")]);
    let tags = ["prod-aaaaaaa", "prod-bbbbbbb", "prod-latest"];
    let first = world.push(&image("first", None), &tags, untag());
    let second = Decision::Untag(vec![tag("pr-1")]);
    let second = world.push(&image("second", None), &["pr-1", "v2"], second);
    let applied = world.apply().await;
    assert!(applied.values().all(|(result, _)| *result == Failed(Registry)), "{applied:?}");
    assert!(applied.values().any(|(_, message)| message.contains("it was put back")));
    assert!(applied.values().any(|(_, message)| message.contains("not tried")));
    let content = world.fake().content();
    assert!(content.manifests.contains_key(&first) && content.manifests.contains_key(&second));
    assert_eq!(content.tags.get(&tag("prod-latest")), Some(&first));
    assert_eq!(content.tags.get(&tag("v2")), Some(&second));
}

#[tokio::test]
async fn tags_come_off_one_by_one_and_their_manifest_stays() {
    let mut world = World::new(Quirks { tags_only: true, ..Quirks::default() });
    let untag = Decision::Untag(vec![tag("prod-aaaaaaa")]);
    let kept = world.push(&image("kept", None), &["prod-aaaaaaa", "prod-latest"], untag);
    let applied = world.apply().await;
    assert_eq!(applied[&kept].0, Untagged);
    let content = world.fake().content();
    assert_eq!(content.tags.keys().collect::<Vec<_>>(), [&tag("prod-latest")]);
    assert!(content.manifests.contains_key(&kept));
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_looked_after() {
    for managed in [true, false] {
        let quirks = Quirks { tags_only: !managed, answer: Answering::Lost, ..Quirks::default() };
        let mut world = World::new(quirks);
        release(&mut world, "prod-aaaaaaa");
        let applied = world.apply().await;
        assert!(applied.values().all(|(result, _)| *result == Deleted), "{applied:?}");
        assert!(applied.values().all(|(_, message)| message.contains("no answer")));
    }
}

#[tokio::test]
async fn what_a_signature_with_a_new_tag_is_about_stays_with_it() {
    let mut world = World::new(Quirks::default());
    let old = release(&mut world, "prod-aaaaaaa");
    let attached = world.doomed(&image("attached", Some(&old.children[0])), &[]);
    world.fake().content().tags.insert(tag("audit"), attached.clone());
    let applied = world.apply().await;
    assert_eq!((applied[&attached].0, applied[&old.children[0]].0), (Skipped, Skipped));
    assert_eq!((applied[&old.index].0, applied[&old.children[1]].0), (Deleted, Deleted));
}
