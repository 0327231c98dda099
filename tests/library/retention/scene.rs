//! Contents from a few words: manifests by number, tags by name, times in days before now.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{
    Capabilities, Contents, ContentsCoverage, Deployments, Digest, EnvironmentName, FirstSeen,
    GitHistory, ImageName, ManifestRecord, PushTimes, References, ReleaseRecord, Repository,
    RepositoryContents, SingleTags, StoredContent, TagAgreement, TagPush, Unread, UnreadCause,
};
use tags::policy::{self, Policy};
use tags::retention::{EntryTotals, InUseReference, Plan, PlanEntry, RetentionInput, plan, totals};

use crate::support::tag;

pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

pub(crate) fn now() -> DateTime<Utc> {
    static READ: LazyLock<DateTime<Utc>> = LazyLock::new(|| NOW.parse().expect("a date"));
    *READ
}

pub(crate) fn days_ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

/// The digest of a manifest by its number. Those of low numbers are computed once: many thousand
/// drawn scenes ask for them.
pub(crate) fn digest(number: u64) -> Digest {
    static KNOWN: LazyLock<Vec<Digest>> = LazyLock::new(|| (0..64).map(computed).collect());
    let known = usize::try_from(number).ok().and_then(|number| KNOWN.get(number));
    known.cloned().unwrap_or_else(|| computed(number))
}

fn computed(number: u64) -> Digest {
    Digest::of(format!("manifest {number}").as_bytes())
}

/// The tag of a referrer of another manifest.
pub(crate) fn accessory(number: u64, suffix: &str) -> String {
    format!("sha256-{}{suffix}", digest(number).encoded())
}

