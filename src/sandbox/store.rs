//! The content of an embedded registry: repositories with their manifests, blobs and tags.
//!
//! It enforces no rule of a protocol; tests can write to it directly. All times are given by the
//! caller.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use super::content::{BuiltImage, ManifestBytes};
use crate::model::{ByteCheck, Digest, Manifest, RepositoryPath, TagName};

/// A manifest as it was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// The media type under which it was pushed.
    pub media_type: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// The manifest that it refers to as its subject.
    pub subject: Option<Digest>,
    /// When it was first pushed, if known.
    pub pushed: Option<DateTime<Utc>>,
}

impl StoredManifest {
    /// The parsed manifest; none if it cannot be parsed.
    pub(super) fn parsed(&self) -> Option<Manifest> {
        Manifest::parse(Some(&self.media_type), &self.bytes).ok()
    }
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTag {
    /// What it points to.
    pub digest: Digest,
    /// When it was last set, if known.
    pub updated: Option<DateTime<Utc>>,
}

/// A blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredBlob {
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// As many zero bytes: a large layer that takes no memory.
    Zeros(u64),
}

impl StoredBlob {
    /// A blob of zeros, with its sha256 digest.
    #[must_use]
    pub fn zeros(length: u64) -> (Digest, Self) {
        let like = Digest::of(b"");
        (digest_of_zeros(&like, length).unwrap_or(like), Self::Zeros(length))
    }

