//! What a plan frees and what stays, with content that several manifests share counted once.
//!
//! A registry stores a layer once, however many manifests use it, and its garbage collection frees only what
//! nothing that is kept uses. So each digest counts once per registry: with the first kept manifest that has
//! it, and only if none is kept, with the first deleted one.

use std::collections::{HashMap, HashSet};

use super::plan::{Decision, Plan, PlanEntry};
use crate::model::{Contents, Digest, ManifestRecord, RegistryName, Repository, StoredContent};

/// Sets what each entry stores or frees. To be called whenever decisions have changed.
pub fn count_content_once(plan: &mut Plan, contents: &Contents) {
    let known = Known::new(contents);
    let mut counted: HashMap<&RegistryName, HashSet<&Digest>> = HashMap::new();
    for is_kept in [true, false] {
        let entries = plan.entries.iter_mut();
        for entry in entries.filter(|entry| (entry.decision != Decision::Delete) == is_kept) {
            let Some((record, stored)) = known.find(entry) else { continue };
            let Some(registry) = known.registry(&entry.repository) else { continue };
            let counted = counted.entry(registry).or_default();
            let content = record.stored.iter().filter_map(|number| stored.get(*number));
            let new = content.filter(|(digest, _)| counted.insert(digest));
            entry.stored = new.fold(0, |sum, (_, size)| sum.saturating_add(size));
        }
    }
}

/// What was read, by repository and digest.
struct Known<'a> {
    records: HashMap<(&'a Repository, &'a Digest), &'a ManifestRecord>,
    repositories: HashMap<&'a Repository, &'a StoredContent>,
}

impl<'a> Known<'a> {
    fn new(contents: &'a Contents) -> Self {
        let records = contents.repositories.iter().flat_map(|of| {
            of.manifests.iter().map(move |record| ((&of.repository, &record.digest), record))
        });
        let repositories = contents.repositories.iter().map(|of| (&of.repository, &of.stored));
        Self { records: records.collect(), repositories: repositories.collect() }
    }

    /// The record of an entry whose content is known.
    fn find(&self, entry: &PlanEntry) -> Option<(&'a ManifestRecord, &'a StoredContent)> {
        let record = self.records.get(&(&entry.repository, &entry.digest))?;
        let stored = self.repositories.get(&entry.repository)?;
        (!record.stored.is_empty()).then_some((*record, *stored))
    }

    fn registry(&self, repository: &Repository) -> Option<&'a RegistryName> {
        self.repositories.get_key_value(repository).map(|(known, _)| &known.registry)
    }
}
