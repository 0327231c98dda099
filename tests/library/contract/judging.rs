//! Verification and the way back, over a registry that was filled through its protocol.

use tags::collect::{Depth, TimesWanted, find_latest_releases, inventory, observe};
use tags::command::RollbackSearch;
use tags::model::{GitHistory, Sha};
use tags::pipeline::Records;
use tags::releases::{CurrentQuestion, SkipCode, TimelineInput, current, timeline};
use tags::report::{CurrentRelease, RollbackTarget};
use tags::sandbox::history::{History, Push};
use tags::verify::{FindingCode, Verification, VerifyVerdict, verify};

use super::content::{NOW, short_story, story};
use super::pushing::is_read_back_as_it_was_pushed;
use super::{Client, Subject};
use crate::support::path;

/// One history for all of this, since it takes its time.
pub(crate) async fn a_history_is_read_back_verified_and_gone_back_in(subject: &Subject) {
    let history = if subject.login.is_none() { story() } else { short_story() };
    subject.fill(&history).await;
    is_read_back_as_it_was_pushed(subject, &history).await;
    the_current_release_holds_and_the_one_without_a_backend_does_not(subject, &history).await;
    a_latest_tag_left_behind_is_found_with_the_release_it_stands_on(subject, &history).await;
    the_way_back_leads_past_what_is_incomplete_or_damaged(subject, &history).await;
}

async fn verified(client: &Client, environment: &str, sha: &Sha) -> Verification {
    let (collector, environment) = (client.collector(), client.environment(environment));
    let mut seen = observe(collector, environment, sha, Depth::Content).await;
    find_latest_releases(collector, &environment.scheme, &mut seen).await;
    verify(environment, sha, &seen, None)
}

async fn the_current_release_holds_and_the_one_without_a_backend_does_not(
    subject: &Subject,
    history: &History,
) {
    let client = subject.client();
    let current = verified(&client, "prod", history.current("prod").unwrap()).await;
    assert_eq!((current.findings.as_slice(), current.verdict()), (&[][..], VerifyVerdict::Passed));
    assert_eq!(current.checks.len(), 4);
    let broken = &history.releases("prod").nth(1).unwrap().sha;
    let broken = verified(&client, "prod", broken).await;
    assert_eq!(broken.verdict(), VerifyVerdict::Failed);
    let missing = broken.findings.iter().find(|f| f.code == FindingCode::ShaTagMissing).unwrap();
    assert_eq!(missing.place.as_ref().unwrap().image.as_str(), "backend");
    assert!(missing.message.starts_with(subject.host()), "{}", missing.message);
}

async fn a_latest_tag_left_behind_is_found_with_the_release_it_stands_on(
    subject: &Subject,
    history: &History,
) {
    let newest = verified(&subject.client(), "uat", history.newest("uat").unwrap()).await;
    assert_eq!(newest.verdict(), VerifyVerdict::Failed);
    let [finding] = newest.findings.as_slice() else { panic!("{:?}", newest.findings) };
    assert_eq!(finding.code, FindingCode::LatestTagElsewhere);
    assert!(finding.place.as_ref().is_some_and(|place| place.image.as_str() == "backend"));
    let stands_on = format!("points to uat-{}", history.releases("uat").nth(1).unwrap().sha);
    assert!(finding.message.contains(&stands_on), "{}", finding.message);
}

async fn the_way_back_leads_past_what_is_incomplete_or_damaged(
    subject: &Subject,
    history: &History,
) {
    let back = way_back(&subject.client()).await;
    let said = history.rollback_target("prod").unwrap();
    assert_eq!(back.current.as_ref().map(|known| &known.sha), history.current("prod"));
    assert_eq!(back.target.as_ref().map(|target| &target.sha), Some(said));
    assert_eq!(skipped(&back), [SkipCode::Incomplete]);

    let backend = path("acme/backend");
    let is_it = |push: &&Push| {
        push.repository == backend && push.tags[0].as_str() == format!("prod-{said}")
    };
    let image = &history.steps.iter().find(is_it).unwrap().image;
    subject.backdoor.blob_remove(&backend, &image.blobs[0].digest);
    let back = way_back(&subject.client()).await;
    let next = &history.releases("prod").nth(3).unwrap().sha;
    assert_eq!(back.target.as_ref().map(|target| &target.sha), Some(next));
    assert_eq!(skipped(&back), [SkipCode::Incomplete, SkipCode::ContentMissing]);
    assert_eq!(&back.skipped[1].sha, said);
}

fn skipped(back: &RollbackTarget) -> Vec<SkipCode> {
    back.skipped.iter().map(|skipped| skipped.code).collect()
}

/// From the release that the latest tags stand on.
async fn way_back(client: &Client) -> RollbackTarget {
    let (collector, environment) = (client.collector(), client.environment("prod"));
    let inventory = inventory(collector, environment, TimesWanted::Built).await;
    assert!(inventory.unread().is_empty());
    let git = &GitHistory::default();
    let now = NOW.parse().unwrap();
    let timeline = timeline(&TimelineInput { environment, inventory: &inventory, git, now });
    let current = current(environment, &inventory, &timeline, CurrentQuestion::LatestTags).unwrap();
    let release = &timeline.releases()[current.index];
    let from = CurrentRelease { sha: release.sha.clone(), time: release.time(), current };
    let (timeline, steps, depth) = (&timeline, 1, Depth::Content);
    let records = &Records::default();
    RollbackSearch { collector, environment, timeline, steps, depth, now, records }.run(from).await
}
