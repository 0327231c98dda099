//! What a registry in memory answers; nothing of it fails but a repository that is not there.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{MemoryRegistry, StoredManifest, StoredRepository};
use crate::http::{ErrorKind, RegistryError};
use crate::model::{
    Descriptor, Diagnosis, Digest, HostAnswer, RepositoryPath, TagPush, TagReference,
};
use crate::registry::{
    Delete, DeletionAnswer, DeletionTarget, Diagnose, FetchedManifest, ListedManifest, ListedTag,
    ManifestList, ManifestListing, ManifestSelector, Presence, ReadyDeletion, ReferrerList,
    Registry, TagListing,
};

impl MemoryRegistry {
    /// Something of a repository; nothing of one that is not there.
    fn of<T: Default>(
        &self,
        repository: &RepositoryPath,
        find: impl FnOnce(&mut StoredRepository) -> T,
    ) -> T {
        self.lock().get_mut(repository).map(find).unwrap_or_default()
    }
}

/// An answer at once.
fn now<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(ready(value))
}

fn not_found(repository: &RepositoryPath) -> RegistryError {
    let message = format!("the registry in memory has no repository {repository}");
    RegistryError::new(ErrorKind::NotFound, message)
        .with_status(404)
        .with_hint("check the repository's name in the policy")
}

impl Registry for MemoryRegistry {
    fn tag_list<'a>(&'a self, repository: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        let tags = self.of(repository, |holding| holding.tags.clone());
        let broken = tags.is_none().then(|| not_found(repository));
        let listed = tags.unwrap_or_default().into_iter().map(|(tag, held)| ListedTag {
            tag,
            digest: Some(held.digest),
            pushed: held.pushed,
        });
        now(TagListing { tags: listed.collect(), contradictions: Vec::new(), broken })
    }

    fn manifest_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<Digest>, RegistryError>> {
        now(Ok(self.of(repository, |holding| holding.resolve(selector).map(|(digest, _)| digest))))
    }

    fn manifest_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> BoxFuture<'a, Result<Option<FetchedManifest>, RegistryError>> {
        let fetched = |(digest, held): (Digest, &StoredManifest)| FetchedManifest {
            digest,
            media_type: Some(held.media_type.clone()),
            bytes: Arc::clone(&held.bytes),
        };
        now(Ok(self.of(repository, |holding| holding.resolve(selector).map(fetched))))
    }

    fn blob_head<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Presence, RegistryError>> {
        let there = self.of(repository, |holding| holding.blobs.contains_key(digest));
        now(Ok(if there { Presence::Present } else { Presence::Missing }))
    }

    fn blob_get<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Arc<[u8]>>, RegistryError>> {
        now(Ok(self.of(repository, |holding| holding.blobs.get(digest).cloned())))
    }
}

impl ManifestList for MemoryRegistry {
    fn manifest_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>> {
        let known = self.of(repository, |holding| holding.tags.is_some());
        let broken = (!known).then(|| not_found(repository));
        let manifests = self.of(repository, |holding| {
            let tags = holding.tags.clone().unwrap_or_default();
            let of = |digest: &Digest| {
                let own = tags.iter().filter(|(_, held)| held.digest == *digest);
                own.map(|(name, held)| TagPush { name: name.clone(), pushed: held.pushed })
                    .collect()
            };
            // A tag may stand on a manifest that was lost.
            let lost = tags.values().map(|held| (held.digest.clone(), None));
            let held = holding.manifests.iter().map(|(digest, held)| (digest.clone(), held.pushed));
            let all: BTreeMap<_, _> = lost.chain(held).collect();
            let listed = all.into_iter().map(|(digest, pushed)| ListedManifest {
                tags: of(&digest),
                digest,
                pushed,
                bytes: None,
                version: None,
            });
            listed.collect()
        });
        now(Some(ManifestListing { manifests, contradictions: Vec::new(), broken }))
    }
}

impl ReferrerList for MemoryRegistry {
    fn referrer_list<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        subject: &'a Digest,
    ) -> BoxFuture<'a, Result<Option<Vec<Descriptor>>, RegistryError>> {
        let is_about = |held: &StoredManifest| held.manifest.subject() == Some(subject);
        let found = self.of(repository, |holding| {
            let all = holding.manifests.iter().filter(|(_, held)| is_about(held));
            all.map(|(digest, held)| descriptor(digest, held)).collect()
        });
        now(Ok(Some(found)))
    }
}

fn descriptor(digest: &Digest, held: &StoredManifest) -> Descriptor {
    let body: Value = serde_json::from_slice(&held.bytes).unwrap_or_default();
    let own = body.get("artifactType").or_else(|| body.pointer("/config/mediaType"));
    let annotations = body.get("annotations").cloned().unwrap_or_default();
    Descriptor {
        media_type: held.media_type.clone(),
        digest: digest.clone(),
        size: held.bytes.len() as u64,
        platform: None,
        artifact_type: own.and_then(Value::as_str).map(str::to_owned),
        annotations: serde_json::from_value(annotations).unwrap_or_default(),
    }
}

impl Delete for MemoryRegistry {
    fn deletion_prepare<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> BoxFuture<'a, Result<ReadyDeletion<'a>, RegistryError>> {
        let send = Box::pin(async move { Ok(deletion(self.remove(repository, target))) });
        now(Ok(ReadyDeletion { tags: None, send }))
    }
}

impl MemoryRegistry {
    /// Whether it was there.
    fn remove(&self, repository: &RepositoryPath, target: DeletionTarget<'_>) -> bool {
        self.of(repository, |holding| match target {
            DeletionTarget::Tag(tag) => {
                holding.tags.as_mut().and_then(|tags| tags.remove(tag)).is_some()
            }
            DeletionTarget::Manifest(manifest) => {
                if let Some(tags) = &mut holding.tags {
                    tags.retain(|_, held| held.digest != *manifest.digest);
                }
                holding.manifests.remove(manifest.digest).is_some()
            }
        })
    }
}

fn deletion(there: bool) -> DeletionAnswer {
    if there { DeletionAnswer::Done } else { DeletionAnswer::NotFound }
}

impl Diagnose for MemoryRegistry {
    fn diagnosis_find<'a>(&'a self, _: Option<&'a TagReference>) -> BoxFuture<'a, Diagnosis> {
        now(Diagnosis {
            registry: HostAnswer { host: "memory".to_owned(), answer: Ok(None) },
            api: None,
            credential: Ok(None),
            accepted: None,
            read: Some(Ok(())),
            list: Some(Ok(())),
            scopes: None,
            budget: None,
            registries: None,
        })
    }
}