    /// Whether this is the blob that a digest names.
    pub(super) fn is_of(&self, digest: &Digest) -> bool {
        match self {
            Self::Bytes(bytes) => digest.check(bytes) == ByteCheck::Match,
            Self::Zeros(length) => digest_of_zeros(digest, *length).as_ref() == Some(digest),
        }
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(length) => *length,
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The digest of so many zeros, by the algorithm of another one; none when that is unknown.
fn digest_of_zeros(like: &Digest, length: u64) -> Option<Digest> {
    let piece = [0; 8 * 1024];
    let (mut state, mut left) = (like.state()?, length);
    while left > 0 {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        state.update(&piece[..size]);
        left -= size as u64;
    }
    Some(state.digest())
}

#[derive(Debug, Default)]
struct RepositoryContent {
    manifests: BTreeMap<Digest, StoredManifest>,
    blobs: BTreeMap<Digest, StoredBlob>,
    /// None until the first tag: before that the repository does not exist for clients.
    tags: Option<BTreeMap<TagName, StoredTag>>,
}

/// The content of an embedded registry. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Store(Arc<RwLock<BTreeMap<RepositoryPath, RepositoryContent>>>);

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The repositories that have, or have had, a tag.
    #[must_use]
    pub fn repositories(&self) -> Vec<RepositoryPath> {
        let repositories = self.read();
        repositories
            .iter()
            .filter(|(_, content)| content.tags.is_some())
            .map(|(p, _)| p.clone())
            .collect()
    }

    /// The tags of a repository in lexical order; none for a repository that never had one.
    #[must_use]
    pub fn tags(&self, repository: &RepositoryPath) -> Option<BTreeMap<TagName, StoredTag>> {
        self.read().get(repository)?.tags.clone()
    }

    /// The names of the tags after `last`, or all, in lexical order; none for a repository that
    /// never had a tag.
    #[must_use]
    pub fn tag_names(
        &self,
        repository: &RepositoryPath,
        last: Option<&str>,
    ) -> Option<Vec<String>> {
        let repositories = self.read();
        let tags = repositories.get(repository)?.tags.as_ref()?.keys().map(TagName::as_str);
        let behind = tags.skip_while(|name| last.is_some_and(|last| *name <= last));
        Some(behind.map(str::to_owned).collect())
    }

    /// What a tag points to.
    #[must_use]
    pub fn resolve(&self, repository: &RepositoryPath, tag: &TagName) -> Option<Digest> {
        Some(self.read().get(repository)?.tags.as_ref()?.get(tag)?.digest.clone())
    }

    /// Sets a tag, even if there is no such manifest.
    pub fn set_tag(&self, repository: &RepositoryPath, tag: &TagName, stored: StoredTag) {
        let mut repositories = self.write();
        let tags = repositories.entry(repository.clone()).or_default().tags.get_or_insert_default();
        tags.insert(tag.clone(), stored);
    }

    /// Removes a tag but not its manifest; returns whether it existed.
    #[expect(
        clippy::must_use_candidate,
        reason = "callers may not need to know whether it existed"
    )]
    pub fn remove_tag(&self, repository: &RepositoryPath, tag: &TagName) -> bool {
        let mut repositories = self.write();
        let tags = repositories.get_mut(repository).and_then(|content| content.tags.as_mut());
        tags.and_then(|tags| tags.remove(tag)).is_some()
    }

    /// A manifest.
    #[must_use]
    pub fn manifest(&self, repository: &RepositoryPath, digest: &Digest) -> Option<StoredManifest> {
        self.read().get(repository)?.manifests.get(digest).cloned()
    }

    /// All manifests of a repository, tagged or not.
    #[must_use]
    pub fn manifests(&self, repository: &RepositoryPath) -> BTreeMap<Digest, StoredManifest> {
        self.read().get(repository).map(|content| content.manifests.clone()).unwrap_or_default()
    }

    /// The manifests that have `subject` as their subject.
    #[must_use]
    pub fn referrers(
        &self,
        repository: &RepositoryPath,
        subject: &Digest,
    ) -> BTreeMap<Digest, StoredManifest> {
        let repositories = self.read();
        let all = repositories.get(repository).into_iter().flat_map(|content| &content.manifests);
        all.filter(|(_, manifest)| manifest.subject.as_ref() == Some(subject))
            .map(|(digest, manifest)| (digest.clone(), manifest.clone()))
            .collect()
    }

    /// Stores a manifest; an existing one keeps the time of its first push.
    pub fn put_manifest(
        &self,
        repository: &RepositoryPath,
        manifest: &ManifestBytes,
        pushed: Option<DateTime<Utc>>,
    ) {
        let subject = match Manifest::parse(Some(&manifest.media_type), &manifest.bytes) {
            Ok(Manifest::Image(image)) => image.subject,
            Ok(Manifest::Index(index)) => index.subject,
            Err(_) => None,
        };
        let mut repositories = self.write();
        let manifests = &mut repositories.entry(repository.clone()).or_default().manifests;
        let pushed = manifests.get(&manifest.digest).and_then(|known| known.pushed).or(pushed);
        let stored = StoredManifest {
            media_type: manifest.media_type.clone(),
            bytes: Arc::clone(&manifest.bytes),
            subject,
            pushed,
        };
        manifests.insert(manifest.digest.clone(), stored);
    }

    /// Removes a manifest and all its tags; returns whether it existed.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests>
    #[expect(
        clippy::must_use_candidate,
        reason = "callers may not need to know whether it existed"
    )]
    pub fn remove_manifest(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        let mut repositories = self.write();
        let Some(content) = repositories.get_mut(repository) else { return false };
        if let Some(tags) = &mut content.tags {
            tags.retain(|_, tag| tag.digest != *digest);
        }
        content.manifests.remove(digest).is_some()
    }

    /// The bytes of a blob; none for one that is stored as a number of zeros.
    #[must_use]
    pub fn blob(&self, repository: &RepositoryPath, digest: &Digest) -> Option<Arc<[u8]>> {
        match self.stored_blob(repository, digest)? {
            StoredBlob::Bytes(bytes) => Some(bytes),
            StoredBlob::Zeros(_) => None,
        }
    }

    /// A blob, however it is stored.
    #[must_use]
    pub fn stored_blob(&self, repository: &RepositoryPath, digest: &Digest) -> Option<StoredBlob> {
        self.read().get(repository)?.blobs.get(digest).cloned()
    }

    /// The digests of all blobs of a repository, with their lengths.
    #[must_use]
    pub fn blobs(&self, repository: &RepositoryPath) -> BTreeMap<Digest, u64> {
        let repositories = self.read();
        let all = repositories.get(repository).into_iter().flat_map(|content| &content.blobs);
        all.map(|(digest, blob)| (digest.clone(), blob.len())).collect()
    }

    /// Stores a blob; the caller has checked its digest.
    pub fn put_blob(&self, repository: &RepositoryPath, digest: Digest, bytes: Arc<[u8]>) {
        self.store_blob(repository, digest, StoredBlob::Bytes(bytes));
    }

    /// Stores a blob in any form; the caller has checked its digest.
    pub fn store_blob(&self, repository: &RepositoryPath, digest: Digest, blob: StoredBlob) {
        self.write().entry(repository.clone()).or_default().blobs.insert(digest, blob);
    }

    /// Removes a blob; returns whether it existed.
    #[expect(
        clippy::must_use_candidate,
        reason = "callers may not need to know whether it existed"
    )]
    pub fn remove_blob(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        let mut repositories = self.write();
        repositories.get_mut(repository).and_then(|content| content.blobs.remove(digest)).is_some()
    }

    /// Stores an image with all its manifests and blobs, and sets its tags.
    pub fn push(
        &self,
        repository: &RepositoryPath,
        image: &BuiltImage,
        tags: &[TagName],
        pushed: Option<DateTime<Utc>>,
    ) {
        for blob in &image.blobs {
            self.put_blob(repository, blob.digest.clone(), Arc::clone(&blob.bytes));
        }
        for manifest in image.manifests() {
            self.put_manifest(repository, manifest, pushed);
        }
        for tag in tags {
            let digest = image.root.digest.clone();
            self.set_tag(repository, tag, StoredTag { digest, updated: pushed });
        }
    }

    /// The digests that a manifest refers to and that the repository lacks.
    #[must_use]
    pub fn missing(&self, repository: &RepositoryPath, manifest: &Manifest) -> Vec<Digest> {
        let repositories = self.read();
        let content = repositories.get(repository);
        let has_blob = |digest: &Digest| content.is_some_and(|s| s.blobs.contains_key(digest));
        let has_manifest =
            |digest: &Digest| content.is_some_and(|s| s.manifests.contains_key(digest));
        match manifest {
            Manifest::Image(image) => image
                .config
                .iter()
                .chain(image.layers.iter().filter(|layer| !layer.is_foreign()))
                .map(|descriptor| descriptor.digest.clone())
                .filter(|digest| !has_blob(digest))
                .collect(),
            Manifest::Index(index) => index
                .children
                .iter()
                .map(|child| child.digest.clone())
                .filter(|digest| !has_manifest(digest))
                .collect(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<RepositoryPath, RepositoryContent>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<RepositoryPath, RepositoryContent>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
