//! What holds of every plan, whatever the registries hold and the policy says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use tags::history::{CurrentQuestion, Step, TimelineInput, current, steps_back, timeline};
use tags::model::{
    Claim, Contents, Coverage, Digest, GitHistory, Inventory, Links, Place, Reach, Repository,
    RepositoryContents, RepositoryInventory, TagKind, TagName, TagPush, TagRecord, TagState,
    is_plausible,
};
use tags::policy::{Environment, Policy};
use tags::retention::{Decision, InUseReference, KeepCode, Plan, PlanEntry, ReasonCode};

use crate::scene::{Scene, accessory, days_ago, digest, policy, record, tag, unread};

/// Many cases always, and more where `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default().cases;
    ProptestConfig { cases: asked.max(10_000), ..ProptestConfig::default() }
}

/// One manifest as drawn; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
struct Drawn {
    number: u64,
    tags: Vec<u8>,
    days: Option<i16>,
    children: Vec<u64>,
    subject: Option<u64>,
    strange: u8,
}

const MANIFESTS: u64 = 14;

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        0..MANIFESTS,
        prop::collection::vec(0u8..44, 0..4),
        prop_oneof![12 => (0i16..200).prop_map(Some), 1 => Just(None), 1 => Just(Some(-30)), 1 => Just(Some(20_000))],
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0..MANIFESTS, 1..4)],
        prop::option::weighted(0.15, 0..MANIFESTS),
        0u8..60,
    )
        .prop_map(|(number, tags, days, children, subject, strange)| Drawn {
            number,
            tags,
            days,
            children,
            subject,
            strange,
        })
}

/// A tag by its number: SHA tags of both environments, latest tags, accessories, others.
fn tag_text(number: u8) -> String {
    match number {
        0..=15 => format!("prod-{:07x}", number % 8),
        16..=27 => format!("dev-{:07x}", number % 6),
        28 | 29 => "prod-latest".to_owned(),
        30 => "dev-latest".to_owned(),
        31..=34 => accessory(u64::from(number - 31) * 3, ""),
        35 | 36 => accessory(u64::from(number - 35) * 2, ".sig"),
        37 => "v1.0".to_owned(),
        38 => "buildcache".to_owned(),
        _ => format!("pr-{number}"),
    }
}

fn fill(repository: &mut RepositoryContents, manifests: &[Drawn]) {
    let mut tags = BTreeSet::new();
    for drawn in manifests {
        if repository.manifests.iter().any(|known| known.digest == digest(drawn.number)) {
            continue;
        }
        let pushed = drawn.days.map(|days| days_ago(i64::from(days)));
        let mut record = record(drawn.number, &[], pushed);
        let fresh = |text: &String| tags.insert(text.clone());
        let names: Vec<String> = drawn.tags.iter().map(|n| tag_text(*n)).filter(fresh).collect();
        record.tags = names.iter().map(|name| TagPush { name: tag(name), pushed: None }).collect();
        let other = |number: &u64| *number != drawn.number;
        record.links = Links::Read {
            children: drawn.children.iter().filter(|n| other(n)).map(|n| digest(*n)).collect(),
            subject: drawn.subject.filter(|n| other(n)).map(digest),
        };
        match drawn.strange {
            0 => record.links = Links::Unread,
            1 => record.claim = Claim::Disputed,
            _ => {}
        }
        repository.manifests.push(record);
    }
}

/// Rules from a few numbers.
#[derive(Debug, Clone)]
struct Rules {
    keep_last: u8,
    keep_within: u8,
    tags: u8,
    untagged: u8,
    depth: u8,
    min_age: u8,
    same_digest: bool,
}

impl Rules {
    /// The policy of these numbers. It is read once, and changed for each case.
    fn policy(&self) -> Policy {
        static BASE: OnceLock<Policy> = OnceLock::new();
        let base = BASE.get_or_init(|| {
            let rules = "[[retention]]\nenvironments = [\"prod\", \"dev\"]\nkeep-last = 1\n\
                [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 1\n\
                [protect]\ntags = [\"v*\"]\nshas = [\"0000005\"]\n";
            policy("bad-shas = [\"0000003\"]", rules)
        });
        let mut policy = base.clone();
        let days = |days: u8| Duration::from_hours(24 * u64::from(days));
        policy.retention[0].keep_last = Some(self.keep_last.into());
        policy.retention[0].keep_within = Some(days(self.keep_within + 1));
        policy.retention[1].keep_last = Some(u32::from(self.tags % 3));
        policy.retention[1].keep_within = Some(days(self.tags));
        policy.retention.truncate(if self.tags > 0 { 2 } else { 1 });
        policy.untagged_keep_within = (self.untagged > 0).then(|| days(self.untagged));
        policy.protect.rollback_depth = self.depth.into();
        policy.protect.min_age = Duration::from_hours(self.min_age.into());
        for environment in policy.environments.values_mut() {
            environment.same_digest = self.same_digest;
        }
        policy
    }

