//! `list` and `rollback-target` on one side and `cleanup` on the other: the same release is current
//! for both, and the floor is what a rollback visits, in the same order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tags::model::{GitHistory, Sha};
use tags::releases::{
    CurrentQuestion, Step, Timeline, TimelineInput, current, steps_back, timeline,
};

use crate::retention::scene::{Scene, policy};
use crate::retention::seen::inventory;

/// A release: its number, how many days old it is, and the places that lack it.
type Drawn = (u8, u8, u8);

const PLACES: [&str; 5] =
    ["backend@docr", "backend@ghcr", "backend@oci", "frontend@docr", "frontend@ghcr"];

/// Several releases may have one time, and some have the content of an earlier one.
fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let lacking = prop_oneof![4 => Just(0u8), 1 => 0u8..32];
    prop::collection::vec((0u8..20, 0u8..12, lacking), 2..14)
}

/// What is drawn, with a whole release besides, so that no repository is without any.
fn scene(drawn: &[Drawn], latest: u8, depth: u32) -> Scene {
    let rules = format!("[protect]\nrollback-depth = {depth}\n");
    let mut scene = Scene::new(policy("bad-shas = [\"0000003\"]", &rules));
    let mut known = Vec::new();
    for (number, days, lacking) in drawn.iter().chain(&[(20, 50, 0)]) {
        if known.contains(number) {
            continue;
        }
        known.push(*number);
        for (bit, place) in PLACES.into_iter().enumerate() {
            if lacking & (1 << bit) == 0 {
                let image = u64::from(place.starts_with("frontend"));
                let tag = format!("prod-{number:07x}");
                let content = u64::from(*number) * 10 + image;
                scene = scene.image(place, content, &[&tag], i64::from(*days));
            }
        }
    }
    scene.retag("prod-latest", latest.into())
}

/// What history says.
struct Visited {
    timeline: Timeline,
    current: Sha,
    /// What the way back visits within the depth: so many complete releases, and so many that a
    /// rollback would take.
    releases: BTreeSet<usize>,
}

fn visited(scene: &Scene, depth: usize) -> Option<Visited> {
    let mut environments = scene.policy.environments.values();
    let environment = environments.find(|known| known.name.as_str() == "prod")?;
    let inventory = inventory(scene, environment);
    let git = GitHistory::default();
    let input = TimelineInput { environment, inventory: &inventory, git: &git, now: scene.now };
    let timeline = timeline(&input);
    let here = current(environment, &inventory, &timeline, CurrentQuestion::LatestTags).ok()?;
    let is_below = |index: &usize| timeline.is_older(*index, here.index);
    let older: Vec<usize> = (0..timeline.releases().len())
        .filter(is_below)
        .filter(|index| timeline.releases()[*index].is_complete())
        .collect();
    let mut releases: BTreeSet<usize> = BTreeSet::new();
    for tied in older.chunk_by(|a, b| timeline.rank(*a) == timeline.rank(*b)) {
        if releases.len() < depth {
            releases.extend(tied);
        }
    }
    let steps = steps_back(environment, &timeline, here.index).into_iter();
    let candidates = steps.filter_map(|step| match step {
        Step::Candidate(release) => timeline.find(&release.sha),
        Step::Skip(_) | Step::Unread(_) | Step::DeploymentsUnread => None,
    });
    releases.extend(candidates.take(depth));
    let current = here.sha(&timeline).clone();
    Some(Visited { timeline, current, releases })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_floor_is_what_a_rollback_visits(
        releases in drawn(), latest in 0u8..21, depth in 1u32..4,
    ) {
        let scene = scene(&releases, latest, depth);
        let Some(visited) = visited(&scene, depth as usize) else { return Ok(()); };
        let plan = scene.plan();
        let summary = plan.environments.iter().find(|one| one.environment.as_str() == "prod");
        let summary = summary.expect("an environment of the policy");
        prop_assert_eq!(&summary.current, &vec![visited.current]);
        let timeline = &visited.timeline;
        let floor: Vec<usize> =
            summary.floor.iter().filter_map(|sha| timeline.find(sha)).collect();
        prop_assert!(floor.is_sorted_by_key(|index| timeline.rank(*index)), "{floor:?}");
        let floor: BTreeSet<usize> = floor.into_iter().collect();
        prop_assert!(floor.is_superset(&visited.releases), "{floor:?} {:?}", visited.releases);
        // Of several that tie a rollback takes none, and the floor holds them all.
        let rank_is_shared = |index: &usize| {
            let same = (0..timeline.releases().len()).filter(|i| timeline.rank(*i) == timeline.rank(*index));
            same.count() > 1
        };
        let more: Vec<&usize> = floor.difference(&visited.releases).collect();
        prop_assert!(more.into_iter().all(rank_is_shared), "{floor:?} {:?}", visited.releases);
    }
}
