//! A kind of registry for unit tests: it answers from a map, keeps a log and misbehaves on demand.
//! Where no real registry can easily be brought to do the same; the embedded ones serve otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::{
    DeletionAnswer, DeletionTarget, FetchedManifest, ListedManifest, ListedTag, ManifestListing,
    ManifestSelector, ManifestToDelete, PushError, PushedManifest, ReadyDeletion, RefusedPush,
    TagListing,
};
use crate::http::{ErrorKind, RegistryError};
use crate::model::{
    Capabilities, Diagnosis, Digest, HostAnswer, PushTimes, SingleTags, TagName, TagPush,
};

/// What becomes of deletions of manifests.
#[derive(Default, PartialEq, Eq)]
pub(crate) enum Answering {
    /// They are done.
    #[default]
    Truly,
    /// They are answered with 404.
    NotFound,
    /// They are done, and the answer is lost.
    Lost,
    /// They are done, and the connection breaks, so that they are tried again.
    Interrupted,
}

/// How it misbehaves.
#[derive(Default)]
pub(crate) struct Quirks {
    /// What becomes of deletions of manifests.
    pub(crate) answer: Answering,
    /// What it keeps by a rule of its own.
    pub(crate) retained: BTreeSet<Digest>,
    /// It deletes the manifest along with a tag.
    pub(crate) tag_takes_manifest: bool,
    /// It lists tags only, as without a management API.
    pub(crate) tags_only: bool,
    /// Called at each deletion of a manifest, before it is answered.
    pub(crate) before_answer: Option<Box<dyn Fn() + Send + Sync>>,
    /// A tag that moves right after the repository was listed.
    pub(crate) moves: Option<(TagName, Digest)>,
    /// The first question where a tag points takes so long to be answered, and meanwhile the tag
    /// moves to this digest.
    pub(crate) moves_while_asked: Mutex<Option<(TagName, Duration, Digest)>>,
    /// Each deletion takes so long, by the test's clock.
    pub(crate) slow: Option<Duration>,
    /// A manifest that somebody pushes under a tag while the first deletion goes on.
    pub(crate) pushes: Mutex<Option<(String, &'static str)>>,
    /// Its blobs are gone.
    pub(crate) collected: bool,
}

#[derive(Default)]
pub(crate) struct Content {
    pub(crate) manifests: BTreeMap<Digest, Arc<[u8]>>,
    pub(crate) tags: BTreeMap<TagName, Digest>,
    pub(crate) log: Vec<String>,
}

#[derive(Default)]
pub struct FakeRegistry {
    pub(crate) content: Mutex<Content>,
    pub(crate) quirks: Quirks,
}

type SendFuture<'a> = futures_util::future::BoxFuture<'a, Result<DeletionAnswer, RegistryError>>;

impl FakeRegistry {
    pub(crate) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("a registry")
    }

    /// Pushes a manifest.
    pub(crate) fn push(&self, text: &str, tags: &[&str]) -> Digest {
        let digest = Digest::of(text.as_bytes());
        let mut content = self.content();
        content.manifests.insert(digest.clone(), text.as_bytes().into());
        for tag in tags {
            content.tags.insert(TagName::parse(tag).expect("a tag"), digest.clone());
        }
        digest
    }

    /// What was deleted, in this order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.content().log.clone()
    }

    fn find(&self, selector: ManifestSelector<'_>) -> Option<(Digest, Arc<[u8]>)> {
        let content = self.content();
        let digest = match selector {
            ManifestSelector::Tag(tag) => content.tags.get(tag)?,
            ManifestSelector::Digest(digest) => digest,
        };
        Some((digest.clone(), Arc::clone(content.manifests.get(digest)?)))
    }

    fn remove(&self, digest: &Digest) -> DeletionAnswer {
        let mut content = self.content();
        content.log.push(digest.to_string());
        content.tags.retain(|_, at| at != digest);
        match content.manifests.remove(digest) {
            Some(_) => DeletionAnswer::Done,
            None => DeletionAnswer::NotFound,
        }
    }
}

