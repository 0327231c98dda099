//! What a plan frees and what stays, with content that several manifests share counted once.
//!
//! A registry stores a layer once, however many manifests use it, and its garbage collection frees only what
//! nothing that is kept uses. So each digest counts once per registry: with the first kept manifest that has
//! it, and only if none is kept, with the first deleted one.

use std::collections::{HashMap, HashSet};

use super::plan::{Decision, Plan};
use crate::model::{Contents, Digest, RegistryName, Repository, RepositoryContents};

/// Sets what each entry stores or frees. To be called whenever decisions have changed.
pub fn count_content_once(plan: &mut Plan, contents: &Contents) {
    let contents = contents.in_order();
    let repositories = contents.repositories.iter().map(|of| (&of.repository, of));
    let repositories: HashMap<&Repository, &RepositoryContents> = repositories.collect();
    let mut counted: HashMap<&RegistryName, HashSet<&Digest>> = HashMap::new();
    for is_kept in [true, false] {
        let entries = plan.entries.iter_mut();
        for entry in entries.filter(|entry| (entry.decision != Decision::Delete) == is_kept) {
            let Some(of) = repositories.get(&entry.repository) else { continue };
            let Some(numbers) = content_of(of, &entry.digest) else { continue };
            let counted = counted.entry(&of.repository.registry).or_default();
            let content = numbers.iter().filter_map(|number| of.stored.get(*number));
            let new = content.filter(|(digest, _)| counted.insert(digest));
            entry.stored = new.fold(0, |sum, (_, size)| sum.saturating_add(size));
        }
    }
}

/// The numbers of a manifest's content, if that is known; manifests are sorted by digest.
fn content_of<'a>(of: &'a RepositoryContents, digest: &Digest) -> Option<&'a [u32]> {
    let found = of.manifests.binary_search_by(|record| record.digest.cmp(digest)).ok()?;
    let numbers = &*of.manifests.get(found)?.stored;
    (!numbers.is_empty()).then_some(numbers)
}
