//! The decision over 1,000,000 tags: 250,000 releases of two images in two registries. Divide
//! `max alloc` by a million for bytes a tag: of the contents that are read, of what deciding takes
//! besides, and of a plan that names each manifest.
#![expect(clippy::unwrap_used, reason = "the names that are made here are valid")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use divan::{AllocProfiler, Bencher, black_box};
use tags::model::{
    Capabilities, Contents, ContentsCoverage, Digest, FirstSeen, ManifestRecord, PushTimes,
    References, RepositoryContents, SingleTags, TagAgreement, TagName, TagPush,
};
use tags::policy::Policy;
use tags::retention::{RetentionInput, plan, totals};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const RELEASES: usize = 250_000;

const POLICY: &str = r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
[registry.ghcr]
kind = "ghcr"
namespace = "acme"
[image.backend]
repositories = { docr = "backend", ghcr = "backend" }
[image.frontend]
repositories = { docr = "frontend", ghcr = "frontend" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
[[retention]]
environments = ["prod"]
keep-last = 20
keep-within = "90d"
[[retention]]
tags = ["pr-*"]
keep-within = "14d"
"#;

fn main() {
    divan::main();
}

fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn digest(number: usize) -> Digest {
    Digest::of(&number.to_le_bytes())
}

/// One release every five minutes; the latest tags stand on the newest.
fn contents(policy: &Policy) -> Contents {
    let repositories =
        policy.repositories.iter().enumerate().map(|(place, (repository, image))| {
            let ghcr = repository.registry.as_str() == "ghcr";
            let single_tags = if ghcr { SingleTags::Kept } else { SingleTags::Deleted };
            RepositoryContents {
                repository: repository.clone(),
                image: image.clone(),
                capabilities: Capabilities {
                    single_tags,
                    keeps_last_tagged: ghcr,
                    ..Capabilities::default()
                },
                coverage: ContentsCoverage::Complete,
                push_times: if ghcr { PushTimes::OfDigests } else { PushTimes::OfTags },
                manifests: (0..RELEASES).map(|release| record(place, release)).collect(),
                inconsistencies: Vec::new(),
                gone: Vec::new(),
                deleted_before: Vec::new(),
                abandoned: Vec::new(),
            }
        });
    Contents { repositories: repositories.collect() }.sorted()
}

fn record(place: usize, release: usize) -> ManifestRecord {
    let sha = &digest(release).encoded()[..40].to_owned();
    let minutes = i64::try_from(release).unwrap() * 5 + 2 * 24 * 60;
    let pushed = Some(now() - TimeDelta::minutes(minutes));
    let tag = |name: &str| TagPush { name: TagName::parse(name).unwrap(), pushed };
    let latest = (release == 0).then(|| tag("prod-latest"));
    ManifestRecord {
        digest: digest(RELEASES * (place + 1) + release),
        tags: std::iter::once(tag(&format!("prod-{sha}"))).chain(latest).collect(),
        pushed,
        built: None,
        bytes: Some(50 << 20),
        references: References::none(),
        agreement: TagAgreement::Agreed,
    }
}

fn policy() -> Policy {
    tags::policy::parse("tags.toml", POLICY).unwrap()
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn contents_of_a_million_tags(bencher: Bencher<'_, '_>) {
    let policy = policy();
    bencher.bench_local(|| contents(black_box(&policy)));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn decision_over_a_million_tags(bencher: Bencher<'_, '_>) {
    measure(bencher, |input| assert!(totals(input).delete > 800_000));
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn plan_that_names_a_million_tags(bencher: Bencher<'_, '_>) {
    measure(bencher, |input| drop(black_box(plan(input))));
}

fn measure(bencher: Bencher<'_, '_>, act: impl Fn(&RetentionInput<'_>)) {
    let policy = policy();
    let contents = contents(&policy);
    let (policy_digest, git) = (digest(0), BTreeMap::new());
    let input = RetentionInput {
        contents: &contents,
        policy: &policy,
        policy_digest: &policy_digest,
        in_use: &[],
        git: &git,
        first_seen: &FirstSeen::default(),
        now: now(),
    };
    bencher.bench_local(|| act(black_box(&input)));
}
