//! One commit, one release: tags with more or fewer digits of a SHA; and what a digest that carries
//! several releases tells of their order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tags::model::{PushTimes, ReleaseCopy};
use tags::releases::{CurrentError, CurrentQuestion, Step, steps_back};

use crate::history::scene::{Scene, sha};

const DAYS: [&str; 4] = [
    "2026-02-01T00:00:00Z",
    "2026-02-02T00:00:00Z",
    "2026-02-03T00:00:00Z",
    "2026-02-04T00:00:00Z",
];

/// A SHA of 40 digits by a number; no two have the first seven in common.
fn long(number: u8) -> String {
    format!("{number:07x}").repeat(6)[..40].to_owned()
}

#[test]
fn a_short_tag_in_one_registry_and_a_long_one_in_another_are_one_complete_release() {
    let (one, two) = (long(1), long(2));
    let scene = Scene::new("")
        .tagged(&format!("prod-{one}"), &one, Some(DAYS[0]))
        .tagged(&format!("prod-{two}"), &two, Some(DAYS[1]))
        .tagged(&format!("prod-{}", &one[..7]), &one, Some(DAYS[0]))
        .without(("*", "east"), &format!("prod-{one}"))
        .without(("*", "west"), &format!("prod-{}", &one[..7]))
        .latest(&two);
    let timeline = scene.timeline();
    assert_eq!(timeline.releases().len(), 2);
    assert!(timeline.releases().iter().all(tags::model::Release::is_complete));
    assert_eq!(scene.way_back(), std::slice::from_ref(&one));
    let short = scene.current(CurrentQuestion::From(&sha(&one[..7]))).expect("a release");
    assert_eq!(short.sha(&timeline).to_string(), one);
}

#[test]
fn a_short_tag_that_fits_two_commits_is_of_neither() {
    let (one, other) = ("aaaaaaa1".repeat(5), "aaaaaaa2".repeat(5));
    let scene = Scene::new("")
        .release(&one, Some(DAYS[0]))
        .release(&other, Some(DAYS[1]))
        .tagged("prod-aaaaaaa", "third", Some(DAYS[2]))
        .latest(&other);
    assert_eq!(scene.way_back(), [one]);
    let timeline = scene.timeline();
    assert_eq!(timeline.releases().len(), 2);
    assert_eq!(timeline.ambiguous().count(), 4);
}

#[test]
fn two_tags_of_a_release_on_different_images_in_one_place_are_a_difference() {
    let (one, two) = (long(1), long(2));
    let short = format!("prod-{}", &one[..8]);
    let scene = Scene::new("same-digest = false")
        .release(&one, Some(DAYS[0]))
        .tagged(&short, "other", Some(DAYS[0]))
        .release(&two, Some(DAYS[1]))
        .latest(&two);
    assert_eq!(scene.way_back(), [format!("{one} digest-differs")]);
}

#[test]
fn without_a_latest_tag_a_revert_leaves_open_which_release_is_the_newest() {
    let scene = Scene::new("")
        .tagged("prod-aaaaaaa1", "good", Some(DAYS[0]))
        .release("bbbbbbb2", Some(DAYS[1]))
        .tagged("prod-ccccccc3", "good", Some(DAYS[0]));
    let error = scene.current(CurrentQuestion::LatestTags).expect_err("nobody knows");
    assert!(matches!(error, CurrentError::NewestUnknown(_)), "{error}");
    let by_git = scene.git(&["ccccccc3", "bbbbbbb2", "aaaaaaa1"]);
    let current = by_git.current(CurrentQuestion::LatestTags).expect("git knows");
    assert_eq!(current.sha(&by_git.timeline()).to_string(), "ccccccc3");
}

