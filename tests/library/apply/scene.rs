//! One embedded registry of each kind, filled with releases, and a plan for it made by hand.

use std::collections::BTreeMap;
use std::future::ready;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tags::change::journal::{Beginning, Journal, Recorded};
use tags::change::{Application, ApplyJob, Stop, UndoJob, Undone, apply, undo};
use tags::collect::{Collector, NoProgress};
use tags::http::TransportSettings;
use tags::model::{Digest, Platform, Repository, RepositoryPath, TagName};
use tags::policy::{self, Policy, RegistryKind};
use tags::registry::{
    ConnectSettings, Connections, ContentCache, Credential, CredentialError, CredentialOrigin,
    CredentialSecret, Keychain,
};
use tags::retention::{
    ApprovedPlan, Decision, DeleteCode, KeepCode, Plan, PlanEntry, Reason, ReasonCode,
    RepositoryCoverage, approve,
};
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Sandbox, Settings, Store};

pub(crate) const TOKEN: &str = "dop_v1_0123456789abcdef";
pub(crate) const KINDS: [RegistryKind; 3] =
    [RegistryKind::Oci, RegistryKind::Docr, RegistryKind::Ghcr];

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a date")
}

pub(crate) fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

pub(crate) fn path() -> RepositoryPath {
    RepositoryPath::parse("acme/backend").expect("a path")
}

pub(crate) fn docr() -> DocrSettings {
    DocrSettings::new("acme", TOKEN)
}

pub(crate) fn ghcr() -> GhcrSettings {
    GhcrSettings::new("acme", OwnerKind::Organization, TOKEN)
}

/// A release: an index for two platforms with attestations.
pub(crate) fn build(name: &str) -> BuiltImage {
    let builds = ["amd64", "arm64"].map(|architecture| Build {
        created: now(),
        revision: name.to_owned(),
        platform: Platform {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
        },
        text: format!("{name} {architecture}"),
    });
    BuiltImage::index(&builds, Format::Oci, Provenance::Artifact)
}

/// What the SHA tag of a release points to.
pub(crate) fn root(name: &str) -> Digest {
    build(name).root.digest
}

/// A registry with `prod-aaaaaaa` (a signature too), `prod-bbbbbbb` and the current `prod-ccccccc`.
pub(crate) struct Scene {
    pub(crate) registry: Sandbox,
    pub(crate) policy: Policy,
    pub(crate) connections: Connections,
    pub(crate) stop: Stop,
    pub(crate) patience: Duration,
    directory: tempfile::TempDir,
}

/// Everything of a repository that matters: the manifests, and where tags point to.
pub(crate) type Picture = (Vec<Digest>, BTreeMap<TagName, Digest>);

impl Scene {
    pub(crate) fn of(kind: RegistryKind) -> Self {
        Self::with(match kind {
            RegistryKind::Oci => Settings::default(),
            RegistryKind::Docr => Settings::docr(docr(), now()),
            RegistryKind::Ghcr => Settings::ghcr(ghcr(), now()),
        })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let kind = match settings.face {
            tags::sandbox::Face::Oci => RegistryKind::Oci,
            tags::sandbox::Face::Docr(_) => RegistryKind::Docr,
            tags::sandbox::Face::Ghcr(_) => RegistryKind::Ghcr,
        };
        let listen = ([127, 0, 0, 1], 0).into();
        let registry =
            Sandbox::start_in_background(listen, settings, Store::new()).expect("a registry");
        let policy = policy(kind, &registry.url());
        let settings = ConnectSettings {
            transport: TransportSettings::default(),
            keychain: Arc::new(OneToken),
            cache: ContentCache::in_memory(),
        };
        let connections = Connections::new(&policy, settings);
        let directory = tempfile::tempdir().expect("a directory");
        let patience = Duration::from_mins(10);
        let stop = Stop::default();
        let scene = Self { registry, policy, connections, stop, patience, directory };
        scene.fill();
        scene
    }

    fn fill(&self) {
        let store = self.registry.store();
        for (name, latest) in
            [("aaaaaaa", None), ("bbbbbbb", None), ("ccccccc", Some("prod-latest"))]
        {
            let image = build(name);
            let tags = [Some(format!("prod-{name}")), latest.map(str::to_owned)];
            let tags: Vec<TagName> = tags.iter().flatten().map(|text| tag(text)).collect();
            store.push(&path(), &image, &tags, Some(now()));
            if name == "aaaaaaa" {
                let signature = BuiltImage::artifact(&image.root, "application/x.sig", b"signed");
                store.push(&path(), &signature, &[], Some(now()));
            }
        }
    }

