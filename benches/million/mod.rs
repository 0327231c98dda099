//! A world of 1,000,000 tags: 250,000 releases of two images in two registries.
#![expect(clippy::unwrap_used, reason = "the names that are made here are valid")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{
    Capabilities, Contents, ContentsCoverage, Digest, FirstSeen, ManifestRecord, PushTimes,
    References, RepositoryContents, SingleTags, StoredContent, TagAgreement, TagName, TagPush,
};
use tags::policy::Policy;
use tags::retention::RetentionInput;

pub(crate) const RELEASES: usize = 250_000;

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

pub(crate) fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn digest(number: usize) -> Digest {
    Digest::of(&number.to_le_bytes())
}

/// Calls with the input of a decision over all tags.
pub(crate) fn with_input<T>(
    policy: &Policy,
    contents: &Contents,
    call: impl FnOnce(&RetentionInput<'_>) -> T,
) -> T {
    call(&RetentionInput {
        contents,
        policy,
        policy_digest: &digest(0),
        in_use: &[],
        git: &BTreeMap::new(),
        deployments: &BTreeMap::new(),
        first_seen: &FirstSeen::default(),
        records: &[],
        now: now(),
    })
}

/// One release every five minutes; the latest tags point to the newest.
pub(crate) fn contents(policy: &Policy) -> Contents {
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
                stored: StoredContent::default(),
                missing: Vec::new(),
                deleted_earlier: Vec::new(),
                orphaned: Vec::new(),
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
        stored: Box::default(),
        references: References::none(),
        agreement: TagAgreement::Agreed,
    }
}

pub(crate) fn policy() -> Policy {
    tags::policy::parse("tags.toml", POLICY).unwrap()
}
