//! One registry of any kind with a repository in it, a policy for it, and the library connected.

use std::future::ready;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tags::collect::{Collector, ContentsQuestion, NoProgress, contents};
use tags::http::TransportSettings;
use tags::model::{
    Contents, Digest, ManifestRecord, Platform, Repository, RepositoryContents, RepositoryPath,
    SingleTags, TagName, Unfinished, media_type,
};
use tags::policy::{self, Policy, RegistryKind};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, Credential, CredentialError, CredentialOrigin,
    CredentialSecret, Keychain,
};
use tags::sandbox::content::{Build, BuiltImage, Format, ManifestBytes, Provenance};
use tags::sandbox::docr::{DocrSettings, Unconfirmed};
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Fault, FaultKind, Matcher, Sandbox, Settings, Store, StoredTag, Times};

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a date")
}

pub(crate) const TOKEN: &str = "dop_v1_0123456789abcdef";

pub(crate) struct World {
    pub(crate) registry: Sandbox,
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
    pushed: Option<DateTime<Utc>>,
}

impl World {
    /// A plain registry.
    pub(crate) fn empty() -> Self {
        Self::with("oci", Settings::default(), None)
    }

    pub(crate) fn docr(unconfirmed: Unconfirmed) -> Self {
        let docr = DocrSettings { unconfirmed, ..DocrSettings::new("acme", TOKEN) };
        Self::with("docr", Settings::docr(docr, now()), Some(now() - TimeDelta::days(2)))
    }

    pub(crate) fn ghcr() -> Self {
        let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, TOKEN);
        Self::with("ghcr", Settings::ghcr(ghcr, now()), Some(now() - TimeDelta::days(2)))
    }

    pub(crate) fn with(kind: &str, settings: Settings, pushed: Option<DateTime<Utc>>) -> Self {
        let listen = ([127, 0, 0, 1], 0).into();
        let registry =
            Sandbox::start_in_background(listen, settings, Store::new()).expect("a registry");
        let policy = policy(kind, &registry.url());
        let connections = connect(&policy, ContentCache::in_memory(), Arc::new(Token));
        Self { registry, policy, connections, pushed }
    }

    /// Puts a whole image into the repository, under some tags.
    pub(crate) fn push(&self, image: &BuiltImage, tags: &[&str]) -> Digest {
        let tags: Vec<TagName> = tags.iter().map(|name| tag(name)).collect();
        self.registry.store().push(&path(), image, &tags, self.pushed);
        image.root.digest.clone()
    }

    pub(crate) fn remove(&self, digest: &Digest) {
        assert!(self.registry.store().remove_manifest(&path(), digest), "{digest} was not there");
    }

    /// Sets a tag on whatever digest.
    pub(crate) fn set_tag(&self, name: &str, digest: &Digest) {
        let stored = StoredTag { digest: digest.clone(), updated: self.pushed };
        self.registry.store().set_tag(&path(), &tag(name), stored);
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
        let line = |r: tags::sandbox::RequestRecord| format!("{} {}", r.method, r.target);
        let lines = self.registry.requests().into_iter().map(line);
        let is_access = |line: &String| {
            line.ends_with(" /v2/") || line.contains("/token?") || line.contains("/registry/auth")
        };
        lines.filter(|line| !is_access(line)).collect()
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

pub(crate) fn path() -> RepositoryPath {
    RepositoryPath::parse("acme/backend").expect("a path")
}

pub(crate) fn tag(name: &str) -> TagName {
    TagName::parse(name).expect("a tag")
}

pub(crate) fn build(text: &str, architecture: &str) -> Build {
    Build {
        created: now() - TimeDelta::days(3),
        revision: String::new(),
        platform: Platform {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
        },
        text: text.to_owned(),
    }
}

pub(crate) fn image(text: &str) -> BuiltImage {
    BuiltImage::single(&build(text, "amd64"), Format::Oci)
}

/// An index of two platforms.
pub(crate) fn index(text: &str, provenance: Provenance) -> BuiltImage {
    let builds = [build(text, "amd64"), build(text, "arm64")];
    BuiltImage::index(&builds, Format::Oci, provenance)
}

/// An index of manifests that are pushed already, or never.
pub(crate) fn index_of(children: &[&ManifestBytes]) -> BuiltImage {
    let manifests: Vec<serde_json::Value> = children
        .iter()
        .map(|child| {
            serde_json::json!({
                "mediaType": child.media_type,
                "digest": child.digest.as_str(),
                "size": child.bytes.len(),
            })
        })
        .collect();
    let value = serde_json::json!({ "manifests": manifests });
    let root = ManifestBytes::new(media_type::OCI_INDEX, value);
    BuiltImage { root, children: Vec::new(), blobs: Vec::new() }
}

/// The policy of a team that keeps one image in one registry.
pub(crate) fn policy(kind: &str, url: &str) -> Policy {
    let api = if kind == "oci" { String::new() } else { format!("api-url = \"{url}\"") };
    let text = format!(
        r#"
version = 1
[registry.local]
kind = "{kind}"
namespace = "acme"
url = "{url}"
{api}
[image.backend]
repositories = {{ local = "backend" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
"#
    );
    policy::parse("world.toml", &text).expect("a valid policy")
}

pub(crate) fn connect(
    policy: &Policy,
    cache: ContentCache,
    keychain: Arc<dyn Keychain>,
) -> Connections {
    let settings = ConnectSettings { transport: TransportSettings::default(), keychain, cache };
    Connections::new(policy, settings)
}

/// The token of the managed registries, as from a variable; plain ones want none.
pub(crate) struct Token;

impl Keychain for Token {
    fn credential_find<'a>(
        &'a self,
        registry: &'a policy::RegistrySettings,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let credential = (registry.kind != RegistryKind::Oci).then(|| Credential {
            secret: CredentialSecret::Basic { username: TOKEN.to_owned(), password: TOKEN.into() },
            origin: CredentialOrigin::Variable("TOKEN".to_owned()),
        });
        Box::pin(ready(Ok(credential)))
    }
}
