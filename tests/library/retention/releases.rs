//! Releases: what is current, what a rollback needs, what rules keep, and what is deleted as a whole.

use std::collections::BTreeMap;

use tags::model::{
    ContentsCoverage, Deployment, DeploymentResult, DeploymentSource, Deployments, GitHistory,
    ReleaseOrder, RunId, Sha, TagPush,
};
use tags::retention::{Decision, RetentionInput, plan};

use crate::retention::scene::{
    Scene, days_ago, digest, entry, fate, first_seen, now, policy, unread,
};

const LAST_TWO: &str = r#"
[[retention]]
environments = ["prod", "dev"]
keep-last = 2
[protect]
rollback-depth = 1
"#;

/// Six releases of prod, one every ten days, the newest current.
fn six() -> Scene {
    let scene = Scene::new(policy("", LAST_TWO));
    let scene = (0..6i64).fold(scene, |scene, n| {
        let number = u64::try_from(n).expect("small");
        scene.release(&format!("prod-{n:07x}"), 10 + number, 60 - n * 10)
    });
    scene.retag("prod-latest", 15)
}

#[test]
fn the_current_release_the_floor_and_what_a_rule_keeps_are_kept_and_the_rest_is_deleted_everywhere()
{
    let plan = six().plan();
    for (number, backend) in [
        (15, "keep latest-tag"),
        (14, "keep rollback-floor"),
        (13, "delete expired"),
        (10, "delete expired"),
    ] {
        for place in ["backend@docr", "backend@ghcr", "backend@oci"] {
            assert_eq!(fate(&plan, place, number * 10), backend, "{number} in {place}");
        }
        assert_eq!(fate(&plan, "frontend@docr", number * 10 + 1), backend);
    }
    let deleted = entry(&plan, "backend@docr", 130);
    assert_eq!(deleted.reason.message, "prod release 0000003: not among the last 2");
    assert_eq!(
        deleted.reason.rule.as_ref().map(tags::retention::RuleName::as_str),
        Some("retention[0]")
    );
    let summary =
        plan.environments.iter().find(|o| o.environment.as_str() == "prod").expect("prod");
    assert_eq!((summary.kept, summary.deleted), (2, 4));
    assert_eq!(summary.floor, [Sha::parse("0000004").expect("a SHA")]);
}

#[test]
fn the_floor_is_counted_from_the_release_that_the_latest_tag_points_to() {
    let plan = six().retag("prod-latest", 12).plan();
    assert_eq!(fate(&plan, "backend@docr", 120), "keep latest-tag");
    assert_eq!(fate(&plan, "backend@docr", 110), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 130), "delete expired");
    assert_eq!(fate(&plan, "backend@docr", 150), "keep kept-by-rule");
}

/// A deployment of the release with this number, so many days ago.
fn deployed(number: u64, days: i64, result: DeploymentResult) -> Deployment {
    Deployment {
        sha: Sha::parse(&format!("{number:07x}{number:033x}")).expect("a SHA"),
        time: days_ago(days),
        result,
        source: DeploymentSource::Run,
        run: Some(RunId(number)),
        url: None,
        detail: String::new(),
    }
}

/// The same six, of which these were deployed; nothing but the current one is kept by a rule.
fn six_deployed(found: Vec<Deployment>) -> Scene {
    let mut scene = six();
    let deploys = Deployments { found, ..Deployments::default() };
    for (name, environment) in &mut scene.policy.environments {
        if name.as_str() == "prod" {
            environment.order = ReleaseOrder::Deployed;
            scene.deployments.insert(name.clone(), deploys.clone());
        }
    }
    scene.policy.retention[0].keep_last = Some(1);
    scene
}

#[test]
fn what_was_deployed_well_is_kept_for_a_rollback_besides_what_is_complete() {
    let (good, failed) = (DeploymentResult::Good, DeploymentResult::RunFailed);
    let found = vec![
        deployed(0, 59, good),
        deployed(1, 49, good),
        deployed(2, 39, failed),
        deployed(5, 9, good),
    ];
    let plan = six_deployed(found).plan();
    for (number, expected) in [
        (15, "keep latest-tag"),
        (14, "keep rollback-floor"),
        (13, "delete expired"),
        (12, "delete expired"),
        (11, "keep rollback-floor"),
        (10, "delete expired"),
    ] {
        assert_eq!(fate(&plan, "backend@docr", number * 10), expected, "{number}");
    }
}

