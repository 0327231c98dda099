//! Caches manifests and configs by digest, in memory and on disk. They never change. What a tag points to
//! is not cached.
//!
//! Files are `blobs/sha256/ab/<hex>` below the cache directory. Their digest is checked when they are read,
//! so a damaged or forged file counts as missing. If the cache cannot be written, runs are only slower.
//!
//! A manifest with a wrong `Content-Type` is never cached: the type is not part of the bytes, and the next
//! run must see the contradiction as well. Such digests are empty files `never/sha256/ab/<hex>`. Content
//! with a secret of the run is kept in memory only, since redacting it would change its digest.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cache_file;
use crate::model::{ByteCheck, Digest};
use crate::secrets::Secrets;

/// The largest content that is cached, in bytes.
const LARGEST: usize = 8 << 20;

/// Immutable content, by digest.
#[derive(Debug, Default)]
pub struct ContentCache {
    directory: Option<PathBuf>,
    memory: Mutex<HashMap<Digest, Arc<[u8]>>>,
    never: Mutex<HashSet<Digest>>,
    secrets: Secrets,
}

impl ContentCache {
    /// A cache for this run only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A cache that is also written to a directory, which is created when first needed.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory: Some(directory), ..Self::default() }
    }

    /// The same cache, which does not write content with one of these secrets to disk.
    pub(super) fn excluding(self, secrets: &Secrets) -> Self {
        Self { secrets: secrets.clone(), ..self }
    }

    /// The secrets that must not be written.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The content of a digest, if it is cached and undamaged.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        if let Some(bytes) = self.lock().get(digest) {
            return Some(Arc::clone(bytes));
        }
        if self.never().contains(digest) {
            return None;
        }
        let bytes = std::fs::read(self.path("blobs", digest)?).ok()?;
        if digest.check(&bytes) != ByteCheck::Match {
            return None;
        }
        Some(bytes.into())
    }

    /// Caches content whose digest was checked: on disk if possible, so that memory does not grow, else in
    /// memory.
    pub fn put(&self, digest: &Digest, bytes: &Arc<[u8]>) {
        if bytes.len() > LARGEST || self.is_never_cached(digest) {
            return;
        }
        if let Some(path) = self.path("blobs", digest) {
            match cache_file::write(&path, bytes, &self.secrets) {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, path = %path.display(), "not cached"),
            }
        }
        self.lock().insert(digest.clone(), Arc::clone(bytes));
    }

    /// Removes a manifest with a wrong `Content-Type` and never caches it again.
    pub fn never_cache(&self, digest: &Digest) {
        self.never().insert(digest.clone());
        self.lock().remove(digest);
        if let Some(path) = self.path("never", digest)
            && let Err(error) = cache_file::write(&path, b"", &self.secrets)
        {
            tracing::debug!(%error, path = %path.display(), "not recorded");
        }
        if let Some(path) = self.path("blobs", digest) {
            let _ = std::fs::remove_file(path);
        }
    }

    fn is_never_cached(&self, digest: &Digest) -> bool {
        self.never().contains(digest)
            || self.path("never", digest).is_some_and(|path| path.exists())
    }

    fn never(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.never.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<[u8]>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, kind: &str, digest: &Digest) -> Option<PathBuf> {
        let directory = self.directory.as_ref()?;
        let encoded = digest.encoded();
        if !matches!(digest.algorithm(), "sha256" | "sha512") {
            return None;
        }
        Some(directory.join(kind).join(digest.algorithm()).join(encoded.get(..2)?).join(encoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_counts_as_missing() {
        let directory = tempfile::tempdir().expect("a directory");
        let bytes: Arc<[u8]> = b"{}".as_slice().into();
        let digest = Digest::of(&bytes);
        let cache = || ContentCache::in_directory(directory.path().to_owned());
        cache().put(&digest, &bytes);
        assert_eq!(cache().get(&digest).as_deref(), Some(b"{}".as_slice()));
        let path = cache().path("blobs", &digest).expect("a path");
        std::fs::write(path, b"[]").expect("written");
        assert_eq!(cache().get(&digest), None);
    }

    #[test]
    fn what_was_declared_wrongly_is_never_taken_from_the_cache_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let bytes: Arc<[u8]> = b"{}".as_slice().into();
        let digest = Digest::of(&bytes);
        let kept = ContentCache::in_directory(directory.path().to_owned());
        for cache in [kept, ContentCache::in_memory()] {
            cache.put(&digest, &bytes);
            assert!(cache.get(&digest).is_some());
            cache.never_cache(&digest);
            assert!(cache.get(&digest).is_none());
            cache.put(&digest, &bytes);
            assert!(cache.get(&digest).is_none());
        }
        let another_run = ContentCache::in_directory(directory.path().to_owned());
        another_run.put(&digest, &bytes);
        assert!(another_run.get(&digest).is_none());
    }

    #[test]
    fn content_with_a_secret_is_kept_in_memory_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let secrets = Secrets::default();
        secrets.add("s3cr3t-t0ken");
        let bytes: Arc<[u8]> = br#"{"annotations":{"x":"s3cr3t-t\u0030ken"}}"#.as_slice().into();
        let digest = Digest::of(&bytes);
        let cache = ContentCache::in_directory(directory.path().to_owned()).excluding(&secrets);
        cache.put(&digest, &bytes);
        assert!(cache.get(&digest).is_some() && !directory.path().join("blobs").exists());
    }

    #[test]
    fn a_cache_that_cannot_be_written_still_serves_the_run() {
        let cache = ContentCache::in_directory(PathBuf::from("/dev/null/none"));
        let bytes: Arc<[u8]> = b"x".as_slice().into();
        cache.put(&Digest::of(&bytes), &bytes);
        assert!(cache.get(&Digest::of(&bytes)).is_some());
    }
}
