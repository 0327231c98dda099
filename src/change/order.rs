//! The order of deletion: a parent before its children, a subject before what is about it. A run
//! that dies in between leaves nothing that lists what is gone. Putting back has an order too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Digest, References, TagName};

/// What the doomed manifests of a repository refer to among themselves.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Each with those that must go before it.
    before: BTreeMap<Digest, BTreeSet<Digest>>,
    /// The same the other way round, and each with what it reaches: what stays when it stays.
    kept_with: BTreeMap<Digest, BTreeSet<Digest>>,
}

impl Order {
    /// Takes in a manifest with its tags.
    pub(super) fn add(&mut self, digest: &Digest, references: &References, tags: &[TagName]) {
        for child in references.children() {
            self.edge(digest, child);
        }
        let about = tags.iter().filter_map(accessory_subject);
        for subject in references.subject().cloned().into_iter().chain(about) {
            self.edge(&subject, digest);
            // What is kept keeps what it is about.
            self.keep(digest, &subject);
        }
    }

    /// Takes in what must be there before a manifest can be put back: what it lists, and what it
    /// is about.
    pub(super) fn add_needs(&mut self, digest: &Digest, references: &References) {
        for needed in references.children().iter().chain(references.subject()) {
            self.edge(needed, digest);
        }
    }

    /// One must go before the other.
    fn edge(&mut self, first: &Digest, then: &Digest) {
        if first != then {
            self.before.entry(then.clone()).or_default().insert(first.clone());
            self.keep(first, then);
        }
    }

    fn keep(&mut self, one: &Digest, with: &Digest) {
        self.kept_with.entry(one.clone()).or_default().insert(with.clone());
    }

    /// Those that must go before this one: what lists it, and what it is about.
    pub(super) fn before(&self, digest: &Digest) -> impl Iterator<Item = &Digest> {
        self.before.get(digest).into_iter().flatten()
    }

    /// Those that stay when this one stays: what it reaches, and what is about it.
    pub(super) fn kept_with(&self, digest: &Digest) -> impl Iterator<Item = &Digest> {
        self.kept_with.get(digest).into_iter().flatten()
    }

    /// The given ones in waves: each wave may go once those before it are gone. What refers to
    /// itself in a circle comes last.
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

/// The manifest that an accessory tag is about, where the tag has room for the whole digest.
pub(super) fn accessory_subject(tag: &TagName) -> Option<Digest> {
    Digest::parse(&tag.accessory_subject()?).ok()
}
