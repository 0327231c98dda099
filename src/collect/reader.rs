//! Reads manifests and configs by digest, from the cache or the registry.

use chrono::{DateTime, Utc};

use crate::model::{Digest, ImageConfig, Manifest, ManifestRead, RepositoryPath};
use crate::registry::{
    Backend, ContentCache, ErrorKind, FetchedManifest, ManifestSelector, Presence, RequestError,
    manifest_exists,
};

/// The bytes of a digest, parsed.
pub(super) enum ReadManifest {
    /// A manifest, and its own size in bytes.
    Json { read: Box<ManifestRead>, bytes: u64 },
    /// Not JSON: it may reference anything.
    NotJson,
}

/// A registry with the cache in front of it.
#[derive(Clone, Copy)]
pub(super) struct ContentReader<'a> {
    pub(super) registry: &'a Backend,
    pub(super) cache: &'a ContentCache,
}

impl ContentReader<'_> {
    /// A manifest, from the cache if possible; none when the registry does not have it.
    pub(super) async fn manifest(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<Manifest>, RequestError> {
        match self.manifest_read(repository, digest).await? {
            None => Ok(None),
            Some(ReadManifest::Json { read, .. }) => Ok(Some(read.manifest)),
            Some(ReadManifest::NotJson) => Err(not_json(digest)),
        }
    }

    /// A manifest, with its size and its contradictions. One whose `Content-Type` contradicts its bytes
    /// is not cached, so that the next run sees the contradiction as well.
    pub(super) async fn manifest_read(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ReadManifest>, RequestError> {
        if let Some(bytes) = self.cache.get(digest) {
            return Ok(Some(parsed(None, &bytes)));
        }
        let selector = ManifestSelector::Digest(digest);
        let Some(fetched) = self.registry.manifest_get(repository, selector).await? else {
            return Ok(None);
        };
        Ok(Some(self.accept(&fetched)))
    }

    /// A manifest that was just fetched; caches it unless it contradicts its `Content-Type`.
    pub(super) fn accept(&self, fetched: &FetchedManifest) -> ReadManifest {
        let read = parsed(fetched.media_type.as_deref(), &fetched.bytes);
        if matches!(&read, ReadManifest::Json { read, .. } if read.inconsistency.is_some()) {
            self.cache.never_cache(&fetched.digest);
        } else {
            self.cache.put(&fetched.digest, &fetched.bytes);
        }
        read
    }

    /// A manifest, after the registry confirmed that it has it.
    pub(super) async fn manifest_confirmed(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ReadManifest>, RequestError> {
        if !self.manifest_still_exists(repository, digest).await? {
            return Ok(None);
        }
        self.manifest_read(repository, digest).await
    }

    /// Whether the registry has a manifest. Sends a request only if the manifest is cached; otherwise it
    /// will be fetched anyway.
    pub(super) async fn manifest_still_exists(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<bool, RequestError> {
        if self.cache.get(digest).is_none() {
            return Ok(true);
        }
        manifest_exists(self.registry, repository, digest).await
    }

    /// An image config; none when the registry does not have it.
    pub(super) async fn config(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ImageConfig>, RequestError> {
        let bytes = match self.cache.get(digest) {
            Some(bytes) => bytes,
            None => match self.registry.blob_get(repository, digest).await? {
                Some(bytes) => {
                    self.cache.put(digest, &bytes);
                    bytes
                }
                None => return Ok(None),
            },
        };
        ImageConfig::parse(&bytes).map(Some).map_err(|error| unreadable(digest, error))
    }

    /// An image config, after the registry confirmed that it has it.
    pub(super) async fn config_confirmed(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ImageConfig>, RequestError> {
        if self.cache.get(digest).is_some()
            && self.registry.blob_head(repository, digest).await? == Presence::Missing
        {
            return Ok(None);
        }
        self.config(repository, digest).await
    }

    /// The build time of an image: from its config, or that of an index's main platform. Other
    /// artifacts have none.
    pub(super) async fn built(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<DateTime<Utc>>, RequestError> {
        Ok(self.main_config(repository, digest).await?.and_then(|config| config.created))
    }

    /// The config of an image, or of the main platform of an index.
    pub(super) async fn main_config(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ImageConfig>, RequestError> {
        let mut digest = digest.clone();
        for _ in 0..4 {
            match self.manifest(repository, &digest).await? {
                None => return Ok(None),
                Some(Manifest::Index(index)) => match index.main_child() {
                    Some(child) => digest = child.digest.clone(),
                    None => return Ok(None),
                },
                Some(Manifest::Image(image)) => {
                    let config = image.config.filter(ImageConfig::is_described_by);
                    let Some(config) = config else {
                        return Ok(None);
                    };
                    return self.config(repository, &config.digest).await;
                }
            }
        }
        Ok(None)
    }
}

fn parsed(content_type: Option<&str>, bytes: &[u8]) -> ReadManifest {
    match ManifestRead::of(content_type, bytes) {
        Ok(read) => {
            let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            ReadManifest::Json { read: Box::new(read), bytes }
        }
        Err(_) => ReadManifest::NotJson,
    }
}

/// The error for content that should be a manifest and is not JSON.
pub(super) fn not_json(digest: &Digest) -> RequestError {
    let message = format!("{} is not JSON, so what it references is unknown", digest.short());
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("push the image again; what the tag points to is damaged or not an image")
}

fn unreadable(
    digest: &Digest,
    error: impl std::error::Error + Send + Sync + 'static,
) -> RequestError {
    let message = format!("{} cannot be read", digest.short());
    RequestError::new(ErrorKind::BadAnswer, message).with_source(error)
}