impl FakeRegistry {
    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists_manifests: !self.quirks.tags_only,
            push_times: PushTimes::Unknown,
            single_tags: SingleTags::Deleted,
            ..Capabilities::default()
        }
    }

    pub(super) fn tag_list(&self) -> TagListing {
        let tags = self.content().tags.keys().cloned().collect::<Vec<_>>();
        let tags = tags.into_iter().map(|tag| ListedTag { tag, digest: None, pushed: None });
        TagListing { tags: tags.collect(), ..TagListing::default() }
    }

    pub(super) async fn manifest_head(
        &self,
        selector: ManifestSelector<'_>,
    ) -> Result<Option<Digest>, RegistryError> {
        let found = self.find(selector).map(|(digest, _)| digest);
        let asked = |tag: &TagName| matches!(selector, ManifestSelector::Tag(one) if one == tag);
        let moves =
            self.quirks.moves_while_asked.lock().expect("a tag").take_if(|(tag, ..)| asked(tag));
        if let Some((tag, delay, digest)) = moves {
            self.content().tags.insert(tag, digest);
            tokio::time::sleep(delay).await;
        }
        Ok(found)
    }

    pub(super) fn manifest_get(&self, selector: ManifestSelector<'_>) -> Option<FetchedManifest> {
        let (digest, bytes) = self.find(selector)?;
        Some(FetchedManifest { digest, media_type: None, bytes })
    }

    pub(super) fn manifest_list(&self) -> Option<ManifestListing> {
        if self.quirks.tags_only {
            return None;
        }
        let manifests = {
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
            content.manifests.keys().map(listed).collect()
        };
        if let Some((tag, digest)) = &self.quirks.moves {
            self.content().tags.insert(tag.clone(), digest.clone());
        }
        Some(ManifestListing { manifests, ..ManifestListing::default() })
    }

    pub(super) fn deletion_prepare<'a>(&'a self, target: DeletionTarget<'a>) -> ReadyDeletion<'a> {
        let send: SendFuture<'a> = match target {
            DeletionTarget::Tag(tag) => Box::pin(async move { Ok(self.tag_remove(tag)) }),
            DeletionTarget::Manifest(manifest) => Box::pin(self.manifest_remove(manifest)),
        };
        ReadyDeletion { tags: None, send }
    }

    pub(super) fn manifest_put(
        &self,
        to: ManifestSelector<'_>,
        manifest: PushedManifest<'_>,
    ) -> Result<(), PushError> {
        if self.quirks.collected {
            let refused = RefusedPush::with_code("MANIFEST_BLOB_UNKNOWN");
            return Err(PushError::Refused { target: "registry.example".to_owned(), refused });
        }
        let tag = match to {
            ManifestSelector::Tag(tag) => Some(tag.as_str()),
            ManifestSelector::Digest(_) => None,
        };
        let text = std::str::from_utf8(manifest.bytes).expect("text");
        let digest = self.push(text, tag.as_slice());
        self.content().log.push(format!("put {digest} {}", tag.unwrap_or_default()));
        Ok(())
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
            scopes: None,
            budget: None,
            registries: None,
        }
    }
}

impl FakeRegistry {
    fn tag_remove(&self, tag: &TagName) -> DeletionAnswer {
        let digest = self.content().tags.remove(tag);
        if self.quirks.tag_takes_manifest {
            digest.as_ref().map(|digest| self.remove(digest));
        }
        digest.map_or(DeletionAnswer::NotFound, |_| DeletionAnswer::Done)
    }

    async fn manifest_remove(
        &self,
        manifest: ManifestToDelete<'_>,
    ) -> Result<DeletionAnswer, RegistryError> {
        if let Some(slow) = self.quirks.slow {
            tokio::time::sleep(slow).await;
        }
        let pushed = self.quirks.pushes.lock().expect("a manifest").take();
        if let Some((text, tag)) = pushed {
            self.push(&text, &[tag]);
        }
        if let Some(call) = &self.quirks.before_answer {
            call();
            tokio::task::yield_now().await;
        }
        Ok(if self.quirks.answer == Answering::NotFound {
            self.content().log.push(manifest.digest.to_string());
            DeletionAnswer::NotFound
        } else if self.quirks.retained.contains(manifest.digest) {
            DeletionAnswer::Retained("more than 5,000 downloads".to_owned())
        } else {
            let done = self.remove(manifest.digest);
            if self.quirks.answer == Answering::Lost {
                return Err(RegistryError::new(ErrorKind::Timeout, "no answer in 30 s"));
            }
            if self.quirks.answer == Answering::Interrupted {
                return Err(RegistryError::new(ErrorKind::Interrupted, "the connection broke"));
            }
            done
        })
    }
}
