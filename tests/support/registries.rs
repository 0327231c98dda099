//! The embedded registries: one of each kind, and what they were asked and hold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tags::model::{Digest, RepositoryPath, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Fault, Imitation, Sandbox, Settings, Store};

/// The token of the managed registries and of their APIs.
pub(crate) const TOKEN: &str = "dop_v1_0123456789abcdef";

pub(crate) const KINDS: [RegistryKind; 3] =
    [RegistryKind::Oci, RegistryKind::Docr, RegistryKind::Ghcr];

pub(crate) fn docr() -> DocrSettings {
    DocrSettings::new("acme", TOKEN)
}

pub(crate) fn ghcr() -> GhcrSettings {
    GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
}

/// A registry of a kind, whose clock shows this where it has one.
pub(crate) fn settings(kind: RegistryKind, clock: DateTime<Utc>) -> Settings {
    match kind {
        RegistryKind::Oci => Settings::default(),
        RegistryKind::Docr => Settings::docr(docr(), clock),
        RegistryKind::Ghcr => Settings::ghcr(ghcr(), clock),
    }
}

/// What a policy calls a registry with these settings.
pub(crate) fn kind(settings: &Settings) -> RegistryKind {
    match settings.imitates {
        Imitation::Oci | Imitation::GitHub(_) | Imitation::GitHubLogs(_) => RegistryKind::Oci,
        Imitation::Docr(_) => RegistryKind::Docr,
        Imitation::Ghcr(_) => RegistryKind::Ghcr,
    }
}

/// An empty registry on a thread of its own.
pub(crate) fn start(settings: Settings) -> Sandbox {
    start_with(settings, Store::new())
}

pub(crate) fn start_with(settings: Settings, store: Store) -> Sandbox {
    let listen = ([127, 0, 0, 1], 0).into();
    Sandbox::start_in_background(listen, settings, store).expect("a registry")
}

/// An empty registry in the runtime of the test.
pub(crate) async fn start_here(settings: Settings) -> Sandbox {
    start_here_with(settings, Store::new()).await
}

pub(crate) async fn start_here_with(settings: Settings, store: Store) -> Sandbox {
    Sandbox::start(([127, 0, 0, 1], 0).into(), settings, store).await.expect("a registry")
}

pub(crate) fn fault(registry: &Sandbox, text: &str) {
    registry.faults().add(text.parse::<Fault>().expect("a fault"));
}

/// The requests that a registry got, as `METHOD target`, those of tokens and challenges left out.
pub(crate) fn asked(registry: &Sandbox) -> Vec<String> {
    let line = |r: tags::sandbox::RequestRecord| format!("{} {}", r.method, r.target);
    let is_access = |line: &String| {
        line.ends_with(" /v2/") || line.contains("/token?") || line.contains("/v2/registry/auth")
    };
    registry.requests().into_iter().map(line).filter(|line| !is_access(line)).collect()
}

/// The paths of the deletions that a registry was asked for.
pub(crate) fn deletions(registry: &Sandbox) -> Vec<String> {
    let requests = registry.requests().into_iter();
    requests.filter(|r| r.method == "DELETE").map(|r| r.path().to_owned()).collect()
}

/// What a repository holds: the manifests, and where tags point to.
pub(crate) type Picture = (BTreeSet<Digest>, BTreeMap<TagName, Digest>);

pub(crate) fn picture(registry: &Sandbox, repository: &RepositoryPath) -> Picture {
    let store = registry.store();
    let tags = store.tags(repository).unwrap_or_default();
    let tags = tags.into_iter().map(|(name, tag)| (name, tag.digest)).collect();
    (store.manifests(repository).into_keys().collect(), tags)
}
