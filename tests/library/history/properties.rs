//! What holds of every history, whatever it looks like.

use proptest::prelude::*;
use tags::model::{Sha, TagKind, TagPattern, TagScheme};
use tags::releases::{CurrentQuestion, Step, steps_back};

use crate::history::scene::{Scene, sha};

/// A release: its number, its time (a few possible ones, or none), the places that lack it.
type Drawn = (u8, Option<u8>, u8);

fn scene(releases: &[Drawn], latest: u8) -> Scene {
    let mut scene = Scene::new("");
    for (number, time, lacking) in releases {
        let name = format!("{number:07x}");
        let time = time.map(|day| format!("2026-02-{:02}T00:00:00Z", day + 1));
        scene = scene.release(&name, time.as_deref());
        for (bit, places) in
            [("backend", "east"), ("backend", "west"), ("frontend", "east"), ("frontend", "west")]
                .into_iter()
                .enumerate()
        {
            if lacking & (1 << bit) != 0 {
                scene = scene.without(places, &format!("prod-{name}"));
            }
        }
    }
    scene.latest(&format!("{latest:07x}"))
}

/// Lacks nothing more often than something.
fn lacking() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0u8), 1 => 0u8..16]
}

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((0u8..20, prop::option::weighted(0.9, 0u8..12), lacking()), 1..14)
}

proptest! {
    #[test]
    fn a_target_is_complete_surely_older_and_never_the_current_release(
        releases in drawn(), latest in 0u8..20,
    ) {
        let scene = scene(&releases, latest);
        let timeline = scene.timeline();
        let Ok(current) = scene.current(CurrentQuestion::LatestTags) else { return Ok(()); };
        let now = &timeline.releases()[current.index];
        let mut last = now.time();
        for step in steps_back(&scene.environment, &timeline, current.index) {
            let Step::Candidate(release) = step else { continue };
            prop_assert_ne!(&release.sha, &now.sha);
            prop_assert!(release.is_complete());
            prop_assert!(release.time() < last, "not in order: {:?}", release.sha);
            for copy in release.copies.values() {
                let kind = scene.environment.scheme.classify(&copy.reference().tag);
                prop_assert_eq!(kind, TagKind::Sha(release.sha.clone()));
            }
            last = release.time();
        }
    }

    #[test]
    fn every_release_before_the_current_is_a_candidate_or_has_a_reason(
        releases in drawn(), latest in 0u8..20,
    ) {
        let scene = scene(&releases, latest);
        let timeline = scene.timeline();
        let Ok(current) = scene.current(CurrentQuestion::LatestTags) else { return Ok(()); };
        let steps = steps_back(&scene.environment, &timeline, current.index);
        let newer = (0..timeline.releases().len())
            .filter(|index| timeline.is_older(current.index, *index)).count();
        prop_assert_eq!(steps.len() + newer + 1, timeline.releases().len());
    }

    #[test]
    fn the_order_in_which_things_were_read_changes_nothing(
        releases in drawn(), latest in 0u8..20, seed in any::<u64>(),
    ) {
        // Each number once: the same tag with two times would be two different inputs.
        let mut unique = releases;
        unique.sort_by_key(|release| release.0);
        unique.dedup_by_key(|release| release.0);
        let mut shuffled = unique.clone();
        let mut state = seed | 1;
        shuffled.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        });
        let (a, b) = (scene(&unique, latest), scene(&shuffled, latest));
        prop_assert_eq!(a.timeline(), b.timeline());
    }

    #[test]
    fn rendering_and_classifying_a_tag_are_inverse(
        digits in "[0-9a-f]{7,64}", prefix in "([a-z]{1,8}[_.-])?", suffix in "([_.-][a-z0-9]{1,8})?",
    ) {
        let pattern = TagPattern::parse(&format!("{prefix}{{sha}}{suffix}")).expect("a pattern");
        let scheme = TagScheme { sha: pattern, former: Vec::new(), latest: crate::support::tag("x-latest") };
        let sha: Sha = sha(&digits);
        prop_assert_eq!(scheme.classify(&scheme.sha.render(&sha)), TagKind::Sha(sha));
    }

    #[test]
    fn what_classifies_as_a_release_renders_to_the_same_tag(text in "[a-z0-9-]{1,24}") {
        let pattern = TagPattern::parse("prod-{sha}").expect("a pattern");
        let scheme = TagScheme { sha: pattern, former: Vec::new(), latest: crate::support::tag("prod-latest") };
        if let Ok(tag) = tags::model::TagName::parse(&text)
            && let TagKind::Sha(sha) = scheme.classify(&tag)
        {
            prop_assert_eq!(scheme.sha.render(&sha), tag);
        }
    }
}
