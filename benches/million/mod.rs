//! Worlds of up to millions of tags: the releases of two images in two registries.
#![expect(clippy::unwrap_used, reason = "the names that are made here are valid")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{
    Capabilities, Contents, ContentsCoverage, Digest, FirstSeen, ManifestRecord, PushTimes,
    References, RepositoryContents, SingleTags, StoredContent, TagAgreement, TagName, TagPush,
};
use tags::policy::Policy;
use tags::retention::RetentionInput;

/// Two images in two registries.
const PLACES: usize = 4;
/// The time between the first release and the last, in minutes: about two years and a half.
const MINUTES: usize = 1_250_000;

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
    DateTime::from_timestamp(1_782_907_200, 0).unwrap() // 2026-07-01T12:00:00Z
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

/// What registries answer about the tags: texts, which are to be read.
pub(crate) struct Answers {
    /// By release: its SHA tag.
    tags: Vec<String>,
    /// By place and release.
    digests: Vec<String>,
}

pub(crate) fn answers(tags: usize) -> Answers {
    let releases = tags / PLACES;
    let tag = |release: usize| format!("prod-{}", &digest(release).encoded()[..40]);
    Answers {
        tags: (0..releases).map(tag).collect(),
        digests: (releases..releases + tags).map(|number| digest(number).to_string()).collect(),
    }
}

/// Releases at equal intervals; the latest tags point to the newest.
pub(crate) fn contents(policy: &Policy, answers: &Answers) -> Contents {
    let releases = answers.tags.len();
    let repositories =
        policy.repositories.iter().enumerate().map(|(place, (repository, image))| {
            let ghcr = repository.registry.as_str() == "ghcr";
            let single_tags = if ghcr { SingleTags::Kept } else { SingleTags::Deleted };
            let digests = &answers.digests[place * releases..(place + 1) * releases];
            let named = answers.tags.iter().zip(digests).enumerate();
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
                manifests: named
                    .map(|(release, named)| record(release * MINUTES / releases, named))
                    .collect(),
                inconsistencies: Vec::new(),
                stored: StoredContent::default(),
                missing: Vec::new(),
                deleted_earlier: Vec::new(),
                orphaned: Vec::new(),
            }
        });
    Contents { repositories: repositories.collect() }.sorted()
}

fn record(minutes: usize, (name, digest): (&String, &String)) -> ManifestRecord {
    // The newest is two days old.
    let age = TimeDelta::days(2) + TimeDelta::minutes(i64::try_from(minutes).unwrap());
    let pushed = Some(now() - age);
    let tag = |name: &str| TagPush { name: TagName::parse(name).unwrap(), pushed };
    let tags = if minutes == 0 { vec![tag(name), tag("prod-latest")] } else { vec![tag(name)] };
    ManifestRecord {
        digest: Digest::parse(digest).unwrap(),
        tags: tags.into(),
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
