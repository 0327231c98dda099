//! The retention that the policies in `policies/` promise, held against pipelines made by hand.
//!
//! That the files are valid, and the reference complete, is in `files.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{
    Capabilities, Contents, ContentsCoverage, Digest, FirstSeen, ManifestRecord, PushTimes,
    References, RepositoryContents, Sha, SingleTags, StoredContent, TagAgreement, TagName, TagPush,
};
use tags::policy::{Policy, parse};
use tags::retention::{Decision, Plan, Refusal, RetentionInput, approve, plan};

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// The repositories of a policy under construction.
struct Pipeline {
    policy: Policy,
    contents: Contents,
}

impl Pipeline {
    fn new(text: &str) -> Self {
        let policy = parse("tags.toml", text).unwrap_or_else(|error| panic!("{error}"));
        let repositories = policy.repositories.iter().map(|(repository, image)| {
            let ghcr = repository.host == "ghcr.io";
            let single_tags = if ghcr { SingleTags::Kept } else { SingleTags::Deleted };
            RepositoryContents {
                repository: repository.clone(),
                image: image.clone(),
                capabilities: Capabilities {
                    lists_manifests: true,
                    single_tags,
                    keeps_last_tagged: ghcr,
                    ..Capabilities::default()
                },
                coverage: ContentsCoverage::Complete,
                push_times: if ghcr { PushTimes::OfDigests } else { PushTimes::OfTags },
                manifests: Vec::new(),
                missing: Vec::new(),
                deleted_earlier: Vec::new(),
                orphaned: Vec::new(),
                inconsistencies: Vec::new(),
                stored: StoredContent::default(),
            }
        });
        let repositories = repositories.collect();
        Self { policy, contents: Contents { repositories } }
    }

    /// An image in every repository, pushed so long ago.
    fn image(mut self, tags: &[&str], age: TimeDelta) -> Self {
        let pushed = now() - age;
        for repository in &mut self.contents.repositories {
            let name = format!("{} {tags:?} {pushed}", repository.image);
            let tag =
                |name: &&str| TagPush { name: TagName::parse(name).unwrap(), pushed: Some(pushed) };
            repository.manifests.push(ManifestRecord {
                digest: Digest::of(name.as_bytes()),
                tags: tags.iter().map(tag).collect(),
                pushed: Some(pushed),
                built: None,
                bytes: Some(1 << 20),
                stored: Box::default(),
                references: References::none(),
                agreement: TagAgreement::Agreed,
            });
        }
        self
    }

    /// So many releases, evenly over a time that ends now; the newest has the latest tag.
    fn releases(self, environment: &str, count: i32, over: TimeDelta) -> Self {
        (0..count).fold(self, |pipeline, number| {
            let latest = format!("{environment}-latest");
            let release = release(environment, number);
            let tags = [release.as_str(), latest.as_str()];
            let tags = if number == 0 { &tags[..] } else { &tags[..1] };
            pipeline.image(tags, over * number / count)
        })
    }

    /// The same after a plan was applied.
    fn without(mut self, plan: &Plan) -> Self {
        let gone = plan.entries.iter().filter(|entry| entry.decision == Decision::Delete);
        let gone: BTreeSet<&Digest> = gone.map(|entry| &entry.digest).collect();
        for repository in &mut self.contents.repositories {
            repository.manifests.retain(|record| !gone.contains(&record.digest));
        }
        self
    }

    fn plan(&self) -> Plan {
        plan(&RetentionInput {
            contents: &self.contents,
            policy: &self.policy,
            policy_digest: &Digest::of(b"policy"),
            in_use: &[],
            git: &BTreeMap::new(),
            deployments: &BTreeMap::new(),
            first_seen: &FirstSeen::default(),
            records: &[],
            now: now(),
        })
    }

    fn refusals(&self) -> Vec<Refusal> {
        approve(self.plan(), &self.policy).err().map(|refused| refused.refusals).unwrap_or_default()
    }
}

/// The tag of a release by its number, 0 for the newest.
fn release(environment: &str, number: i32) -> String {
    let commit = Digest::of(format!("{environment} {number}").as_bytes());
    format!("{environment}-{}", Sha::parse(&commit.encoded()[..40]).unwrap())
}

/// How many of the first `count` releases stay; those that do must be the newest, and each must
/// stay or go in all repositories.
fn kept_count(plan: &Plan, environment: &str, count: i32) -> i32 {
    let is_kept = |number: i32| {
        let tag = release(environment, number);
        let copies = plan.entries.iter().filter(|e| e.tags.iter().any(|t| t.as_str() == tag));
        let kept: BTreeSet<bool> = copies.map(|e| e.decision == Decision::Keep).collect();
        assert_eq!(kept.len(), 1, "{tag} is kept in one place and deleted in another");
        kept.contains(&true)
    };
    let kept_count = (0..count).take_while(|number| is_kept(*number)).count();
    let kept_count = i32::try_from(kept_count).unwrap();
    assert!((kept_count..count).all(|number| !is_kept(number)), "an older release is kept");
    kept_count
}

/// What becomes of a tag, everywhere.
fn fate(plan: &Plan, tag: &str) -> String {
    let entries = plan.entries.iter().filter(|e| e.tags.iter().any(|t| t.as_str() == tag));
    let fates: BTreeSet<String> =
        entries.map(|e| format!("{} {}", e.decision.as_str(), e.reason.code)).collect();
    fates.into_iter().collect::<Vec<_>>().join(", ")
}

