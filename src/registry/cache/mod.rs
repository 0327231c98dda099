//! Caches manifests and configs by digest, in memory and on disk. They never change. What a tag points to
//! is not cached.
//!
//! On disk they are in [`packs`] below the cache directory. Their digest is checked when they are read,
//! so a damaged or forged one counts as missing. If the cache cannot be written, runs are only slower.
//!
//! A manifest with a wrong `Content-Type` is never cached: the type is not part of the bytes, and the next
//! run must see the contradiction as well. Such digests are empty files `never/sha256/ab/<hex>`. Content
//! with a secret of the run is kept in memory only, since redacting it would change its digest.

mod packs;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::cache_file;
use crate::model::{ByteCheck, Digest};
use crate::secrets::Secrets;
use packs::Packs;

/// The largest content that is cached, in bytes.
const LARGEST: usize = 8 << 20;

/// Immutable content, by digest. What was put is on disk when this is dropped.
#[derive(Default)]
pub struct ContentCache {
    disk: Option<Disk>,
    memory: Mutex<HashMap<Digest, Arc<[u8]>>>,
    never: Mutex<HashSet<Digest>>,
    secrets: Secrets,
}

/// The part on disk; opened when first needed.
struct Disk {
    directory: PathBuf,
    packs: OnceLock<Mutex<Packs>>,
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
        let mut cache = Self::default();
        cache.disk = Some(Disk { directory, packs: OnceLock::new() });
        cache
    }

    /// The same cache, which does not write content with one of these secrets to disk.
    pub(super) fn excluding(mut self, secrets: &Secrets) -> Self {
        self.secrets = secrets.clone();
        self
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
        let bytes = self.disk.as_ref()?.packs().get(digest)?;
        let is_whole = digest.check(&bytes) == ByteCheck::Match;
        (is_whole && !self.is_never_cached(digest)).then_some(bytes)
    }

    /// Caches content whose digest was checked: on disk if possible, so that memory does not grow, else in
    /// memory.
    pub fn put(&self, digest: &Digest, bytes: &Arc<[u8]>) {
        if bytes.len() > LARGEST || self.is_never_cached(digest) {
            return;
        }
        match &self.disk {
            Some(disk) if Packs::can_hold(digest) && !self.secrets.occur_in(bytes) => {
                let mut packs = disk.packs();
                if packs.put(digest, bytes) {
                    log_failure(packs.write(&disk.packs_directory(), &self.secrets));
                }
            }
            _ => {
                self.lock().insert(digest.clone(), Arc::clone(bytes));
            }
        }
    }

    /// Never takes a manifest with a wrong `Content-Type` from the cache again.
    pub fn never_cache(&self, digest: &Digest) {
        self.never().insert(digest.clone());
        self.lock().remove(digest);
        if let Some(path) = self.never_path(digest) {
            log_failure(cache_file::write(&path, b"", &self.secrets));
        }
    }

    fn is_never_cached(&self, digest: &Digest) -> bool {
        self.never().contains(digest) || self.never_path(digest).is_some_and(|path| path.exists())
    }

    fn never(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.never.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Arc<[u8]>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn never_path(&self, digest: &Digest) -> Option<PathBuf> {
        let directory = &self.disk.as_ref()?.directory;
        let encoded = digest.encoded();
        let kind = directory.join("never").join(digest.algorithm());
        Packs::can_hold(digest).then(|| kind.join(&encoded[..2]).join(encoded))
    }
}

impl Disk {
    fn packs_directory(&self) -> PathBuf {
        self.directory.join("packs")
    }

    fn packs(&self) -> MutexGuard<'_, Packs> {
        let packs = self.packs.get_or_init(|| Mutex::new(Packs::open(&self.packs_directory())));
        packs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ContentCache {
    fn drop(&mut self) {
        let Some(disk) = &self.disk else { return };
        // If nothing was asked for, nothing is waiting.
        if disk.packs.get().is_some() {
            let directory = disk.packs_directory();
            let written = disk.packs().write(&directory, &self.secrets);
            log_failure(written.and_then(|()| packs::merge_small(&directory, &self.secrets)));
        }
    }
}

impl fmt::Debug for ContentCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = self.disk.as_ref().map(|disk| &disk.directory);
        formatter
            .debug_struct("ContentCache")
            .field("directory", &directory)
            .finish_non_exhaustive()
    }
}

