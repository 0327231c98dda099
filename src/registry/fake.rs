//! A kind of registry that answers from a map, compiled for unit tests only: it shows what a new kind
//! needs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    DeletionAnswer, DeletionTarget, FetchedManifest, ListedManifest, ListedTag, ManifestListing,
    ManifestSelector, PushedManifest, ReadyDeletion, TagListing,
};
use crate::model::{Capabilities, Diagnosis, Digest, HostAnswer, SingleTags, TagName, TagPush};

/// A registry whose content is the same under every repository name.
#[derive(Default)]
pub struct FakeRegistry {
    content: Mutex<FakeContent>,
}

#[derive(Default)]
struct FakeContent {
    manifests: BTreeMap<Digest, Arc<[u8]>>,
    tags: BTreeMap<TagName, Digest>,
}

impl FakeRegistry {
    fn content(&self) -> MutexGuard<'_, FakeContent> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn capabilities() -> Capabilities {
        Capabilities {
            lists_manifests: true,
            single_tags: SingleTags::Deleted,
            ..Capabilities::default()
        }
    }

    pub(super) fn tag_list(&self) -> TagListing {
        let listed = |(tag, digest): (&TagName, &Digest)| ListedTag {
            tag: tag.clone(),
            digest: Some(digest.clone()),
            pushed: None,
        };
        let tags = self.content().tags.iter().map(listed).collect();
        TagListing { tags, ..TagListing::default() }
    }

    pub(super) fn manifest_list(&self) -> ManifestListing {
        let content = self.content();
        let tags_of = |digest: &Digest| {
            let tags = content.tags.iter().filter(|(_, at)| *at == digest);
            tags.map(|(name, _)| TagPush { name: name.clone(), pushed: None }).collect()
        };
        let listed = |digest: &Digest| ListedManifest {
            digest: digest.clone(),
            tags: tags_of(digest),
            pushed: None,
            bytes: None,
            version: None,
        };
        let manifests = content.manifests.keys().map(listed).collect();
        ManifestListing { manifests, ..ManifestListing::default() }
    }

    pub(super) fn manifest_get(&self, selector: ManifestSelector<'_>) -> Option<FetchedManifest> {
        let content = self.content();
        let digest = match selector {
            ManifestSelector::Tag(tag) => content.tags.get(tag)?,
            ManifestSelector::Digest(digest) => digest,
        };
        let bytes = Arc::clone(content.manifests.get(digest)?);
        Some(FetchedManifest { digest: digest.clone(), media_type: None, bytes })
    }

    pub(super) fn manifest_put(&self, to: ManifestSelector<'_>, manifest: PushedManifest<'_>) {
        let digest = Digest::of(manifest.bytes);
        let mut content = self.content();
        content.manifests.insert(digest.clone(), manifest.bytes.into());
        if let ManifestSelector::Tag(tag) = to {
            content.tags.insert(tag.clone(), digest);
        }
    }

    pub(super) fn deletion_prepare<'a>(&'a self, target: DeletionTarget<'a>) -> ReadyDeletion<'a> {
        ReadyDeletion { tags: None, send: Box::pin(async move { Ok(self.delete(target)) }) }
    }

    fn delete(&self, target: DeletionTarget<'_>) -> DeletionAnswer {
        let mut content = self.content();
        let was_there = match target {
            DeletionTarget::Tag(tag) => content.tags.remove(tag).is_some(),
            DeletionTarget::Manifest(manifest) => {
                content.tags.retain(|_, at| at != manifest.digest);
                content.manifests.remove(manifest.digest).is_some()
            }
        };
        if was_there { DeletionAnswer::Accepted } else { DeletionAnswer::NotFound }
    }

    pub(super) fn diagnosis() -> Diagnosis {
        let registry = HostAnswer { host: "registry.example".to_owned(), answer: Ok(None) };
        Diagnosis {
            registry,
            api: None,
            credential: Ok(None),
            accepted: None,
            read: None,
            list: None,
            push: None,
            scopes: None,
            budget: None,
            registries: None,
        }
    }
}
