//! Caches what never changes: completed attempts, their jobs, and deployments that succeeded.
//!
//! Each is a file of JSON below `github/<host>/<owner>/<name>` of the cache directory, written whole. What
//! cannot be read as what it should be counts as missing. Text with a secret of the run is kept in memory.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::cache_file;
use crate::http::authority;
use crate::policy::GitHubRepository;
use crate::secrets::Secrets;

/// What never changes, of one repository.
pub(super) struct Cache {
    directory: Option<PathBuf>,
    memory: Mutex<HashMap<String, Vec<u8>>>,
    secrets: Secrets,
}

impl Cache {
    /// The cache for a repository, below a directory, or for this run only.
    pub(super) fn new(
        directory: Option<PathBuf>,
        (api, repository): (&Url, &GitHubRepository),
        secrets: &Secrets,
    ) -> Self {
        // A colon is not part of file names on every system.
        let host = authority(api).replace([':', '[', ']'], "_");
        let below = ["github", &host, repository.owner(), repository.name()];
        let directory = directory.map(|base| below.iter().fold(base, |path, part| path.join(part)));
        Self { directory, memory: Mutex::default(), secrets: secrets.clone() }
    }

    /// What is cached under a name.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        if let Some(bytes) = self.lock().get(name) {
            return serde_json::from_slice(bytes).ok();
        }
        let bytes = std::fs::read(self.path(name)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Caches something under a name.
    pub(super) fn put(&self, name: &str, value: &impl Serialize) {
        let Ok(bytes) = serde_json::to_vec(value) else { return };
        if let Some(path) = self.path(name) {
            match cache_file::write(&path, &bytes, &self.secrets) {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, path = %path.display(), "not cached"),
            }
        }
        self.lock().insert(name.to_owned(), bytes);
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(format!("{name}.json")))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