/// The next run asks the registry again.
fn log_failure(result: std::io::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "not cached");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn content(number: usize) -> (Digest, Arc<[u8]>) {
        let bytes: Arc<[u8]> = format!("{{\"number\":{number}}}").into_bytes().into();
        (Digest::of(&bytes), bytes)
    }

    fn packs(directory: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory.join("packs")).expect("a directory");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// What one run caches.
    fn run(directory: &Path, numbers: std::ops::Range<usize>) {
        let cache = ContentCache::in_directory(directory.to_owned());
        for (digest, bytes) in numbers.map(content) {
            cache.put(&digest, &bytes);
            assert_eq!(cache.get(&digest), Some(bytes), "read by the same run");
        }
    }

    fn is_cached(directory: &Path, number: usize) -> bool {
        let (digest, bytes) = content(number);
        let found = ContentCache::in_directory(directory.to_owned()).get(&digest);
        assert!(found.is_none() || found == Some(bytes));
        found.is_some()
    }

    #[test]
    fn a_run_writes_one_file_and_the_next_run_reads_it() {
        let directory = tempfile::tempdir().expect("a directory");
        run(directory.path(), 0..500);
        assert_eq!(packs(directory.path()).len(), 1);
        assert!((0..500).all(|number| is_cached(directory.path(), number)));
        assert!(!is_cached(directory.path(), 500));
    }

    #[test]
    fn whatever_byte_of_a_pack_is_damaged_or_cut_off_the_content_is_right_or_missing() {
        let directory = tempfile::tempdir().expect("a directory");
        run(directory.path(), 0..3);
        let pack = packs(directory.path()).pop().expect("a pack");
        let whole = std::fs::read(&pack).expect("read");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            for bytes in [&damaged, &whole[..at]] {
                std::fs::write(&pack, bytes).expect("written");
                let found = (0..3).filter(|number| is_cached(directory.path(), *number)).count();
                assert!(found < 3, "a content depends on byte {at}");
            }
        }
    }

    #[test]
    fn small_packs_are_merged_and_nothing_is_lost() {
        let directory = tempfile::tempdir().expect("a directory");
        for night in 0..80 {
            run(directory.path(), night..night + 1);
        }
        assert!(packs(directory.path()).len() < 33);
        assert!((0..80).all(|number| is_cached(directory.path(), number)));
    }

    #[test]
    fn runs_at_the_same_time_read_only_what_is_right() {
        let directory = tempfile::tempdir().expect("a directory");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let directory = directory.path();
                scope.spawn(move || {
                    for night in 0..40 {
                        run(directory, night * 4 + thread..night * 4 + thread + 1);
                        is_cached(directory, night);
                    }
                });
            }
        });
        let cached = (0..160).filter(|number| is_cached(directory.path(), *number)).count();
        assert!(cached > 120, "{cached} of 160 are left");
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
        assert!(cache.get(&digest).is_some() && !directory.path().join("packs").exists());
    }

    #[test]
    fn a_cache_that_cannot_be_written_still_serves_the_run() {
        let cache = ContentCache::in_directory(PathBuf::from("/dev/null/none"));
        let bytes: Arc<[u8]> = b"x".as_slice().into();
        cache.put(&Digest::of(&bytes), &bytes);
        assert!(cache.get(&Digest::of(&bytes)).is_some());
        let large: Vec<Arc<[u8]>> = (0..9).map(|byte| vec![byte; 1 << 20].into()).collect();
        for bytes in &large {
            cache.put(&Digest::of(bytes), bytes);
        }
        assert!(large.iter().all(|bytes| cache.get(&Digest::of(bytes)).is_some()));
    }
}
