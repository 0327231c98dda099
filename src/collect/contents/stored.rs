//! Numbers the content of a repository while its manifests are read: a layer that a thousand manifests
//! share is kept in memory once.

use std::collections::HashMap;

use crate::model::{Digest, Manifest, ManifestRecord, StoredContent};

/// The content so far, numbered as it came.
#[derive(Default)]
pub(super) struct ContentNumbers {
    numbers: HashMap<Digest, u32>,
    sizes: Vec<u64>,
}

impl ContentNumbers {
    /// Starts from content that was numbered before.
    pub(super) fn new(stored: StoredContent) -> Self {
        let mut all = Self::default();
        for (digest, size) in stored.into_list() {
            all.number(&digest, size);
        }
        all
    }

    /// The content of a manifest that has so many bytes: itself, and all that it references as a blob.
    pub(super) fn of(&mut self, digest: &Digest, bytes: u64, manifest: &Manifest) -> Box<[u32]> {
        let itself = self.number(digest, bytes);
        let blobs = manifest.blobs().map(|blob| self.number(&blob.digest, blob.size));
        let mut all: Vec<u32> = itself.into_iter().chain(blobs.flatten()).collect();
        all.sort_unstable();
        all.dedup();
        all.into()
    }

    /// If two manifests disagree about a size, the greater counts. None beyond what a number can hold.
    fn number(&mut self, digest: &Digest, size: u64) -> Option<u32> {
        if let Some(known) = self.numbers.get(digest) {
            let at = usize::try_from(*known).ok()?;
            self.sizes[at] = self.sizes[at].max(size);
            return Some(*known);
        }
        let number = u32::try_from(self.sizes.len()).ok()?;
        self.numbers.insert(digest.clone(), number);
        self.sizes.push(size);
        Some(number)
    }

    /// The content in order, independent of the order of answers; the numbers in the records follow.
    pub(super) fn sorted(self, records: &mut [ManifestRecord]) -> StoredContent {
        let mut all: Vec<(Digest, u32)> = self.numbers.into_iter().collect();
        all.sort_unstable();
        let mut renumbered = vec![0; all.len()];
        for ((_, old), new) in all.iter().zip(0..) {
            renumbered[index(*old)] = new;
        }
        for record in records {
            for number in &mut record.stored {
                *number = renumbered[index(*number)];
            }
            record.stored.sort_unstable();
        }
        let sizes = &self.sizes;
        let list = all.into_iter().map(|(digest, old)| (digest, sizes[index(old)]));
        StoredContent::sorted(list.collect())
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
