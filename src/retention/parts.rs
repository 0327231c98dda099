//! Large contents in parts, which are read on several threads: following the pointers of a million records is
//! what takes the time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::model::{ManifestRecord, RepositoryContents};

/// How many manifests one part has at most.
const SIZE: usize = 1 << 14;

/// Some of the manifests of a repository.
pub(super) struct Part<'a> {
    /// The repository, by its index.
    pub(super) repository: usize,
    /// The index of the first manifest.
    pub(super) first: usize,
    pub(super) records: &'a [ManifestRecord],
}

/// Reads all manifests; returns what was read of each part, in their order.
pub(super) fn read_in_parts<T: Send>(
    repositories: &[RepositoryContents],
    read: impl Fn(&Part<'_>) -> T + Sync,
) -> Vec<T> {
    let parts: Vec<Part<'_>> = repositories.iter().enumerate().flat_map(parts_of).collect();
    let threads = match parts.len() {
        0..4 => 1,
        count => thread::available_parallelism().map_or(1, usize::from).min(count),
    };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(parts.len()));
    let work = || {
        while let Some((index, part)) = take(&next, &parts) {
            let result = read(part);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system allows no more threads, this one does all of it.
            drop(thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn take<'p, 'a>(next: &AtomicUsize, parts: &'p [Part<'a>]) -> Option<(usize, &'p Part<'a>)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, parts.get(index)?))
}

fn parts_of(
    (repository, contents): (usize, &RepositoryContents),
) -> impl Iterator<Item = Part<'_>> {
    let parts = contents.manifests.chunks(SIZE).enumerate();
    parts.map(move |(number, records)| Part { repository, first: number * SIZE, records })
}
