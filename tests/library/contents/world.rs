//! One registry of any kind with a repository in it, a policy for it, and the library connected.

use chrono::{DateTime, TimeDelta, Utc};
use tags::collect::{Collector, ContentsQuestion, NoProgress, contents};
use tags::model::{
    Contents, Digest, ManifestRecord, Repository, RepositoryContents, SingleTags, TagName,
    Unfinished,
};
use tags::policy::{Policy, RegistryKind};
use tags::registry::Connections;
use tags::sandbox::content::{BuiltImage, ManifestBytes, Provenance};
use tags::sandbox::docr::{Assumptions, DocrSettings};
use tags::sandbox::{Fault, FaultKind, Matcher, Sandbox, Settings, StoredTag, Times};

use crate::connect::{basic, connect, now};
use crate::support::registries::{self, TOKEN, docr};
use crate::support::{backend, images, policy, tag};

pub(crate) struct World {
    pub(crate) registry: Sandbox,
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
    pushed: Option<DateTime<Utc>>,
}

impl World {
    /// A plain registry.
    pub(crate) fn empty() -> Self {
        Self::with(Settings::default(), None)
    }

    pub(crate) fn docr(assumptions: Assumptions) -> Self {
        let docr = DocrSettings { assumptions, ..docr() };
        Self::with(Settings::docr(docr, now()), Some(now() - TimeDelta::days(2)))
    }

    pub(crate) fn ghcr() -> Self {
        let settings = registries::settings(RegistryKind::Ghcr, now());
        Self::with(settings, Some(now() - TimeDelta::days(2)))
    }

    pub(crate) fn with(settings: Settings, pushed: Option<DateTime<Utc>>) -> Self {
        let kind = registries::kind(&settings);
        let registry = registries::start(settings);
        let policy = policy::parsed(&policy::one("local", kind, &registry.url()));
        let connections = connect(&policy, |registry| {
            (registry.kind != RegistryKind::Oci).then(|| basic(TOKEN, TOKEN))
        });
        Self { registry, policy, connections, pushed }
    }

    /// Puts a whole image into the repository, under some tags.
    pub(crate) fn push(&self, image: &BuiltImage, tags: &[&str]) -> Digest {
        let tags: Vec<TagName> = tags.iter().map(|name| tag(name)).collect();
        self.registry.store().push(&backend(), image, &tags, self.pushed);
        image.root.digest.clone()
    }

    pub(crate) fn remove(&self, digest: &Digest) {
        assert!(
            self.registry.store().remove_manifest(&backend(), digest),
            "{digest} was not there"
        );
    }

    /// Sets a tag on whatever digest.
    pub(crate) fn set_tag(&self, name: &str, digest: &Digest) {
        let stored = StoredTag { digest: digest.clone(), updated: self.pushed };
        self.registry.store().set_tag(&backend(), &tag(name), stored);
    }

    /// Every request with this in its path is refused, with an answer that is not tried again.
    pub(crate) fn refuse(&self, part: &str) {
        self.answer(part, 400);
    }

    /// Every request with this in its path has this status.
    pub(crate) fn answer(&self, part: &str, status: u16) {
        self.registry.faults().add(Fault {
            when: Matcher { method: None, path_contains: Some(part.to_owned()) },
            kind: FaultKind::Status(status),
            times: Times::Always,
        });
    }

    pub(crate) fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: &NoProgress }
    }

    pub(crate) async fn contents(&self, unfinished: &[Unfinished]) -> Contents {
        let question = ContentsQuestion { policy: &self.policy, unfinished };
        contents(self.collector(), &question).await
    }

    /// The one repository.
    pub(crate) async fn read(&self) -> RepositoryContents {
        one(self.contents(&[]).await)
    }

    pub(crate) fn repository(&self) -> Repository {
        self.policy.repositories.keys().next().expect("a repository").clone()
    }

    /// The requests since the last clearing, as `METHOD path`.
    pub(crate) fn asked(&self) -> Vec<String> {
        registries::asked(&self.registry)
    }
}

pub(crate) fn one(contents: Contents) -> RepositoryContents {
    let mut repositories = contents.repositories;
    assert_eq!(repositories.len(), 1);
    repositories.pop().expect("one")
}

pub(crate) fn record<'a>(contents: &'a RepositoryContents, digest: &Digest) -> &'a ManifestRecord {
    let found = contents.manifests.iter().find(|record| record.digest == *digest);
    found.unwrap_or_else(|| panic!("{digest} is not in {contents:#?}"))
}

/// Whether single tags can go, and whether the last tagged manifest stays.
pub(crate) fn takes_away(contents: &RepositoryContents) -> (SingleTags, bool) {
    let capabilities = contents.capabilities;
    (capabilities.single_tags, capabilities.keeps_last_tagged)
}

pub(crate) fn digests(contents: &RepositoryContents) -> Vec<Digest> {
    contents.manifests.iter().map(|record| record.digest.clone()).collect()
}

pub(crate) fn tag_names(record: &ManifestRecord) -> Vec<&str> {
    record.tags.iter().map(|tag| tag.name.as_str()).collect()
}

fn built() -> DateTime<Utc> {
    now() - TimeDelta::days(3)
}

pub(crate) fn image(text: &str) -> BuiltImage {
    images::single(text, built())
}

/// An index of two platforms.
pub(crate) fn index(text: &str, provenance: Provenance) -> BuiltImage {
    images::index(text, built(), provenance)
}

/// An index of manifests that are pushed already, or never.
pub(crate) fn index_of(children: &[&ManifestBytes]) -> BuiltImage {
    let root = images::index_of(children.iter().copied());
    BuiltImage { root, children: Vec::new(), blobs: Vec::new() }
}