#[test]
fn what_was_deployed_last_is_kept_whatever_the_latest_tags_say() {
    let good = DeploymentResult::Good;
    // The second release was deployed again after the current one.
    let found = vec![deployed(0, 59, good), deployed(1, 49, good), deployed(5, 9, good)];
    let again = deployed(1, 5, good);
    let plan = six_deployed([found, vec![again]].concat()).plan();
    assert_eq!(fate(&plan, "backend@docr", 110), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 100), "keep rollback-floor", "to roll back from there");
    assert_eq!(fate(&plan, "backend@docr", 120), "delete expired");
}

#[test]
fn a_release_that_misses_an_image_is_no_floor() {
    let mut scene = six();
    let frontend = scene.at("frontend@ghcr");
    frontend.manifests.retain(|record| record.digest != digest(141));
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 130), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 140), "keep kept-by-rule");
}

#[test]
fn a_release_marked_bad_is_no_floor_to_rely_on() {
    let scene = Scene { policy: policy("bad-shas = [\"0000004\"]", LAST_TWO), ..six() };
    let plan = scene.plan();
    // By the letter the newest complete one, and the first that could really be gone back to.
    assert_eq!(fate(&plan, "backend@docr", 140), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 130), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 120), "delete expired");
}

#[test]
fn a_copy_that_has_to_stay_keeps_the_release_in_all_places() {
    // GitHub takes no single tag off, and the old release has a tag of its own there.
    let mut scene = six();
    let at = scene.at("backend@ghcr");
    let record = at.manifests.iter_mut().find(|record| record.digest == digest(110));
    let record = record.expect("a manifest");
    record.tags = [record.tags[0].clone(), crate::retention::scene::push("handmade")].into();
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@ghcr", 110), "keep digest-shared-with-kept");
    assert_eq!(fate(&plan, "backend@docr", 110), "keep kept-elsewhere");
    assert_eq!(fate(&plan, "frontend@docr", 111), "keep kept-elsewhere");
    assert_eq!(fate(&plan, "backend@docr", 120), "delete expired");
}

#[test]
fn where_single_tags_can_go_only_those_that_expired_do() {
    let scene = with_the_oldest_content_again("backend@docr");
    let plan = scene.plan();
    let alias = entry(&plan, "backend@docr", 100);
    assert_eq!(alias.decision, Decision::Untag(vec![crate::support::tag("prod-0000000")]));
    assert_eq!(alias.reason.code.as_str(), "digest-shared-with-kept");
    assert_eq!(
        alias.reason.rule.as_ref().map(tags::retention::RuleName::as_str),
        Some("retention[0]")
    );
    assert_eq!(fate(&plan, "backend@ghcr", 100), "delete expired");
}

#[test]
fn where_tags_have_no_times_a_digest_of_several_releases_dates_none_of_them() {
    let scene = with_the_oldest_content_again("backend@oci");
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@oci", 100), "keep latest-tag");
    assert_eq!(fate(&plan, "backend@docr", 100), "keep time-unknown");
    assert!(
        plan.entries.iter().all(|entry| !entry.tags.contains(&crate::support::tag("prod-0000000"))
            || entry.decision == Decision::Keep)
    );
}

/// An old manifest that the newest release points to in one place: the same content again.
fn with_the_oldest_content_again(place: &str) -> Scene {
    let mut scene = six();
    let at = scene.at(place);
    at.manifests.retain(|record| record.digest != digest(150));
    let alias = at.manifests.iter_mut().find(|record| record.digest == digest(100));
    let alias = alias.expect("the oldest release");
    let mut tags = alias.tags.to_vec();
    for name in ["prod-0000005", "prod-latest"] {
        tags.push(TagPush { pushed: Some(days_ago(10)), ..crate::retention::scene::push(name) });
    }
    alias.tags = tags.into();
    scene
}

#[test]
fn a_repository_that_was_not_read_keeps_itself_and_every_release_that_may_be_in_it() {
    let mut scene = six();
    scene.at("frontend@ghcr").coverage = ContentsCoverage::Unlisted(unread("cut off"));
    let plan = scene.plan();
    assert_eq!(fate(&plan, "frontend@ghcr", 101), "keep partial-coverage");
    assert_eq!(fate(&plan, "backend@docr", 100), "keep kept-elsewhere");
    assert!(plan.entries.iter().all(|entry| entry.decision == Decision::Keep));
    let mut scene = six();
    scene.at("frontend@ghcr").coverage = ContentsCoverage::ManifestsUnread(unread("one of them"));
    let at = scene.at("frontend@ghcr");
    at.manifests.retain(|record| record.digest != digest(101));
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 100), "delete expired");
    assert_eq!(fate(&plan, "backend@docr", 110), "keep kept-elsewhere");
}

