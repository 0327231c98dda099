//! One embedded registry of each kind, filled with releases, and a plan for it made by hand.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tags::change::journal::{Journal, JournalHeader, JournalRecords};
use tags::change::{Application, ApplyJob, ApplyResult, Stop, UndoJob, Undone, apply, undo};
use tags::collect::{Collector, NoProgress};
use tags::model::{Digest, Repository, TagName};
use tags::policy::{Policy, RegistryKind};
use tags::registry::Connections;
use tags::retention::{
    ApprovedPlan, Decision, DeleteCode, KeepCode, Plan, PlanEntry, Reason, ReasonCode,
    RepositoryCoverage, approve,
};
use tags::sandbox::content::{Build, BuiltImage, Format, ManifestBytes, Provenance};
use tags::sandbox::{Sandbox, Settings};

use crate::connect::{self, basic, now};
use crate::support::registries::{self, Picture, TOKEN};
use crate::support::{backend, images, policy, tag};

/// A release: an index for two platforms with attestations.
pub(crate) fn build(name: &str) -> BuiltImage {
    let builds = ["amd64", "arm64"].map(|architecture| Build {
        revision: name.to_owned(),
        ..images::build(&format!("{name} {architecture}"), architecture, now())
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
    pub(crate) stop: Arc<Stop>,
    pub(crate) patience: Duration,
    directory: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn of(kind: RegistryKind) -> Self {
        Self::with(registries::settings(kind, now()))
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let kind = registries::kind(&settings);
        let registry = registries::start(settings);
        let rules = "[limits]\nmax-share = 1.0\n";
        let policy = policy::parsed(&(policy::one("local", kind, &registry.url()) + rules));
        let keychain = Arc::new(|_: &_| Ok(Some(basic(TOKEN, TOKEN))));
        let mut settings = connect::settings(keychain);
        // Longer than any test lets the clock jump.
        settings.transport.timeout = Duration::from_mins(10);
        let connections = Connections::new(&policy, settings);
        let directory = tempfile::tempdir().expect("a directory");
        let patience = Duration::from_mins(10);
        let stop = Arc::new(Stop::default());
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
            store.push(&backend(), &image, &tags, Some(now()));
            if name == "aaaaaaa" {
                let signature = BuiltImage::artifact(&image.root, "application/x.sig", b"signed");
                store.push(&backend(), &signature, &[], Some(now()));
            }
        }
    }

    pub(crate) fn repository(&self) -> &Repository {
        self.policy.repositories.keys().next().expect("a repository")
    }

    pub(crate) fn picture(&self) -> Picture {
        registries::picture(&self.registry, &backend())
    }

    /// Pushes an image, as somebody else does.
    pub(crate) fn push(&self, image: &BuiltImage, tags: &[&str]) -> Digest {
        let tags: Vec<TagName> = tags.iter().map(|name| tag(name)).collect();
        self.registry.store().push(&backend(), image, &tags, Some(now()));
        image.root.digest.clone()
    }

    /// Pushes a manifest alone.
    pub(crate) fn push_manifest(&self, manifest: &ManifestBytes, tags: &[&str]) -> Digest {
        let (root, children, blobs) = (manifest.clone(), Vec::new(), Vec::new());
        self.push(&BuiltImage { root, children, blobs }, tags)
    }

    /// A plan that deletes these manifests.
    pub(crate) fn deleting_only(&self, digests: &[Digest]) -> Plan {
        self.plan(
            |digest, _| if digests.contains(digest) { Decision::Delete } else { Decision::Keep },
        )
    }

    /// A plan that deletes these releases with all that belongs to them.
    pub(crate) fn deleting(&self, names: &[&str]) -> Plan {
        let store = self.registry.store();
        let mut candidates: Vec<Digest> = names
            .iter()
            .flat_map(|name| build(name).manifests().map(|m| m.digest.clone()).collect::<Vec<_>>())
            .collect();
        for (digest, manifest) in store.manifests(&backend()) {
            if manifest.subject.is_some_and(|subject| candidates.contains(&subject)) {
                candidates.push(digest);
            }
        }
        self.deleting_only(&candidates)
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
            images: Vec::new(),
            shard: None,
            coverage: vec![coverage],
            entries: entries.collect(),
            environments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.directory.path().join("tags/journal-1.jsonl")
    }

    pub(crate) fn recorded(&self) -> JournalRecords {
        JournalRecords::read(&self.journal_path()).expect("a journal")
    }

    pub(crate) async fn apply(&self, plan: Plan) -> Application {
        let plan: ApprovedPlan = approve(plan, &self.policy).expect("an approved plan");
        let beginning = JournalHeader {
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
        registries::deletions(&self.registry)
    }
}

/// What became of a manifest, with the words for it.
pub(crate) fn result_of<'a>(
    application: &'a Application,
    digest: &Digest,
) -> (ApplyResult, &'a str) {
    let entry = application.applied.iter().find(|entry| entry.digest == *digest);
    let entry = entry.expect("an entry");
    (entry.result, &entry.message)
}

/// Whether every entry has this result.
pub(crate) fn all_are(application: &Application, result: ApplyResult) -> bool {
    !application.applied.is_empty() && application.applied.iter().all(|e| e.result == result)
}