/// Two environments, two images, and a registry of each kind; `rules` go behind.
pub(crate) fn policy(environment: &str, rules: &str) -> Policy {
    let text = format!(
        r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
[registry.ghcr]
kind = "ghcr"
namespace = "acme"
[registry.oci]
kind = "oci"
url = "https://registry.example"
[image.backend]
repositories = {{ docr = "backend", ghcr = "backend", oci = "backend" }}
[image.frontend]
repositories = {{ docr = "frontend", ghcr = "frontend" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
{environment}
[environment.dev]
sha-tag = "dev-{{sha}}"
latest-tag = "dev-latest"
registries = ["docr", "ghcr"]
{rules}
"#
    );
    match policy::parse("scene.toml", &text) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// What was read, under construction.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) policy: Policy,
    pub(crate) contents: Contents,
    pub(crate) in_use: Vec<InUseReference>,
    pub(crate) deployments: BTreeMap<EnvironmentName, Deployments>,
    pub(crate) records: Vec<ReleaseRecord>,
    pub(crate) now: DateTime<Utc>,
}

impl Scene {
    /// Empty repositories of a policy.
    pub(crate) fn new(policy: Policy) -> Self {
        let repositories = policy
            .repositories
            .iter()
            .map(|(repository, image)| empty(repository, image))
            .collect();
        Self {
            policy,
            contents: Contents { repositories },
            in_use: Vec::new(),
            deployments: BTreeMap::new(),
            records: Vec::new(),
            now: now(),
        }
    }

    /// A repository by its place: `backend@docr`.
    pub(crate) fn at(&mut self, place: &str) -> &mut RepositoryContents {
        let (image, registry) = place.split_once('@').expect("image@registry");
        let found = self.contents.repositories.iter_mut().find(|repository| {
            repository.image.as_str() == image
                && repository.repository.registry.as_str() == registry
        });
        found.expect("a repository of the policy")
    }

    /// Puts a manifest into a repository, its time where that registry has it.
    fn put(&mut self, place: &str, record: ManifestRecord) {
        let repository = self.at(place);
        repository.manifests.push(dated(record, repository.push_times));
    }

    /// An image with tags, pushed so many days ago.
    pub(crate) fn image(mut self, place: &str, number: u64, tags: &[&str], days: i64) -> Self {
        self.put(place, record(number, tags, Some(days_ago(days))));
        self
    }

    /// An index of other manifests.
    pub(crate) fn index(
        mut self,
        place: &str,
        number: u64,
        children: &[u64],
        tags: &[&str],
        days: i64,
    ) -> Self {
        let children = children.iter().map(|child| digest(*child)).collect();
        let references = References::Read { children, subject: None };
        let record = record(number, tags, Some(days_ago(days)));
        self.put(place, ManifestRecord { references, ..record });
        self
    }

    /// A referrer of another manifest.
    pub(crate) fn referrer(mut self, place: &str, number: u64, subject: u64, days: i64) -> Self {
        let references =
            References::Read { children: Box::default(), subject: Some(digest(subject)) };
        let record = record(number, &[], Some(days_ago(days)));
        self.put(place, ManifestRecord { references, ..record });
        self
    }

    /// The same image of a release in all places of an environment with these registries.
    pub(crate) fn release(self, tag: &str, number: u64, days: i64) -> Self {
        let docr_ghcr = ["backend@docr", "backend@ghcr", "frontend@docr", "frontend@ghcr"];
        let places = docr_ghcr.into_iter().chain(tag.starts_with("prod").then_some("backend@oci"));
        places.fold(self, |scene, place| {
            let number = number * 10 + u64::from(place.starts_with("frontend"));
            scene.image(place, number, &[tag], days)
        })
    }

    /// Sets a tag on a manifest, wherever that manifest is, and takes it off all others.
    pub(crate) fn retag(mut self, tag_name: &str, number: u64) -> Self {
        for repository in &mut self.contents.repositories {
            let image = u64::from(repository.image.as_str() == "frontend");
            let target = digest(number * 10 + image);
            if !repository.manifests.iter().any(|record| record.digest == target) {
                continue;
            }
            for record in &mut repository.manifests {
                let mut tags = record.tags.to_vec();
                tags.retain(|known| known.name.as_str() != tag_name);
                if record.digest == target {
                    tags.push(TagPush { name: tag(tag_name), pushed: None });
                }
                record.tags = tags.into();
            }
        }
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        self.decide(plan)
    }

    pub(crate) fn totals(&self) -> EntryTotals {
        self.decide(totals)
    }

    fn decide<T>(&self, act: impl Fn(&RetentionInput<'_>) -> T) -> T {
        let policy_digest = Digest::of(b"policy");
        let first_seen = first_seen(&self.contents);
        act(&RetentionInput {
            contents: &self.contents,
            policy: &self.policy,
            policy_digest: &policy_digest,
            in_use: &self.in_use,
            git: &BTreeMap::<_, GitHistory>::new(),
            deployments: &self.deployments,
            first_seen: &first_seen,
            records: &self.records,
            now: self.now,
        })
    }
}

/// A manifest with the time of its push, as a registry with such push times has it: on its tags
/// too, or only in its config.
pub(crate) fn dated(mut record: ManifestRecord, push_times: PushTimes) -> ManifestRecord {
    match push_times {
        PushTimes::OfTags => {
            for tag in &mut record.tags {
                tag.pushed = tag.pushed.or(record.pushed);
            }
        }
        PushTimes::OfDigests => {}
        PushTimes::Unknown => record.built = record.pushed.take(),
    }
    record
}

/// As if this machine had seen each manifest when it was built.
pub(crate) fn first_seen(contents: &Contents) -> FirstSeen {
    let mut seen = FirstSeen::default();
    for repository in &contents.repositories {
        for record in &repository.manifests {
            let time = record.built.map_or_else(|| days_ago(1000), |built| built.min(now()));
            seen.see(&repository.repository, &record.digest, time);
        }
    }
    seen
}

fn empty(repository: &Repository, image: &ImageName) -> RepositoryContents {
    let (single_tags, keeps_last_tagged, push_times) = match repository.registry.as_str() {
        "docr" => (SingleTags::Deleted, false, PushTimes::OfTags),
        "ghcr" => (SingleTags::Kept, true, PushTimes::OfDigests),
        _ => (SingleTags::Perhaps, false, PushTimes::Unknown),
    };
    RepositoryContents {
        repository: repository.clone(),
        image: image.clone(),
        capabilities: Capabilities {
            lists_manifests: push_times != PushTimes::Unknown,
            single_tags,
            keeps_last_tagged,
            ..Capabilities::default()
        },
        coverage: ContentsCoverage::Complete,
        push_times,
        manifests: Vec::new(),
        missing: Vec::new(),
        deleted_earlier: Vec::new(),
        orphaned: Vec::new(),
        inconsistencies: Vec::new(),
        stored: StoredContent::default(),
    }
}

pub(crate) fn record(number: u64, tags: &[&str], pushed: Option<DateTime<Utc>>) -> ManifestRecord {
    ManifestRecord {
        digest: digest(number),
        tags: tags.iter().map(|name| TagPush { name: tag(name), pushed: None }).collect(),
        pushed,
        built: None,
        bytes: Some(1000),
        stored: Box::default(),
        references: References::none(),
        agreement: TagAgreement::Agreed,
    }
}

pub(crate) fn unread(message: &str) -> Unread {
    Unread { cause: UnreadCause::Unreachable, message: message.to_owned(), hint: None }
}

/// The entry of a manifest in one place.
pub(crate) fn entry<'a>(plan: &'a Plan, place: &str, number: u64) -> &'a PlanEntry {
    let (image, registry) = place.split_once('@').expect("image@registry");
    let found = plan.entries.iter().find(|entry| {
        entry.image.as_ref().is_some_and(|known| known.as_str() == image)
            && entry.repository.registry.as_str() == registry
            && entry.digest == digest(number)
    });
    found.unwrap_or_else(|| panic!("no manifest {number} in {place}"))
}

/// What happens to a manifest and why: `delete expired`.
pub(crate) fn fate(plan: &Plan, place: &str, number: u64) -> String {
    let entry = entry(plan, place, number);
    format!("{} {}", entry.decision.as_str(), entry.reason.code)
}

/// A tag without a time of its own.
pub(crate) fn push(name: &str) -> TagPush {
    TagPush { name: tag(name), pushed: None }
}
