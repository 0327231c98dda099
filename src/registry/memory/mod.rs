//! A registry in memory, for rehearsals and tests: no HTTP, no credentials, gone with the process.
//!
//! It behaves as the distribution specification has it, keeps account of referrers, and lists
//! manifests as a management API does. Content is checked when it is pushed, as a registry does.

mod answer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::Pushed;
use crate::http::{ErrorKind, RegistryError};
use crate::model::{Digest, Manifest, RepositoryPath, TagName};

/// A registry in memory. It is made with what it holds, and connected by
/// [`Connections::with_memory`](super::Connections::with_memory).
#[derive(Debug, Default)]
pub struct MemoryRegistry(Mutex<BTreeMap<RepositoryPath, StoredRepository>>);

/// A manifest as it was pushed.
#[derive(Debug, Clone)]
struct StoredManifest {
    media_type: String,
    bytes: Arc<[u8]>,
    manifest: Manifest,
    pushed: Option<DateTime<Utc>>,
}

/// What a tag points to, and since when.
#[derive(Debug, Clone)]
struct StoredTag {
    digest: Digest,
    pushed: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct StoredRepository {
    manifests: BTreeMap<Digest, StoredManifest>,
    blobs: BTreeMap<Digest, Arc<[u8]>>,
    /// None until the first tag: before that a registry knows no repository by this name.
    tags: Option<BTreeMap<TagName, StoredTag>>,
}

impl MemoryRegistry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Pushes blobs and manifests to a repository, in the order given, as at this time.
    ///
    /// # Errors
    /// [`RegistryError`] at the first that a registry would refuse: a manifest that cannot be
    /// read or refers to what is not there, or a tag that is none.
    pub fn push(
        &self,
        repository: &RepositoryPath,
        items: &[Pushed<'_>],
        at: Option<DateTime<Utc>>,
    ) -> Result<(), RegistryError> {
        let mut holdings = self.lock();
        let holding = holdings.entry(repository.clone()).or_default();
        for item in items {
            match *item {
                Pushed::Blob(bytes) => {
                    holding.blobs.insert(Digest::of(bytes), bytes.into());
                }
                Pushed::Manifest { media_type, bytes, tag } => {
                    let refused = |why: String| {
                        let message = format!("cannot push to {repository} in memory: {why}");
                        RegistryError::new(ErrorKind::Client, message)
                    };
                    let tag = tag.map(TagName::parse).transpose();
                    let tag = tag.map_err(|error| refused(error.to_string()))?;
                    let manifest = Manifest::parse(Some(media_type), bytes)
                        .map_err(|error| refused(error.to_string()))?;
                    if let Some(missing) = holding.missing(&manifest) {
                        return Err(refused(format!("{missing} has not been pushed before")));
                    }
                    let bytes = bytes.into();
                    let media_type = media_type.to_owned();
                    holding.put(StoredManifest { media_type, bytes, manifest, pushed: at }, tag);
                }
            }
        }
        Ok(())
    }

    /// Loses a blob, as a broken storage does; says whether it was there.
    pub fn blob_lose(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        let mut holdings = self.lock();
        holdings.get_mut(repository).is_some_and(|held| held.blobs.remove(digest).is_some())
    }

    /// Loses a manifest and leaves its tags pointing to nothing; says whether it was there.
    pub fn manifest_lose(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        let mut holdings = self.lock();
        holdings.get_mut(repository).is_some_and(|held| held.manifests.remove(digest).is_some())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RepositoryPath, StoredRepository>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoredRepository {
    /// Something that a manifest refers to and that is not here.
    fn missing(&self, manifest: &Manifest) -> Option<Digest> {
        let mut all: Box<dyn Iterator<Item = (&Digest, bool)>> = match manifest {
            Manifest::Image(image) => {
                let layers = image.layers.iter().filter(|layer| !layer.is_foreign());
                let blobs = image.config.iter().chain(layers).map(|blob| &blob.digest);
                Box::new(blobs.map(|digest| (digest, self.blobs.contains_key(digest))))
            }
            Manifest::Index(index) => {
                let children = index.children.iter().map(|child| &child.digest);
                Box::new(children.map(|digest| (digest, self.manifests.contains_key(digest))))
            }
        };
        all.find(|(_, there)| !there).map(|(digest, _)| digest.clone())
    }

    /// A manifest that is here already keeps the time of its first push.
    fn put(&mut self, held: StoredManifest, tag: Option<TagName>) {
        let (digest, pushed) = (Digest::of(&held.bytes), held.pushed);
        self.manifests.entry(digest.clone()).or_insert(held);
        if let Some(tag) = tag {
            let tags = self.tags.get_or_insert_default();
            tags.insert(tag, StoredTag { digest, pushed });
        }
    }

    fn resolve(&self, by: super::ManifestSelector<'_>) -> Option<(Digest, &StoredManifest)> {
        let digest = match by {
            super::ManifestSelector::Digest(digest) => digest,
            super::ManifestSelector::Tag(tag) => &self.tags.as_ref()?.get(tag)?.digest,
        };
        Some((digest.clone(), self.manifests.get(digest)?))
    }
}