#[test]
fn a_missing_push_time_is_never_replaced_by_the_build_time() {
    for push_times in [PushTimes::OfTags, PushTimes::OfDigests] {
        let scene = Scene::new("")
            .release("aaaaaaa1", Some(DAYS[0]))
            .change(("*", "*"), |repository| repository.push_times = push_times);
        let timeline = scene.timeline();
        assert_eq!(timeline.releases()[0].time(), None, "{push_times:?}");
        assert!(
            timeline.releases()[0].copies.values().all(|copy| ReleaseCopy::time(copy).is_none())
        );
    }
}

/// In each of four places one of the lengths.
fn lengths() -> impl Strategy<Value = [usize; 4]> {
    prop::array::uniform4(prop::sample::select(vec![7usize, 8, 12, 40]))
}

proptest! {
    #[test]
    fn how_many_digits_the_tags_have_changes_no_answer(
        releases in prop::collection::btree_map(1u8..30, (0usize..4, lengths(), any::<bool>()), 1..10),
        latest in 1u8..30,
    ) {
        let places = [("backend", "east"), ("backend", "west"), ("frontend", "east"), ("frontend", "west")];
        let (mut all_long, mut mixed) = (Scene::new(""), Scene::new(""));
        let mut longest: BTreeMap<String, String> = BTreeMap::new();
        for (number, (day, lengths, both)) in &releases {
            let sha = long(*number);
            all_long = all_long.release(&sha, Some(DAYS[*day]));
            let most = if *both { 40 } else { *lengths.iter().max().unwrap_or(&40) };
            longest.insert(sha.clone(), sha[..most].to_owned());
            for length in [7, 8, 12, 40] {
                let tag = format!("prod-{}", &sha[..length]);
                mixed = mixed.tagged(&tag, &sha, Some(DAYS[*day]));
                for (place, wanted) in places.into_iter().zip(lengths) {
                    if *wanted != length && !(*both && length == 40) {
                        mixed = mixed.without(place, &tag);
                    }
                }
            }
        }
        let (all_long, mixed) = (all_long.latest(&long(latest)), mixed.latest(&long(latest)));
        let shas = |scene: &Scene| -> Vec<String> {
            scene.timeline().releases().iter().map(|release| release.sha.to_string()).collect()
        };
        let wanted: Vec<String> = shas(&all_long).iter().map(|sha| longest[sha].clone()).collect();
        prop_assert_eq!(shas(&mixed), wanted);
        prop_assert!(mixed.timeline().releases().iter().all(tags::model::Release::is_complete));
        if all_long.current(CurrentQuestion::LatestTags).is_ok() {
            let back: Vec<usize> = all_long.way_back().iter().map(String::len).collect();
            prop_assert_eq!(mixed.way_back().len(), back.len());
        }
    }

    #[test]
    fn a_target_is_surely_older_whatever_was_pushed_again(contents in prop::collection::vec(0u8..5, 2..9)) {
        // Pushed in this order, each with the content of a number; a digest has the time of its
        // first push.
        let mut scene = Scene::new("");
        let mut first: BTreeMap<u8, usize> = BTreeMap::new();
        for (place, content) in contents.iter().enumerate() {
            let since = *first.entry(*content).or_insert(place);
            let time = format!("2026-03-{:02}T00:00:00Z", since + 1);
            let tag = format!("prod-{:07x}", 0xf00 - place);
            scene = scene.tagged(&tag, &format!("content {content}"), Some(&time));
        }
        let last = contents[contents.len() - 1];
        let scene = scene.latest(&format!("content {last}"));
        let timeline = scene.timeline();
        let Ok(current) = scene.current(CurrentQuestion::LatestTags) else { return Ok(()); };
        for step in steps_back(&scene.environment, &timeline, current.index) {
            let Step::Candidate(release) = step else { continue };
            let place = (0..contents.len()).find(|place| {
                release.sha.to_string() == format!("{:07x}", 0xf00 - place)
            }).expect("pushed");
            // It came before the content that is current was there at all.
            prop_assert!(place < first[&last], "{place} of {contents:?}");
            prop_assert_ne!(contents[place], last);
        }
    }
}
