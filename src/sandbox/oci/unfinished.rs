//! The uploads that were begun, and neither ended nor cancelled.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::RepositoryPath;

/// The unfinished uploads, by repository and id.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    begun: Mutex<BTreeMap<(RepositoryPath, String), Vec<u8>>>,
    counter: AtomicU64,
}

impl Uploads {
    /// How many uploads were begun and neither ended nor cancelled.
    pub(crate) fn unfinished(&self) -> usize {
        self.lock().len()
    }

    /// Begins one; returns its id.
    pub(super) fn begin(&self, repository: &RepositoryPath) -> String {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{count:012x}");
        self.lock().insert((repository.clone(), id.clone()), Vec::new());
        id
    }

    /// The bytes that were received for each.
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<(RepositoryPath, String), Vec<u8>>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
