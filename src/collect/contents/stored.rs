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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{References, TagAgreement};

    fn manifest(layers: &[(&str, u64)]) -> Manifest {
        let layers: Vec<_> = layers
            .iter()
            .map(|(name, size)| {
                let digest = Digest::of(name.as_bytes()).to_string();
                serde_json::json!({"digest": digest, "size": size})
            })
            .collect();
        let body = serde_json::json!({"schemaVersion": 2, "layers": layers});
        Manifest::parse(None, body.to_string().as_bytes()).expect("a manifest")
    }

    fn record(digest: &Digest, stored: Box<[u32]>) -> ManifestRecord {
        ManifestRecord {
            digest: digest.clone(),
            tags: Box::default(),
            pushed: None,
            built: None,
            bytes: None,
            stored,
            references: References::none(),
            agreement: TagAgreement::Agreed,
        }
    }

    /// Each manifest's content by digest, whatever its numbers are.
    fn read(order: &[usize]) -> (StoredContent, Vec<ManifestRecord>) {
        let all = [&[("base", 7), ("a", 1)][..], &[("base", 9), ("b", 2)], &[("b", 2), ("b", 2)]];
        let mut numbers = ContentNumbers::default();
        let mut records: Vec<ManifestRecord> = Vec::new();
        for index in order {
            let digest = Digest::of(&index.to_le_bytes());
            let stored = numbers.of(&digest, 100, &manifest(all[*index]));
            records.push(record(&digest, stored));
        }
        let stored = numbers.sorted(&mut records);
        records.sort_by(|a, b| a.digest.cmp(&b.digest));
        (stored, records)
    }

    #[test]
    fn content_is_kept_once_and_the_order_of_answers_does_not_matter() {
        let (stored, records) = read(&[0, 1, 2]);
        assert_eq!(read(&[2, 1, 0]), (stored.clone(), records.clone()));
        assert_eq!(read(&[1, 0, 2]), (stored.clone(), records.clone()));
        let base = Digest::of(b"base");
        let sizes: Vec<u64> = stored.clone().into_list().iter().map(|(_, size)| *size).collect();
        assert_eq!(sizes.len(), 6, "three manifests and three layers");
        let found = stored.into_list().into_iter().find(|(digest, _)| *digest == base);
        assert_eq!(found.map(|(_, size)| size), Some(9), "the greater of two sizes");
        let counts: Vec<usize> = records.iter().map(|record| record.stored.len()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 3 + 3 + 2);
    }

    #[test]
    fn reading_goes_on_with_the_numbers_that_there_are() {
        let (stored, mut records) = read(&[0, 1, 2]);
        let again = ContentNumbers::new(stored.clone()).sorted(&mut records);
        assert_eq!(again, stored);
        assert_eq!(records, read(&[0, 1, 2]).1);
    }
}