/// The pipeline of `projectmeats.toml` after so many builds of development in so many days.
fn busy(policy: &str, builds: i32, over: i64) -> Pipeline {
    Pipeline::new(policy)
        .releases("dev", builds, days(over))
        .releases("uat", 60, days(75))
        .releases("prod", 75, days(150))
        .image(&["buildcache"], days(200))
        .image(&["v1.4.0"], days(900))
        .image(&[], days(8))
        .image(&[], days(6))
}

#[test]
fn the_busy_pipeline_comes_down_to_ten_builds_of_dev_and_a_day() {
    let pipeline = busy(&text("projectmeats.toml"), 790, 75);
    let plan = pipeline.plan();
    // Ten by the rule, and one more that is not a day old yet.
    assert_eq!(kept_count(&plan, "dev", 790), 11);
    assert_eq!(kept_count(&plan, "uat", 60), 10);
    // One in two days, for ninety days.
    assert_eq!(kept_count(&plan, "prod", 75), 46);
    for tag in ["buildcache", "v1.4.0"] {
        assert_eq!(fate(&plan, tag), "keep protected-tag");
    }
    let untagged = plan.entries.iter().filter(|entry| entry.tags.is_empty());
    let untagged: Vec<&str> = untagged.map(|entry| entry.reason.code.as_str()).collect();
    let count = |code: &str| untagged.iter().filter(|known| **known == code).count();
    assert_eq!((count("untagged-expired"), count("kept-by-rule")), (4, 4));
}

#[test]
fn its_first_run_is_refused_and_each_step_of_the_comment_passes_when_the_limits_are_raised() {
    let policy = text("projectmeats.toml");
    let first = busy(&policy, 790, 75);
    assert_eq!(first.plan().totals().delete, (779 + 50 + 29 + 1) * 4);
    let refusals = first.refusals();
    assert!(refusals.iter().any(|why| matches!(why, Refusal::TooMany { .. })), "{refusals:?}");
    assert!(refusals.iter().any(|why| matches!(why, Refusal::TooLargeShare { .. })));
    let rule = "[\"dev\", \"uat\"]\nkeep-last = 10";
    let step = policy
        .replacen(rule, &format!("{rule}\nkeep-within = \"60d\""), 1)
        .replace("max-deletions = 500", "max-deletions = 5000");
    assert_ne!(step, policy);
    let step = busy(&step, 790, 75);
    assert_eq!(kept_count(&step.plan(), "dev", 790), 633);
    assert_eq!(step.refusals(), []);
}

#[test]
fn its_nights_pass_the_limits_even_when_three_were_missed() {
    let policy = text("projectmeats.toml");
    for nights in 1..=4 {
        // What a night leaves, and ten builds for each day since.
        let builds = 11 + 10 * nights;
        let before = busy(&policy, 1, 1).plan();
        let pipeline = busy(&policy, builds, 1 + i64::from(nights)).without(&before);
        let deleted = pipeline.plan().totals().delete;
        assert!(deleted >= usize::try_from(nights * 9 * 4).unwrap(), "{deleted} in {nights}");
        // Three manifests each, where there is an index with a platform and an attestation.
        assert!(deleted * 3 <= 500, "{deleted} in {nights}");
        assert_eq!(pipeline.refusals(), [], "{nights}");
    }
}

#[test]
fn the_strict_policy_keeps_long_and_refuses_a_tenth() {
    let pipeline = Pipeline::new(&text("strict.toml"))
        .releases("prod", 120, days(1200))
        .releases("uat", 50, days(1000))
        .releases("dev", 90, days(90))
        .image(&["hold-2019"], days(2000))
        .image(&[], days(700));
    let plan = pipeline.plan();
    assert_eq!(kept_count(&plan, "prod", 120), 74, "730 days");
    assert_eq!(kept_count(&plan, "uat", 50), 30, "thirty, though they are older than 400 days");
    assert_eq!(kept_count(&plan, "dev", 90), 61);
    assert_eq!(fate(&plan, "hold-2019"), "keep protected-tag");
    let untagged = plan.entries.iter().find(|entry| entry.tags.is_empty()).unwrap();
    assert_eq!(untagged.reason.code.as_str(), "no-rule");
    let refusals = pipeline.refusals();
    assert!(refusals.iter().any(|why| matches!(why, Refusal::TooLargeShare { .. })));
    assert_eq!(pipeline.policy.protect.min_age.as_secs(), 7 * 86_400);
}

#[test]
fn previews_go_by_time_and_releases_never() {
    let shared = release("prod", 1000);
    let plan = Pipeline::new(&text("preview-cleanup.toml"))
        .releases("prod", 50, days(500))
        .image(&["pr-7"], days(15))
        .image(&["pr-8-3f2a1bc"], days(13))
        .image(&["preview-spring"], days(29))
        .image(&["preview-autumn"], days(31))
        .image(&["preview-fair", "keep-demo"], days(90))
        .image(&["pr-9", &shared], days(900))
        .image(&["nightly"], days(400))
        .plan();
    assert_eq!(kept_count(&plan, "prod", 50), 50);
    for (tag, wanted) in [
        ("pr-7", "delete expired"),
        ("pr-8-3f2a1bc", "keep kept-by-rule"),
        ("preview-spring", "keep kept-by-rule"),
        ("preview-autumn", "delete expired"),
        ("preview-fair", "keep protected-tag"),
        ("pr-9", "keep digest-shared-with-kept"),
        ("nightly", "keep no-rule"),
    ] {
        assert_eq!(fate(&plan, tag), wanted, "{tag}");
    }
}
