//! A fake registry's repository with a plan for it, applied and looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::change::access::RegistryAccess;
use crate::change::journal::{Action, Beginning, Journal, Recorded};
use crate::change::journal_guard::JournalGuard;
use crate::change::pace::RunWaits;
use crate::change::repository::{Task, repository_apply};
use crate::change::{AppliedEntry, ApplyResult, Stop};
use crate::collect::NoProgress;
use crate::model::{Digest, RegistryName, Repository, RepositoryPath, TagName};
use crate::registry::fake::{FakeRegistry, Quirks};
use crate::registry::{Backend, ContentCache};
use crate::retention::{Decision, DeleteCode, PlanEntry, Reason, ReasonCode};

/// An index of these, told from others by its name.
pub(super) fn index(name: &str, children: &[&Digest]) -> String {
    let children: Vec<String> =
        children.iter().map(|child| format!(r#"{{"digest":"{child}","size":2}}"#)).collect();
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}],"name":"{name}"}}"#,
        children.join(",")
    )
}

/// An image, perhaps about another manifest.
pub(super) fn image(name: &str, subject: Option<&Digest>) -> String {
    let subject = subject
        .map(|subject| format!(r#","subject":{{"digest":"{subject}","size":2}}"#))
        .unwrap_or_default();
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[],"name":"{name}"{subject}}}"#
    )
}

pub(super) fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

pub(super) fn repository() -> Repository {
    Repository {
        registry: RegistryName::parse("local").expect("a name"),
        host: "registry.example".to_owned(),
        path: RepositoryPath::parse("acme/backend").expect("a path"),
    }
}

/// A repository and a plan for it.
pub(super) struct World {
    registry: Backend,
    pub(super) entries: Vec<PlanEntry>,
    pub(super) stop: std::sync::Arc<Stop>,
    pub(super) directory: tempfile::TempDir,
}

impl World {
    pub(super) fn new(quirks: Quirks) -> Self {
        Self {
            registry: Backend::Fake(FakeRegistry { quirks, ..FakeRegistry::default() }),
            entries: Vec::new(),
            stop: std::sync::Arc::default(),
            directory: tempfile::tempdir().expect("a directory"),
        }
    }

    pub(super) fn fake(&self) -> &FakeRegistry {
        match &self.registry {
            Backend::Fake(fake) => fake,
            _ => unreachable!("it was made of one"),
        }
    }

    pub(super) fn fake_mut(&mut self) -> &mut FakeRegistry {
        match &mut self.registry {
            Backend::Fake(fake) => fake,
            _ => unreachable!("it was made of one"),
        }
    }

    /// Pushes a manifest and plans something for it.
    pub(super) fn push(&mut self, text: &str, tags: &[&str], decision: Decision) -> Digest {
        let digest = self.fake().push(text, tags);
        let mut tags: Vec<TagName> = tags.iter().map(|text| tag(text)).collect();
        tags.sort();
        let code = ReasonCode::Delete(DeleteCode::Expired);
        self.entries.push(PlanEntry {
            image: None,
            repository: repository(),
            digest: digest.clone(),
            tags,
            decision,
            reason: Reason { code, rule: None, message: String::new() },
            bytes: None,
            time: None,
        });
        digest
    }

    pub(super) fn doomed(&mut self, text: &str, tags: &[&str]) -> Digest {
        self.push(text, tags, Decision::Delete)
    }

    pub(super) fn access<'a>(&'a self, cache: &'a ContentCache) -> RegistryAccess<'a> {
        RegistryAccess { registry: &self.registry, cache }
    }

    pub(super) fn journal_path(&self) -> PathBuf {
        self.directory.path().join("journal-1.jsonl")
    }

    fn journal(&self) -> Journal {
        let beginning = Beginning {
            created: "2026-11-22T12:00:00Z".parse().expect("a date"),
            policy: Digest::of(b""),
            command: "cleanup --apply".to_owned(),
        };
        Journal::create(&self.journal_path(), &beginning).expect("a journal")
    }

    pub(super) async fn apply(&self) -> BTreeMap<Digest, (ApplyResult, String)> {
        self.apply_with(&self.journal()).await
    }

    pub(super) async fn apply_with(
        &self,
        journal: &Journal,
    ) -> BTreeMap<Digest, (ApplyResult, String)> {
        let (cache, guard) = (ContentCache::in_memory(), JournalGuard::new(journal, &self.stop));
        let pace = RunWaits::new(&self.stop, Duration::from_mins(10));
        let task = Task {
            access: self.access(&cache),
            repository: &repository(),
            entries: &self.entries,
            latest: BTreeSet::from([tag("prod-latest")]),
            journal: &guard,
            pace: &pace,
            progress: &NoProgress,
        };
        let told = |entry: AppliedEntry| (entry.digest, (entry.result, entry.message));
        repository_apply(&task).await.into_iter().map(told).collect()
    }

    /// The journal, read again once its run is over.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded::read(&self.journal_path()).expect("a journal")
    }

    /// A journal that says that everything doomed was deleted.
    pub(super) fn deleted_all(&self) -> usize {
        let deletes = |step: &&crate::change::journal::Step| step.action == Action::Delete;
        self.recorded().steps.iter().filter(deletes).count()
    }
}