    /// The same with less kept by rules.
    fn stricter(&self) -> Self {
        Self {
            keep_last: self.keep_last / 2,
            keep_within: self.keep_within / 2,
            untagged: if self.untagged > 0 { self.untagged.div_ceil(2) } else { 0 },
            ..self.clone()
        }
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    (0u8..5, 0u8..150, 0u8..60, 0u8..40, 0u8..4, 0u8..72, any::<bool>()).prop_map(
        |(keep_last, keep_within, tags, untagged, depth, min_age, same_digest)| Rules {
            keep_last,
            keep_within,
            tags,
            untagged,
            depth,
            min_age,
            same_digest,
        },
    )
}

fn scene() -> impl Strategy<Value = (Rules, Scene)> {
    let manifests = prop::collection::vec(prop::collection::vec(drawn(), 0..12), 5);
    (rules(), manifests, 0u8..40, prop::option::weighted(0.2, (0usize..5, 0..MANIFESTS))).prop_map(
        |(rules, manifests, reach, in_use)| {
            let mut scene = Scene::new(rules.policy());
            let repositories = &mut scene.contents.repositories;
            for (repository, drawn) in repositories.iter_mut().zip(&manifests) {
                fill(repository, drawn);
            }
            match reach {
                0..=4 => repositories[usize::from(reach)].reach = Reach::Unlisted(unread("cut")),
                5..=9 => {
                    repositories[usize::from(reach - 5)].reach =
                        Reach::ManifestsUnread(unread("one"));
                }
                _ => {}
            }
            if let Some((place, number)) = in_use {
                let repository = repositories[place].repository.clone();
                let digest = Some(digest(number));
                let text = "in use".to_owned();
                scene.in_use.push(InUseReference { text, repository, tag: None, digest });
            }
            (rules, scene)
        },
    )
}

fn deleted(plan: &Plan) -> BTreeSet<(Repository, Digest)> {
    let going = plan.entries.iter().filter(|entry| entry.decision == Decision::Delete);
    going.map(|entry| (entry.repository.clone(), entry.digest.clone())).collect()
}

/// The tags that a plan takes away from an entry.
fn lost(entry: &PlanEntry) -> Vec<TagName> {
    match &entry.decision {
        Decision::Keep => Vec::new(),
        Decision::Untag(tags) => tags.clone(),
        Decision::Delete => entry.tags.clone(),
    }
}

/// All that some manifests of a repository reach: children, subjects, and what is about them.
fn reached(contents: &RepositoryContents, roots: BTreeSet<Digest>) -> BTreeSet<Digest> {
    let about = |a: &tags::model::ManifestRecord, b: &Digest| {
        let by_tag = a.tags.iter().any(|tag| {
            tag.name.as_str().starts_with(&format!("{}-{}", b.algorithm(), b.encoded()))
        });
        by_tag || a.links.subject() == Some(b)
    };
    let is_there = |digest: &Digest| contents.manifests.iter().any(|r| r.digest == *digest);
    let mut reached = roots;
    loop {
        let before = reached.len();
        for record in &contents.manifests {
            if reached.contains(&record.digest) {
                reached.extend(record.links.children().iter().filter(|d| is_there(d)).cloned());
                let subjects = contents.manifests.iter().filter(|b| about(record, &b.digest));
                reached.extend(subjects.map(|subject| subject.digest.clone()));
            } else if reached.iter().any(|digest| about(record, digest)) {
                reached.insert(record.digest.clone());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The places of an environment with what they hold, as history sees them.
fn inventory(scene: &Scene, environment: &Environment) -> Inventory {
    let mut repositories = BTreeMap::new();
    for (image, settings) in &environment.images {
        for (registry, repository) in &settings.repositories {
            let place = Place { image: image.clone(), registry: registry.clone() };
            let contents = of(&scene.contents, repository);
            let mut tags = BTreeMap::new();
            for record in &contents.manifests {
                for tag in &record.tags {
                    if environment.scheme.classify(&tag.name) == TagKind::Foreign {
                        continue;
                    }
                    let digest = record.digest.clone();
                    let read = TagRecord { digest, pushed: record.pushed, built: None };
                    tags.insert(tag.name.clone(), TagState::Read(read));
                }
            }
            let repository = repository.clone();
            let read = RepositoryInventory { repository, coverage: Coverage::Complete, tags };
            repositories.insert(place, read);
        }
    }
    Inventory { environment: environment.name.clone(), repositories }
}

fn of<'a>(contents: &'a Contents, repository: &Repository) -> &'a RepositoryContents {
    let found = contents.repositories.iter().find(|known| known.repository == *repository);
    found.expect("a repository of the policy")
}

/// What is left after a plan was carried out.
fn after(scene: &Scene, plan: &Plan) -> Scene {
    let mut scene = scene.clone();
    for entry in &plan.entries {
        let lost = lost(entry);
        let contents = &mut scene.contents.repositories;
        let repository =
            contents.iter_mut().find(|known| known.repository == entry.repository).expect("known");
        if entry.decision == Decision::Delete {
            repository.manifests.retain(|record| record.digest != entry.digest);
        }
        for record in &mut repository.manifests {
            if record.digest == entry.digest {
                let mut tags = record.tags.to_vec();
                tags.retain(|tag| !lost.contains(&tag.name));
                record.tags = tags.into();
            }
        }
    }
    scene
}

fn reversed(scene: &Scene) -> Scene {
    let mut scene = scene.clone();
    scene.contents.repositories.reverse();
    for repository in &mut scene.contents.repositories {
        repository.manifests.reverse();
        for record in &mut repository.manifests {
            record.tags.reverse();
        }
    }
    scene
}

fn believed(time: Option<DateTime<Utc>>, scene: &Scene) -> Option<DateTime<Utc>> {
    time.filter(|time| is_plausible(*time, scene.now))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_kept_reaches_what_goes((_, scene) in scene()) {
        let plan = scene.plan();
        let gone = deleted(&plan);
        for contents in &scene.contents.repositories {
            let kept = contents.manifests.iter().map(|record| record.digest.clone())
                .filter(|digest| !gone.contains(&(contents.repository.clone(), digest.clone())))
                .collect();
            for digest in reached(contents, kept) {
                prop_assert!(!gone.contains(&(contents.repository.clone(), digest.clone())),
                    "{digest} is reached in {}", contents.repository);
            }
        }
    }

    #[test]
    fn every_manifest_is_in_the_plan_once_and_a_decision_fits_its_reason((_, scene) in scene()) {
        let plan = scene.plan();
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
    }

    #[test]
    fn latest_tags_protected_ones_and_what_no_rule_names_stay((_, scene) in scene()) {
        for entry in &scene.plan().entries {
            for tag in lost(entry) {
                let tag = tag.as_str();
                prop_assert!(!tag.ends_with("-latest") && !tag.starts_with('v'), "{tag} went");
                prop_assert!(tag != "buildcache" && !tag.contains("0000005"), "{tag} went");
            }
        }
    }

    #[test]
    fn a_release_goes_from_all_its_places_or_from_none((_, scene) in scene()) {
        let plan = scene.plan();
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
            prop_assert_eq!(fate.len(), 1, "{} goes here and stays there", tag);
        }
    }

    #[test]
    fn what_a_rollback_would_take_stays((rules, scene) in scene()) {
        let plan = scene.plan();
        let going: BTreeSet<(Repository, TagName)> = plan.entries.iter()
            .flat_map(|entry| lost(entry).into_iter().map(|tag| (entry.repository.clone(), tag)))
            .collect();
        for environment in scene.policy.environments.values() {
            let inventory = inventory(&scene, environment);
            let git = GitHistory::default();
            let input = TimelineInput { environment, inventory: &inventory, git: &git, now: scene.now };
            let timeline = timeline(&input);
            let Ok(now) = current(environment, &inventory, &timeline, CurrentQuestion::Unsaid) else { continue };
            let here = &timeline.releases()[now.index];
            let candidates = steps_back(environment, &timeline, now.index).into_iter()
                .filter_map(|step| match step { Step::Candidate(release) => Some(release), _ => None });
            let older = timeline.releases().iter().enumerate()
                .filter(|(index, release)| release.is_complete() && timeline.is_older(*index, now.index))
                .map(|(_, release)| release);
            let depth = usize::from(rules.depth);
            let floor = candidates.take(depth).chain(older.take(depth));
            for release in std::iter::once(here).chain(floor) {
                for copy in release.copies.values().filter(|copy| copy.digest().is_some()) {
                    let at = copy.reference();
                    prop_assert!(!going.contains(&(at.repository.clone(), at.tag.clone())),
                        "{at} would go");
                }
            }
        }
    }

    #[test]
    fn any_doubt_keeps((_, scene) in scene()) {
        let plan = scene.plan();
        for entry in plan.entries.iter().filter(|entry| entry.decision != Decision::Keep) {
            let contents = of(&scene.contents, &entry.repository);
            prop_assert_eq!(&contents.reach, &Reach::Whole);
            prop_assert!(contents.manifests.iter().all(|record| record.links != Links::Unread));
            let record = contents.manifests.iter().find(|record| record.digest == entry.digest);
            let record = record.expect("planned from it");
            prop_assert_eq!(record.claim, Claim::Agreed);
            let time = believed(record.pushed, &scene);
            if record.pushed.is_some() || entry.tags.iter().any(|tag| !tag.is_accessory()) {
                prop_assert!(time.is_some(), "{} has no time", entry.digest);
            }
            let min_age = TimeDelta::from_std(scene.policy.protect.min_age).expect("short");
            prop_assert!(time.is_none_or(|time| scene.now - time >= min_age));
        }
    }

    #[test]
    fn the_order_of_the_input_changes_nothing((_, scene) in scene()) {
        let (plan, other) = (scene.plan(), reversed(&scene).plan());
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
    fn a_stricter_policy_never_deletes_less((rules, scene) in scene()) {
        let plan = scene.plan();
        let strict = Scene { policy: rules.stricter().policy(), ..scene }.plan();
        // Which manifest GitHub is left with as the last one may be another.
        let last = |entry: &&PlanEntry| entry.reason.code == ReasonCode::Keep(KeepCode::LastTagged);
        prop_assume!(strict.entries.iter().find(last).is_none());
        prop_assert!(deleted(&plan).is_subset(&deleted(&strict)));
    }
}
