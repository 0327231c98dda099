//! What holds of every plan, whatever the registries hold and the policy says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use tags::model::{
    ContentsCoverage, GitHistory, References, Repository, TagAgreement, TagName, is_plausible,
};
use tags::releases::{CurrentQuestion, Step, TimelineInput, current, steps_back, timeline};
use tags::retention::{Decision, KeepCode, Plan, PlanEntry, ReasonCode};

use crate::retention::drawn::{Rules, scene};
use crate::retention::scene::Scene;
use crate::retention::seen::{after, deleted, inventory, lost, of, reached, reversed};

/// Many cases always, and more where `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default().cases;
    ProptestConfig { cases: asked.max(10_000), ..ProptestConfig::default() }
}

fn believed(time: Option<DateTime<Utc>>, scene: &Scene) -> Option<DateTime<Utc>> {
    time.filter(|time| is_plausible(*time, scene.now))
}

fn nothing_kept_reaches_what_is_deleted(scene: &Scene, plan: &Plan) -> Result<(), TestCaseError> {
    let gone = deleted(plan);
    for contents in &scene.contents.repositories {
        let kept = contents
            .manifests
            .iter()
            .map(|record| record.digest.clone())
            .filter(|digest| !gone.contains(&(contents.repository.clone(), digest.clone())))
            .collect();
        for digest in reached(contents, kept) {
            prop_assert!(
                !gone.contains(&(contents.repository.clone(), digest.clone())),
                "{digest} is reached in {}",
                contents.repository
            );
        }
    }
    Ok(())
}

fn every_manifest_is_in_the_plan_once_and_a_decision_fits_its_reason(
    scene: &Scene,
    plan: &Plan,
) -> Result<(), TestCaseError> {
    let count: usize = scene.contents.repositories.iter().map(|r| r.manifests.len()).sum();
    prop_assert_eq!(plan.entries.len(), count);
    let places: BTreeSet<_> =
        plan.entries.iter().map(|entry| (&entry.repository, &entry.digest)).collect();
    prop_assert_eq!(places.len(), count);
    for entry in &plan.entries {
        let goes = matches!(entry.reason.code, ReasonCode::Delete(_));
        prop_assert_eq!(goes, entry.decision == Decision::Delete);
        prop_assert!(!entry.reason.message.is_empty());
        if let Decision::Untag(tags) = &entry.decision {
            prop_assert!(!tags.is_empty() && tags.len() < entry.tags.len());
            prop_assert!(tags.iter().all(|tag| entry.tags.contains(tag)));
            prop_assert!(entry.repository.registry.as_str() != "ghcr");
            prop_assert_eq!(entry.reason.code, ReasonCode::Keep(KeepCode::DigestSharedWithKept));
        }
    }
    Ok(())
}

fn latest_tags_protected_ones_and_what_no_rule_names_are_kept(
    plan: &Plan,
) -> Result<(), TestCaseError> {
    for entry in &plan.entries {
        for tag in lost(entry) {
            let tag = tag.as_str();
            prop_assert!(!tag.ends_with("-latest") && !tag.starts_with('v'), "{tag} is deleted");
            prop_assert!(tag != "buildcache" && !tag.contains("0000005"), "{tag} is deleted");
        }
    }
    Ok(())
}

fn a_release_is_deleted_from_all_its_places_or_from_none(plan: &Plan) -> Result<(), TestCaseError> {
    let mut fates: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for entry in &plan.entries {
        let lost = lost(entry);
        for tag in &entry.tags {
            let name = tag.as_str();
            if (name.starts_with("prod-") || name.starts_with("dev-")) && !name.ends_with("latest")
                // Dev is not in this registry, so that there the tag is anybody's.
                && !(name.starts_with("dev-") && entry.repository.registry.as_str() == "oci")
            {
                fates.entry(name.to_owned()).or_default().insert(lost.contains(tag));
            }
        }
    }
    for (tag, fate) in fates {
        prop_assert_eq!(fate.len(), 1, "{} is deleted in one place and kept in another", tag);
    }
    Ok(())
}

