//! Limits: what may be applied, and what is refused with its figure.

use tags::model::Digest;
use tags::retention::{Decision, Refusal, approve};

use crate::retention::scene::{Scene, policy, unread};
use crate::support::tag;

fn scene(limits: &str) -> Scene {
    let rules = format!("[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"14d\"\n{limits}");
    Scene::new(policy("", &rules))
        .image("backend@docr", 1, &["pr-1"], 60)
        .image("backend@docr", 2, &["pr-2"], 60)
        .image("backend@docr", 3, &["v1"], 60)
        .image("backend@docr", 4, &[], 60)
        .index("backend@oci", 10, &[11], &["pr-1"], 60)
        .image("backend@oci", 11, &[], 60)
        .image("backend@oci", 12, &["v1"], 60)
}

fn refusals(scene: &Scene) -> Vec<String> {
    match approve(scene.plan(), &scene.policy) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.refusals.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn limits_count_every_manifest_tagged_or_not() {
    assert_eq!(refusals(&scene("[limits]\nmax-deletions = 4\nmax-share = 0.67")), [""; 0]);
    assert_eq!(
        refusals(&scene("[limits]\nmax-deletions = 3\nmax-share = 0.5")),
        [
            "4 manifests would be deleted, more than `max-deletions` = 3",
            "2 of 3 manifests of registry.example/backend would be deleted (67%), more than `max-share` = 0.5",
        ]
    );
    assert_eq!(refusals(&scene("[limits]\nmax-deletions = 0\nmax-share = 1.0")).len(), 1);
    assert_eq!(refusals(&scene("[limits]\nmax-share = 0.0")).len(), 2);
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let scene = scene("[limits]\nmax-share = 1.0");
    let mut plan = scene.plan();
    plan.coverage[0].unread = Some(unread("cut"));
    let refused = approve(plan, &scene.policy).expect_err("a repository was not read");
    assert!(matches!(refused.refusals[..], [Refusal::Partial { .. }]));
    let mut plan = scene.plan();
    let last = plan.entries.last_mut().expect("an entry");
    last.tags.push(tag("prod-latest"));
    last.decision = Decision::Untag(vec![tag("prod-latest")]);
    let refused = approve(plan, &scene.policy).expect_err("a latest tag would go");
    assert!(refused.refusals.iter().any(|why| matches!(why, Refusal::LatestTag { .. })));
    let mut plan = scene.plan();
    for entry in &mut plan.entries {
        entry.repository.host = "elsewhere.example".to_owned();
    }
    let refused = approve(plan, &scene.policy).expect_err("another host");
    assert!(refused.refusals.iter().any(|why| matches!(why, Refusal::ForeignRepository { .. })));
    assert_eq!(scene.plan().policy, Digest::of(b"policy"));
}
