//! The jobs of the program over both registries at once.

use tags::collect::{Depth, observe};
use tags::model::{GitHistory, TimeSource};
use tags::releases::{CurrentQuestion, Step, TimelineInput, current, steps_back, timeline};
use tags::sandbox::history::History;
use tags::verify::{VerifyVerdict, verify};

use crate::connect::now;
use crate::managed::world::World;

#[tokio::test]
async fn times_are_those_of_the_push_and_the_order_is_theirs() {
    let world = World::empty().fill(|_| false);
    let history = History::ending_at(now());
    let inventory = world.inventory("prod").await;
    assert!(inventory.unread().is_empty(), "{:?}", inventory.unread());
    let environment = world.environment("prod");
    let git = GitHistory::default();
    let timeline =
        timeline(&TimelineInput { environment, inventory: &inventory, git: &git, now: now() });
    let told: Vec<_> = timeline.releases().iter().map(|release| release.sha.clone()).collect();
    let real: Vec<_> = history.releases("prod").map(|release| release.sha.clone()).collect();
    assert_eq!(told, real);
    let sources = timeline.releases().iter().filter_map(tags::model::Release::time);
    assert!(sources.clone().count() == told.len());
    assert!(sources.map(|moment| moment.source).all(|source| source == TimeSource::Pushed));
    let current =
        current(environment, &inventory, &timeline, CurrentQuestion::LatestTags).expect("one");
    let target =
        steps_back(environment, &timeline, current.index).into_iter().find_map(|step| match step {
            Step::Candidate(release) => Some(release.sha.clone()),
            _ => None,
        });
    assert_eq!(target.as_ref(), history.rollback_target("prod"));
}

#[tokio::test]
async fn an_image_that_never_reached_ghcr_makes_its_release_incomplete_there_only() {
    let history = History::ending_at(now());
    let missing = history.rollback_target("prod").expect("a target").clone();
    let tag = format!("prod-{missing}");
    let world = World::empty().fill(|push| {
        push.repository.as_str().ends_with("frontend")
            && push.tags.iter().any(|t| t.as_str() == tag)
    });
    let environment = world.environment("prod");
    let seen = observe(world.collector(), environment, &missing, Depth::Content).await;
    let verification = verify(environment, &missing, &seen, None);
    assert_eq!(verification.verdict(), VerifyVerdict::Failed);
    let missing: Vec<String> = verification
        .findings
        .iter()
        .filter(|finding| finding.code.as_str() == "sha-tag-missing")
        .filter_map(|finding| finding.place.as_ref())
        .map(|place| format!("{} in {}", place.image, place.registry))
        .collect();
    assert_eq!(missing, ["frontend in ghcr"]);
}

#[tokio::test]
async fn the_current_release_holds_in_both() {
    let world = World::empty().fill(|_| false);
    let history = History::ending_at(now());
    let sha = history.current("prod").expect("a release");
    let environment = world.environment("prod");
    let seen = observe(world.collector(), environment, sha, Depth::Content).await;
    let verification = verify(environment, sha, &seen, None);
    assert_eq!(verification.verdict(), VerifyVerdict::Passed, "{:?}", verification.findings);
}
