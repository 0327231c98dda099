//! A registry in memory that keeps a log and misbehaves on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::change::Stop;
use crate::change::access::{ManifestPut, PutError, Replaced};
use crate::model::{Digest, RepositoryPath, TagName, TagPush};
use crate::registry::{
    Delete, DeletionAnswer, DeletionTarget, ErrorKind, FetchedManifest, ListedManifest, ListedTag,
    ManifestList, ManifestListing, ManifestSelector, ManifestToDelete, Presence, PushRefusal,
    ReadyDeletion, Registry, RegistryError, TagListing,
};

/// What becomes of deletions of manifests.
#[derive(Default, PartialEq, Eq)]
pub(super) enum Answering {
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
pub(super) struct Quirks {
    /// What becomes of deletions of manifests.
    pub(super) answer: Answering,
    /// What it keeps by a rule of its own.
    pub(super) retained: BTreeSet<Digest>,
    /// It deletes the manifest along with a tag.
    pub(super) tag_takes_manifest: bool,
    /// It answers deletions only after the stop was asked for.
    pub(super) stop: Option<Arc<Stop>>,
    /// A tag that moves right after the repository was listed.
    pub(super) moves: Option<(TagName, Digest)>,
    /// The first question where a tag points takes so long to be answered, and meanwhile the tag
    /// moves to this digest.
    pub(super) moves_while_asked: Mutex<Option<(TagName, Duration, Digest)>>,
    /// Each deletion takes so long, by the test's clock.
    pub(super) slow: Option<Duration>,
    /// A manifest that somebody pushes under a tag while the first deletion goes on.
    pub(super) pushes: Mutex<Option<(String, &'static str)>>,
    /// Its blobs are gone.
    pub(super) collected: bool,
}

#[derive(Default)]
pub(super) struct Content {
    pub(super) manifests: BTreeMap<Digest, Arc<[u8]>>,
    pub(super) tags: BTreeMap<TagName, Digest>,
    pub(super) log: Vec<String>,
}

#[derive(Default)]
pub(super) struct Fake {
    pub(super) content: Mutex<Content>,
    pub(super) quirks: Quirks,
}

type Answer<'a, T> = BoxFuture<'a, Result<T, RegistryError>>;

impl Fake {
    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("a registry")
    }

    /// Pushes a manifest.
    pub(super) fn push(&self, text: &str, tags: &[&str]) -> Digest {
        let digest = Digest::of(text.as_bytes());
        let mut content = self.content();
        content.manifests.insert(digest.clone(), text.as_bytes().into());
        for tag in tags {
            content.tags.insert(TagName::parse(tag).expect("a tag"), digest.clone());
        }
        digest
    }

    /// What was deleted, in this order.
    pub(super) fn log(&self) -> Vec<String> {
        self.content().log.clone()
    }

    fn listed(&self) {
        if let Some((tag, digest)) = &self.quirks.moves {
            self.content().tags.insert(tag.clone(), digest.clone());
        }
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

impl Registry for Fake {
    fn tag_list<'a>(&'a self, _: &'a RepositoryPath) -> BoxFuture<'a, TagListing> {
        let tags = self.content().tags.keys().cloned().collect::<Vec<_>>();
        let tags = tags.into_iter().map(|tag| ListedTag { tag, digest: None, pushed: None });
        let listing = TagListing { tags: tags.collect(), ..TagListing::default() };
        Box::pin(ready(listing))
    }

    fn manifest_head<'a>(
        &'a self,
        _: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> Answer<'a, Option<Digest>> {
        let found = self.find(selector).map(|(digest, _)| digest);
        let mut moves = self.quirks.moves_while_asked.lock().expect("a tag");
        let asked = |tag: &TagName| matches!(selector, ManifestSelector::Tag(one) if one == tag);
        match moves.take_if(|(tag, ..)| asked(tag)) {
            None => Box::pin(ready(Ok(found))),
            Some((tag, delay, digest)) => Box::pin(async move {
                self.content().tags.insert(tag, digest);
                tokio::time::sleep(delay).await;
                Ok(found)
            }),
        }
    }

    fn manifest_get<'a>(
        &'a self,
        _: &'a RepositoryPath,
        selector: ManifestSelector<'a>,
    ) -> Answer<'a, Option<FetchedManifest>> {
        let found = self.find(selector);
        Box::pin(ready(Ok(found.map(|(digest, bytes)| FetchedManifest {
            digest,
            media_type: None,
            bytes,
        }))))
    }

    fn blob_head<'a>(&'a self, _: &'a RepositoryPath, _: &'a Digest) -> Answer<'a, Presence> {
        Box::pin(ready(Ok(Presence::Present)))
    }

    fn blob_get<'a>(
        &'a self,
        _: &'a RepositoryPath,
        _: &'a Digest,
    ) -> Answer<'a, Option<Arc<[u8]>>> {
        Box::pin(ready(Ok(None)))
    }
}

impl ManifestList for Fake {
    fn manifest_list<'a>(
        &'a self,
        _: &'a RepositoryPath,
    ) -> BoxFuture<'a, Option<ManifestListing>> {
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
        self.listed();
        Box::pin(ready(Some(ManifestListing { manifests, ..ManifestListing::default() })))
    }
}

impl Delete for Fake {
    fn deletion_prepare<'a>(
        &'a self,
        _: &'a RepositoryPath,
        target: DeletionTarget<'a>,
    ) -> Answer<'a, ReadyDeletion<'a>> {
        let send: Answer<'a, DeletionAnswer> = match target {
            DeletionTarget::Tag(tag) => Box::pin(async move { Ok(self.tag_remove(tag)) }),
            DeletionTarget::Manifest(manifest) => Box::pin(self.manifest_remove(manifest)),
        };
        Box::pin(ready(Ok(ReadyDeletion { tags: None, send })))
    }
}

impl Fake {
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
        if let Some(stop) = &self.quirks.stop {
            stop.ask();
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

impl ManifestPut for Fake {
    fn manifest_put<'a>(
        &'a self,
        _: &'a RepositoryPath,
        manifest: Replaced<'a>,
    ) -> BoxFuture<'a, Result<(), PutError>> {
        let answer = if self.quirks.collected {
            let message = "MANIFEST_BLOB_UNKNOWN".to_owned();
            Err(PutError { refusal: PushRefusal::ContentMissing, message })
        } else {
            let tag: Vec<&str> = manifest.tag.iter().map(|tag| tag.as_str()).collect();
            let digest = self.push(manifest.text, &tag);
            self.content().log.push(format!("put {digest} {}", tag.concat()));
            Ok(())
        };
        Box::pin(ready(answer))
    }
}
