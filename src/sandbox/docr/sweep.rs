//! What a garbage collection deletes, in every repository of a registry.
//!
//! <https://docs.digitalocean.com/products/container-registry/how-to/clean-up-container-registry/>

use std::collections::BTreeSet;

use super::super::store::Store;
use crate::model::{Digest, Manifest, RepositoryPath};

/// What a collection deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CollectionType {
    Manifests,
    Blobs,
    Both,
}

impl CollectionType {
    /// Parses the `type` of a request; blobs if there is none.
    pub(super) fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("unreferenced blobs only") => Some(Self::Blobs),
            Some("untagged manifests only") => Some(Self::Manifests),
            Some("untagged manifests and unreferenced blobs") => Some(Self::Both),
            Some(_) => None,
        }
    }

    pub(super) fn takes_manifests(self) -> bool {
        self != Self::Blobs
    }

    pub(super) fn takes_blobs(self) -> bool {
        self != Self::Manifests
    }
}

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SweepResult {
    pub(super) blobs: usize,
    pub(super) bytes: u64,
}

/// Deletes the garbage of one repository. Whether the real registry spares the children of tagged
/// indexes is not known, so the caller decides.
pub(super) fn sweep(
    store: &Store,
    repository: &RepositoryPath,
    kind: CollectionType,
    spares_children: bool,
) -> SweepResult {
    if kind.takes_manifests() {
        let kept = kept(store, repository, spares_children);
        for digest in store.manifests(repository).keys().filter(|digest| !kept.contains(digest)) {
            store.remove_manifest(repository, digest);
        }
    }
    let mut swept = SweepResult::default();
    if kind.takes_blobs() {
        let used = used(store, repository);
        for (digest, length) in store.blobs(repository) {
            if !used.contains(&digest) && store.remove_blob(repository, &digest) {
                swept.blobs += 1;
                swept.bytes += length;
            }
        }
    }
    swept
}

/// The tagged manifests and, if children are spared, everything below them.
fn kept(store: &Store, repository: &RepositoryPath, spares_children: bool) -> BTreeSet<Digest> {
    let tags = store.tags(repository).unwrap_or_default();
    let mut open: Vec<Digest> = tags.into_values().map(|tag| tag.digest).collect();
    let mut kept = BTreeSet::new();
    while let Some(digest) = open.pop() {
        if !kept.insert(digest.clone()) || !spares_children {
            continue;
        }
        let manifest = store.manifest(repository, &digest);
        if let Some(Manifest::Index(index)) = manifest.and_then(|manifest| manifest.parsed()) {
            open.extend(index.children.into_iter().map(|child| child.digest));
        }
    }
    kept
}

/// The blobs that the manifests of a repository refer to.
fn used(store: &Store, repository: &RepositoryPath) -> BTreeSet<Digest> {
    let manifests = store.manifests(repository);
    let images = manifests.values().filter_map(|manifest| match manifest.parsed() {
        Some(Manifest::Image(image)) => Some(image),
        Some(Manifest::Index(_)) | None => None,
    });
    images
        .flat_map(|image| image.config.into_iter().chain(image.layers))
        .map(|blob| blob.digest)
        .collect()
}
