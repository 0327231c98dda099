//! References: children, shared and nested ones, signatures and other referrers; and what nothing
//! refers to.

use tags::model::{ManifestRecord, References};
use tags::retention::Decision;

use crate::retention::scene::{Scene, accessory, digest, entry, fate, policy};

const PREVIEWS: &str = r#"
[[retention]]
tags = ["pr-*"]
keep-within = "14d"
[untagged]
keep-within = "7d"
"#;

fn scene() -> Scene {
    Scene::new(policy("", PREVIEWS))
}

#[test]
fn a_child_is_deleted_with_the_last_index_that_lists_it() {
    let plan = scene()
        .image("backend@ghcr", 1, &[], 60)
        .image("backend@ghcr", 2, &[], 60)
        .index("backend@ghcr", 10, &[1, 2], &["pr-1"], 60)
        .index("backend@ghcr", 11, &[2], &["pr-2"], 1)
        .plan();
    assert_eq!(fate(&plan, "backend@ghcr", 10), "delete expired");
    assert_eq!(fate(&plan, "backend@ghcr", 1), "delete child-of-deleted");
    assert_eq!(fate(&plan, "backend@ghcr", 2), "keep child-of-kept");
    assert_eq!(entry(&plan, "backend@ghcr", 2).reason.message, "listed by pr-2, which is kept");
}

#[test]
fn nested_children_and_their_referrers_are_kept_or_deleted_with_the_whole() {
    let deep = |tag: &'static str, first: u64| {
        move |scene: Scene| {
            scene
                .image("frontend@docr", first, &[], 60)
                .index("frontend@docr", first + 1, &[first], &[], 60)
                .index("frontend@docr", first + 2, &[first + 1], &[tag], 60)
                .referrer("frontend@docr", first + 3, first, 60)
                .index("frontend@docr", first + 4, &[], &[&accessory(first, ".sig")], 60)
                .index("frontend@docr", first + 5, &[first + 6], &[&accessory(first + 2, "")], 60)
                .referrer("frontend@docr", first + 6, first + 2, 60)
        }
    };
    let plan = deep("pr-9", 20)(deep("v1", 10)(scene())).plan();
    for n in 10..17 {
        assert_eq!(entry(&plan, "frontend@docr", n).decision, Decision::Keep, "{n}");
    }
    for n in 20..27 {
        assert_eq!(entry(&plan, "frontend@docr", n).decision, Decision::Delete, "{n}");
    }
    assert_eq!(fate(&plan, "frontend@docr", 24), "delete referrer-of-deleted");
    assert_eq!(fate(&plan, "frontend@docr", 20), "delete child-of-deleted");
    assert_eq!(fate(&plan, "frontend@docr", 14), "keep referrer-of-kept");
}

#[test]
fn a_referrer_whose_subject_is_not_in_the_registry_is_kept() {
    let plan = scene()
        .image("backend@ghcr", 1, &["v1"], 60)
        .image("backend@ghcr", 2, &[&accessory(99, ".sig")], 60)
        .plan();
    assert_eq!(fate(&plan, "backend@ghcr", 2), "keep no-rule");
}

#[test]
fn untagged_manifests_are_deleted_by_age_only_when_a_rule_says_so() {
    let with =
        |days| scene().image("backend@docr", 1, &[], days).image("backend@docr", 2, &["v1"], 9);
    assert_eq!(fate(&with(60).plan(), "backend@docr", 1), "delete untagged-expired");
    assert_eq!(fate(&with(3).plan(), "backend@docr", 1), "keep kept-by-rule");
    assert_eq!(fate(&with(0).plan(), "backend@docr", 1), "keep too-young");
    let none = Scene { policy: policy("", ""), ..with(60) };
    assert_eq!(fate(&none.plan(), "backend@docr", 1), "keep no-rule");
}

#[test]
fn what_a_push_in_progress_brought_is_kept_even_without_a_min_age() {
    let rules = "[untagged]\nkeep-within = \"1s\"\n[protect]\nmin-age = \"0s\"\n";
    let scene = Scene::new(policy("", rules)).image("backend@docr", 1, &[], 0);
    assert_eq!(fate(&scene.plan(), "backend@docr", 1), "keep too-young");
    let later = Scene { now: scene.now + chrono::TimeDelta::hours(2), ..scene };
    assert_eq!(fate(&later.plan(), "backend@docr", 1), "delete untagged-expired");
}

#[test]
fn one_manifest_that_cannot_be_read_keeps_its_whole_repository() {
    let mut scene =
        scene().image("backend@ghcr", 1, &["pr-1"], 60).image("backend@docr", 1, &["pr-1"], 60);
    let mut unread: ManifestRecord = crate::retention::scene::record(2, &["pr-2"], None);
    unread.references = References::Unread;
    scene.at("backend@ghcr").manifests.push(unread);
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@ghcr", 2), "keep unreadable");
    assert_eq!(fate(&plan, "backend@ghcr", 1), "keep partial-coverage");
    assert_eq!(fate(&plan, "backend@docr", 1), "delete expired");
    assert!(!plan.is_whole());
}

