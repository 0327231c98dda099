//! The order of deletions: an index before its children, a subject before its referrers. So a run that is
//! killed leaves no manifest that references a deleted one. Restoring has an order too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Digest, References, TagName};

/// The references between the manifests of a repository that are to be deleted or restored.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// For each manifest those that must be processed before it.
    before: BTreeMap<Digest, BTreeSet<Digest>>,
    /// For each manifest those that must be kept if it is kept.
    kept_with: BTreeMap<Digest, BTreeSet<Digest>>,
}

impl Order {
    /// Adds a manifest to delete, with its tags.
    pub(super) fn add(&mut self, digest: &Digest, references: &References, tags: &[TagName]) {
        for child in references.children() {
            self.edge(digest, child);
        }
        let about = tags.iter().filter_map(accessory_subject);
        for subject in references.subject().cloned().into_iter().chain(about) {
            self.edge(&subject, digest);
            // A referrer that is kept keeps its subject.
            self.keep(digest, &subject);
        }
    }

    /// Adds a manifest to restore: its children and its subject must exist before.
    pub(super) fn add_needs(&mut self, digest: &Digest, references: &References) {
        for needed in references.children().iter().chain(references.subject()) {
            self.edge(needed, digest);
        }
    }

    /// The first must be processed before the second.
    fn edge(&mut self, first: &Digest, then: &Digest) {
        if first != then {
            self.before.entry(then.clone()).or_default().insert(first.clone());
            self.keep(first, then);
        }
    }

    fn keep(&mut self, one: &Digest, with: &Digest) {
        self.kept_with.entry(one.clone()).or_default().insert(with.clone());
    }

    /// Those that must be processed before this one.
    pub(super) fn before(&self, digest: &Digest) -> impl Iterator<Item = &Digest> {
        self.before.get(digest).into_iter().flatten()
    }

    /// Those that must be kept if this one is kept.
    pub(super) fn kept_with(&self, digest: &Digest) -> impl Iterator<Item = &Digest> {
        self.kept_with.get(digest).into_iter().flatten()
    }

    /// The given manifests in waves; each wave is processed after those before it. Manifests that reference
    /// each other in a circle come last.
    pub(super) fn waves(&self, going: &BTreeSet<Digest>) -> Vec<Vec<Digest>> {
        let mut left = going.clone();
        let mut waves = Vec::new();
        while !left.is_empty() {
            let free = |digest: &&Digest| !self.before(digest).any(|other| left.contains(other));
            let wave: BTreeSet<Digest> = left.iter().filter(free).cloned().collect();
            let wave = if wave.is_empty() { left.clone() } else { wave };
            left.retain(|digest| !wave.contains(digest));
            waves.push(wave.into_iter().collect());
        }
        waves
    }
}

/// The subject of an accessory tag, if the tag contains the whole digest.
pub(super) fn accessory_subject(tag: &TagName) -> Option<Digest> {
    Digest::parse(&tag.accessory_subject()?).ok()
}