    pub(crate) fn repository(&self) -> &Repository {
        self.policy.repositories.keys().next().expect("a repository")
    }

    pub(crate) fn picture(&self) -> Picture {
        let store = self.registry.store();
        let tags = store.tags(&path()).unwrap_or_default();
        let tags = tags.into_iter().map(|(name, tag)| (name, tag.digest)).collect();
        (store.manifests(&path()).into_keys().collect(), tags)
    }

    /// A plan that deletes these releases with all that belongs to them.
    pub(crate) fn deleting(&self, names: &[&str]) -> Plan {
        let store = self.registry.store();
        let mut doomed: Vec<Digest> = names
            .iter()
            .flat_map(|name| build(name).manifests().map(|m| m.digest.clone()).collect::<Vec<_>>())
            .collect();
        for (digest, manifest) in store.manifests(&path()) {
            if manifest.subject.is_some_and(|subject| doomed.contains(&subject)) {
                doomed.push(digest);
            }
        }
        self.plan(
            |digest, _| if doomed.contains(digest) { Decision::Delete } else { Decision::Keep },
        )
    }

    /// A plan with everything that is there.
    pub(crate) fn plan(&self, decide: impl Fn(&Digest, &[TagName]) -> Decision) -> Plan {
        let (manifests, tags) = self.picture();
        let entries = manifests.into_iter().map(|digest| {
            let on = tags.iter().filter(|(_, at)| **at == digest).map(|(tag, _)| tag.clone());
            let tags: Vec<TagName> = on.collect();
            let code = if tags.contains(&tag("prod-latest")) {
                ReasonCode::Keep(KeepCode::LatestTag)
            } else {
                ReasonCode::Delete(DeleteCode::Expired)
            };
            PlanEntry {
                image: None,
                repository: self.repository().clone(),
                decision: decide(&digest, &tags),
                reason: Reason { code, rule: None, message: String::new() },
                bytes: None,
                time: None,
                tags,
                digest,
            }
        });
        let coverage = RepositoryCoverage { repository: self.repository().clone(), unread: None };
        Plan {
            created: now(),
            policy: Digest::of(b""),
            coverage: vec![coverage],
            entries: entries.collect(),
            outlook: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.directory.path().join("tags/journal-1.jsonl")
    }

    pub(crate) fn recorded(&self) -> Recorded {
        Recorded::read(&self.journal_path()).expect("a journal")
    }

    pub(crate) async fn apply(&self, plan: Plan) -> Application {
        let plan: ApprovedPlan = approve(plan, &self.policy).expect("an approved plan");
        let beginning = Beginning {
            created: now(),
            policy: Digest::of(b""),
            command: "cleanup --apply".to_owned(),
        };
        let journal = Journal::create(&self.journal_path(), &beginning).expect("a journal");
        let job = ApplyJob {
            collector: self.collector(),
            plan: &plan,
            policy: &self.policy,
            journal: &journal,
            stop: &self.stop,
            patience: self.patience,
        };
        apply(&job).await.expect("a journal that can be written")
    }

    pub(crate) async fn undo(&self) -> Undone {
        let journal = self.recorded();
        let job = UndoJob {
            collector: self.collector(),
            policy: &self.policy,
            journal: &journal,
            stop: &self.stop,
        };
        undo(&job).await
    }

    fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: &NoProgress }
    }

    /// The paths of the deletions that were sent.
    pub(crate) fn deletions(&self) -> Vec<String> {
        let requests = self.registry.requests().into_iter();
        requests.filter(|r| r.method == "DELETE").map(|r| r.path().to_owned()).collect()
    }
}

fn policy(kind: RegistryKind, url: &str) -> Policy {
    let (registry, repository) = match kind {
        RegistryKind::Oci => (String::new(), "acme/backend"),
        RegistryKind::Docr | RegistryKind::Ghcr => {
            (format!("namespace = \"acme\"\napi-url = \"{url}\"\n"), "backend")
        }
    };
    let text = format!(
        r#"
version = 1
[registry.local]
kind = "{}"
url = "{url}"
{registry}
[image.backend]
repositories = {{ local = "{repository}" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
[limits]
max-share = 1.0
"#,
        kind.as_str()
    );
    policy::parse("scene.toml", &text).expect("a valid policy")
}

/// The same token for whatever asks for one.
struct OneToken;

impl Keychain for OneToken {
    fn credential_find<'a>(
        &'a self,
        _: &'a policy::RegistrySettings,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let secret = CredentialSecret::Basic { username: TOKEN.to_owned(), password: TOKEN.into() };
        let origin = CredentialOrigin::Variable("TOKEN".to_owned());
        Box::pin(ready(Ok(Some(Credential { secret, origin }))))
    }
}