#[test]
fn what_is_in_use_is_kept_with_its_release_and_with_what_a_rollback_from_it_needs() {
    let mut scene = six();
    let repository = scene.at("backend@docr").repository.clone();
    let text = "registry/backend@sha256".to_owned();
    let digest = Some(digest(120));
    scene.in_use.push(tags::retention::InUseReference { text, repository, tag: None, digest });
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 120), "keep in-use");
    assert_eq!(fate(&plan, "backend@ghcr", 120), "keep in-use");
    assert_eq!(fate(&plan, "backend@docr", 110), "keep rollback-floor");
    assert_eq!(fate(&plan, "backend@docr", 100), "delete expired");
}

#[test]
fn equal_times_at_the_boundary_are_all_kept_unless_git_knows() {
    let mut scene = Scene::new(policy("", LAST_TWO)).release("prod-0000009", 90, 1);
    for n in 0..3 {
        scene = scene.release(&format!("prod-{n:07x}"), 10 + n, 30);
    }
    let scene = scene.retag("prod-latest", 90);
    let plan_ = scene.plan();
    for n in 10..13 {
        assert_eq!(entry(&plan_, "backend@docr", n * 10).decision, Decision::Keep, "{n}");
    }
    let commit =
        |sha: &str, days| (Sha::parse(&format!("{sha:0<40}")).expect("a SHA"), days_ago(days));
    let commits = vec![
        commit("0000009", 1),
        commit("0000001", 31),
        commit("0000002", 32),
        commit("0000000", 33),
    ];
    let name = scene.policy.environments.keys().find(|name| name.as_str() == "prod");
    let git = BTreeMap::from([(name.expect("prod").clone(), GitHistory::new(commits))]);
    let policy_digest = digest(0);
    let plan_ = plan(&RetentionInput {
        contents: &scene.contents,
        policy: &scene.policy,
        policy_digest: &policy_digest,
        in_use: &[],
        git: &git,
        deployments: &BTreeMap::new(),
        first_seen: &first_seen(&scene.contents),
        records: &[],
        now: now(),
    });
    assert_eq!(entry(&plan_, "backend@docr", 110).decision, Decision::Keep);
    assert_eq!(fate(&plan_, "backend@docr", 100), "delete expired");
    assert_eq!(fate(&plan_, "backend@docr", 120), "delete expired");
}

#[test]
fn the_same_content_again_takes_no_place_among_the_last() {
    let mut scene = six();
    for place in ["backend@docr", "backend@ghcr", "frontend@docr", "frontend@ghcr", "backend@oci"] {
        for record in &mut scene.at(place).manifests {
            if record.digest == digest(150) || record.digest == digest(151) {
                let mut tags = record.tags.to_vec();
                tags.push(crate::retention::scene::push("prod-000000a"));
                record.tags = tags.into();
            }
        }
    }
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 140), "keep rollback-floor");
    assert_eq!(entry(&plan, "backend@docr", 150).decision, Decision::Keep);
    assert_eq!(fate(&plan, "backend@docr", 130), "delete expired");
}

#[test]
fn nothing_of_an_environment_without_a_rule_is_deleted() {
    let rules = "[[retention]]\nenvironments = [\"dev\"]\nkeep-last = 1\n";
    let plan = Scene { policy: policy("", rules), ..six() }.plan();
    assert!(plan.entries.iter().all(|entry| entry.decision == Decision::Keep));
    assert_eq!(fate(&plan, "backend@docr", 100), "keep no-rule");
    assert_eq!(plan.warnings, ["keep-last 1 (scene.toml:24): dev has no release"]);
}

#[test]
fn what_is_young_or_has_no_plausible_time_is_kept_whatever_the_rules_say() {
    let rules = "[[retention]]\nenvironments = [\"prod\"]\nkeep-within = \"1d\"\n[protect]\nrollback-depth = 0\nmin-age = \"15d\"\n";
    let mut scene = Scene { policy: policy("", rules), ..six() };
    for place in ["backend@docr", "backend@ghcr", "frontend@docr", "frontend@ghcr", "backend@oci"] {
        for record in &mut scene.at(place).manifests {
            if record.digest == digest(100) || record.digest == digest(101) {
                let future = Some(days_ago(-30));
                record.pushed = record.pushed.and(future);
                record.built = record.built.and(future);
            }
        }
    }
    let record = scene.at("backend@oci").manifests.iter_mut().find(|r| r.digest == digest(110));
    record.expect("a manifest").built = None;
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 100), "keep time-unknown");
    assert_eq!(fate(&plan, "backend@oci", 110), "keep time-unknown");
    assert_eq!(entry(&plan, "backend@docr", 110).decision, Decision::Keep);
    assert_eq!(fate(&plan, "backend@docr", 120), "delete expired");
    assert_eq!(fate(&plan, "frontend@docr", 151), "keep latest-tag");
    assert_eq!(fate(&plan, "backend@docr", 140), "delete expired");
}
