//! Reads manifests and configs by digest, from the cache before the registry.

use chrono::{DateTime, Utc};

use crate::model::{Digest, ImageConfig, Manifest, ManifestRead, RepositoryPath};
use crate::registry::{
    Backend, ContentCache, ErrorKind, ManifestSelector, Presence, RegistryError, manifest_exists,
};

/// What the bytes of a digest are.
pub(super) enum ReadManifest {
    /// A manifest, and how many bytes it has itself.
    Json { read: Box<ManifestRead>, bytes: u64 },
    /// No JSON: it may need anything.
    NotJson,
}

/// A registry with the cache in front of it.
#[derive(Clone, Copy)]
pub(super) struct ContentReader<'a> {
    pub(super) registry: &'a Backend,
    pub(super) cache: &'a ContentCache,
}

impl ContentReader<'_> {
    /// A manifest, from the cache if it is there; none when the registry does not have it.
    pub(super) async fn manifest(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<Manifest>, RegistryError> {
        match self.manifest_read(repository, digest).await? {
            None => Ok(None),
            Some(ReadManifest::Json { read, .. }) => Ok(Some(read.manifest)),
            Some(ReadManifest::NotJson) => Err(not_json(digest)),
        }
    }

    /// The same, with its size and with what is doubtful about it. What a registry declares as
    /// something else than it is, is not kept: the next run has to see that as well.
    pub(super) async fn manifest_read(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ReadManifest>, RegistryError> {
        if let Some(bytes) = self.cache.get(digest) {
            return Ok(Some(parsed(None, &bytes)));
        }
        let selector = ManifestSelector::Digest(digest);
        let Some(fetched) = self.registry.manifest_get(repository, selector).await? else {
            return Ok(None);
        };
        let read = parsed(fetched.media_type.as_deref(), &fetched.bytes);
        if matches!(&read, ReadManifest::Json { read, .. } if read.inconsistency.is_some()) {
            self.cache.never_keep(digest);
        } else {
            self.cache.put(digest, &fetched.bytes);
        }
        Ok(Some(read))
    }

    /// A manifest, and the registry has surely been asked whether it is there.
    pub(super) async fn manifest_proved(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ReadManifest>, RegistryError> {
        if !self.manifest_is_there(repository, digest).await? {
            return Ok(None);
        }
        self.manifest_read(repository, digest).await
    }

    /// Asks the registry whether it has a manifest that the cache has; what must be fetched anyway
    /// needs no question before.
    pub(super) async fn manifest_is_there(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<bool, RegistryError> {
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
    ) -> Result<Option<ImageConfig>, RegistryError> {
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

    /// The same, and the registry has surely been asked whether it is there.
    pub(super) async fn config_proved(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ImageConfig>, RegistryError> {
        if self.cache.get(digest).is_some()
            && self.registry.blob_head(repository, digest).await? == Presence::Missing
        {
            return Ok(None);
        }
        self.config(repository, digest).await
    }

    /// When the image below a digest says that it was built: its own config's date, or that of
    /// the main platform of an index. What is not an image has none.
    pub(super) async fn built(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<DateTime<Utc>>, RegistryError> {
        Ok(self.main_config(repository, digest).await?.and_then(|config| config.created))
    }

    /// The config of the image below a digest: its own, or that of the main platform of an index.
    pub(super) async fn main_config(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
    ) -> Result<Option<ImageConfig>, RegistryError> {
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

/// The error of who needs to know what a manifest names.
pub(super) fn not_json(digest: &Digest) -> RegistryError {
    let message = format!("{} is no JSON, so nobody knows what it needs", digest.short());
    RegistryError::new(ErrorKind::BadAnswer, message)
        .with_hint("push the image again; what the tag points to is damaged or no image")
}

fn unreadable(
    digest: &Digest,
    error: impl std::error::Error + Send + Sync + 'static,
) -> RegistryError {
    let message = format!("{} cannot be read", digest.short());
    RegistryError::new(ErrorKind::BadAnswer, message).with_source(error)
}