#[test]
fn a_manifest_with_a_disputed_tag_is_kept_with_all_it_lists() {
    let mut scene = scene()
        .image("backend@docr", 1, &[], 60)
        .index("backend@docr", 10, &[1], &["pr-1"], 60)
        .image("backend@docr", 11, &["pr-2"], 60);
    for record in &mut scene.at("backend@docr").manifests {
        if record.digest == digest(10) {
            record.agreement = tags::model::TagAgreement::Disputed;
        }
    }
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 10), "keep unreadable");
    assert_eq!(fate(&plan, "backend@docr", 1), "keep child-of-kept");
    assert_eq!(fate(&plan, "backend@docr", 11), "delete expired");
}

#[test]
fn github_is_left_with_one_tagged_manifest() {
    let images = |place| {
        let scene = scene().image(place, 1, &["pr-1"], 60).image(place, 2, &["pr-2"], 50);
        scene.image(place, 3, &["pr-3"], 70).plan()
    };
    let plan = images("backend@ghcr");
    assert_eq!(fate(&plan, "backend@ghcr", 2), "keep last-tagged");
    assert_eq!(fate(&plan, "backend@ghcr", 1), "delete expired");
    assert_eq!(fate(&images("backend@oci"), "backend@oci", 2), "delete expired");
}

#[test]
fn what_an_earlier_run_left_over_is_deleted_unless_something_refers_to_it() {
    let mut scene =
        Scene::new(policy("", "[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"14d\"\n"))
            .image("backend@oci", 1, &[], 60)
            .image("backend@oci", 2, &[], 60)
            .index("backend@oci", 10, &[2], &["v1"], 60)
            .image("backend@oci", 3, &[&accessory(99, ".sig")], 60);
    let at = scene.at("backend@oci");
    at.deleted_earlier = vec![digest(99)];
    at.orphaned = vec![digest(1), digest(2)];
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@oci", 1), "delete child-of-deleted");
    assert_eq!(fate(&plan, "backend@oci", 2), "keep child-of-kept");
    assert_eq!(fate(&plan, "backend@oci", 3), "delete referrer-of-deleted");
}

#[test]
fn a_missing_child_is_reported_and_blocks_nothing() {
    let plan = scene()
        .index("backend@docr", 10, &[98], &["v1"], 60)
        .image("backend@docr", 1, &["pr-1"], 60)
        .plan();
    assert_eq!(fate(&plan, "backend@docr", 1), "delete expired");
    let missing = digest(98).short();
    let warning = format!(
        "registry.digitalocean.com/acme/backend: v1 lists {missing}, which is not in the registry"
    );
    assert!(plan.warnings.contains(&warning), "{:?}", plan.warnings);
}

#[test]
fn tags_by_glob_count_images_and_never_signatures() {
    let rules = "[[retention]]\ntags = [\"*\"]\nkeep-last = 2\n";
    let mut scene = Scene::new(policy("", rules))
        .image("backend@docr", 1, &["a", "b"], 10)
        .image("backend@docr", 2, &["c"], 20)
        .image("backend@docr", 3, &["d"], 30);
    for n in 0..4 {
        scene = scene.image("backend@docr", 50 + n, &[&accessory(1, &format!(".s{n}"))], 5);
    }
    let plan = scene.plan();
    assert_eq!(fate(&plan, "backend@docr", 1), "keep kept-by-rule");
    assert_eq!(fate(&plan, "backend@docr", 2), "keep kept-by-rule");
    assert_eq!(fate(&plan, "backend@docr", 3), "delete expired");
    assert_eq!(fate(&plan, "backend@docr", 50), "keep referrer-of-kept");
}

#[test]
fn a_moving_tag_by_its_name_is_deleted_only_when_a_rule_names_it() {
    let plan = |tags: &str| {
        let rules = format!("[[retention]]\ntags = [{tags}]\nkeep-within = \"1d\"\n");
        Scene::new(policy("", &rules))
            .image("backend@docr", 1, &["latest"], 60)
            .image("backend@docr", 2, &["staging-latest"], 60)
            .image("backend@docr", 3, &["old"], 60)
            .plan()
    };
    let all = plan("\"*\"");
    assert_eq!(fate(&all, "backend@docr", 1), "keep protected-tag");
    assert_eq!(fate(&all, "backend@docr", 2), "keep protected-tag");
    assert_eq!(fate(&all, "backend@docr", 3), "delete expired");
    assert_eq!(
        entry(&all, "backend@docr", 2).reason.message,
        "staging-latest has the name of a moving tag; only a rule that names it in full deletes it"
    );
    assert_eq!(fate(&plan("\"staging-latest\""), "backend@docr", 2), "delete expired");
}