fn what_a_rollback_could_go_to_is_kept(
    rules: &Rules,
    scene: &Scene,
    plan: &Plan,
) -> Result<(), TestCaseError> {
    let going: BTreeSet<(Repository, TagName)> = plan
        .entries
        .iter()
        .flat_map(|entry| lost(entry).into_iter().map(|tag| (entry.repository.clone(), tag)))
        .collect();
    for environment in scene.policy.environments.values() {
        let inventory = inventory(scene, environment);
        let git = GitHistory::default();
        let input = TimelineInput { environment, inventory: &inventory, git: &git, now: scene.now };
        let timeline = timeline(&input);
        let Ok(now) = current(environment, &inventory, &timeline, CurrentQuestion::LatestTags)
        else {
            continue;
        };
        let here = &timeline.releases()[now.index];
        let candidates = steps_back(environment, &timeline, now.index).into_iter().filter_map(
            |step| match step {
                Step::Candidate(release) => Some(release),
                _ => None,
            },
        );
        let older = timeline
            .releases()
            .iter()
            .enumerate()
            .filter(|(index, release)| {
                release.is_complete() && timeline.is_older(*index, now.index)
            })
            .map(|(_, release)| release);
        let depth = usize::from(rules.depth);
        let floor = candidates.take(depth).chain(older.take(depth));
        for release in std::iter::once(here).chain(floor) {
            for copy in release.copies.values().filter(|copy| copy.digest().is_some()) {
                let at = copy.reference();
                prop_assert!(
                    !going.contains(&(at.repository.clone(), at.tag.clone())),
                    "{at} would go"
                );
            }
        }
    }
    Ok(())
}

fn what_is_uncertain_is_kept(scene: &Scene, plan: &Plan) -> Result<(), TestCaseError> {
    for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
        let contents = of(&scene.contents, &entry.repository);
        prop_assert_eq!(&contents.coverage, &ContentsCoverage::Complete);
        prop_assert!(
            contents.manifests.iter().all(|record| record.references != References::Unread)
        );
        let record = contents.manifests.iter().find(|record| record.digest == entry.digest);
        let record = record.expect("planned from it");
        prop_assert_eq!(record.agreement, TagAgreement::Agreed);
        let time = believed(record.pushed.or(record.built), scene);
        if record.pushed.or(record.built).is_some()
            || entry.tags.iter().any(|tag| !tag.is_accessory())
        {
            prop_assert!(time.is_some(), "{} has no time", entry.digest);
        }
        let min_age = TimeDelta::from_std(scene.policy.protect.min_age).expect("short");
        prop_assert!(time.is_none_or(|time| scene.now - time >= min_age));
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_holds_of_every_plan((rules, scene) in scene()) {
        let plan = scene.plan();
        nothing_kept_reaches_what_is_deleted(&scene, &plan)?;
        every_manifest_is_in_the_plan_once_and_a_decision_fits_its_reason(&scene, &plan)?;
        latest_tags_protected_ones_and_what_no_rule_names_are_kept(&plan)?;
        a_release_is_deleted_from_all_its_places_or_from_none(&plan)?;
        what_a_rollback_could_go_to_is_kept(&rules, &scene, &plan)?;
        what_is_uncertain_is_kept(&scene, &plan)?;
    }

    #[test]
    fn the_order_of_the_input_changes_nothing((_, scene) in scene()) {
        let (plan, other) = (scene.plan(), reversed(&scene).plan());
        prop_assert_eq!(plan.totals(), scene.totals());
        prop_assert_eq!(plan.entries, other.entries);
        prop_assert_eq!(plan.coverage, other.coverage);
        prop_assert_eq!(plan.warnings, other.warnings);
    }

    #[test]
    fn deciding_again_after_an_apply_deletes_nothing((_, scene) in scene()) {
        let plan = scene.plan();
        let again = after(&scene, &plan).plan();
        prop_assert!(again.entries.iter().all(|entry| entry.decision == Decision::Keep),
            "{:#?}", again.entries.iter().filter(|e| e.decision != Decision::Keep).collect::<Vec<_>>());
    }

    #[test]
    fn a_stricter_policy_never_deletes_less((rules, mut scene) in scene()) {
        // Which manifest GitHub would be left with as the last may be another.
        for repository in &mut scene.contents.repositories {
            repository.capabilities.keeps_last_tagged = false;
        }
        let plan = scene.plan();
        let strict = Scene { policy: rules.stricter().policy(), ..scene }.plan();
        for (repository, digest) in deleted(&plan).difference(&deleted(&strict)) {
            let of = |plan: &Plan| {
                let mut entries = plan.entries.iter();
                let is_it = |e: &&PlanEntry| e.repository == *repository && e.digest == *digest;
                entries.find(is_it).map(|entry| entry.reason.clone())
            };
            prop_assert!(false, "{digest} is deleted by {:?} and kept by {:?}", of(&plan), of(&strict));
        }
    }
}
