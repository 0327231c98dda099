//! Finds the manifests that image IDs name: those whose digest, or whose config's digest, begins with the ID.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};

use super::{AT_ONCE, Collector};
use crate::model::{Contents, Digest, ImageId, Manifest, Place, Repository};
use crate::registry::RequestError;

/// The manifests of each ID in some repositories, by repository and digest.
pub type FoundById = BTreeMap<ImageId, Vec<(Repository, Digest)>>;

/// Finds IDs among all manifests. A manifest that cannot be read matches no ID; it is kept because it is
/// unread.
pub async fn find_images_by_id(
    collector: Collector<'_>,
    contents: &Contents,
    ids: &[ImageId],
) -> FoundById {
    let all = contents.repositories.iter().flat_map(|at| {
        at.manifests.iter().map(|record| (at.repository.clone(), record.digest.clone()))
    });
    if ids.is_empty() { FoundById::new() } else { find(collector, all.collect(), ids).await }
}

/// A manifest that a tag of an environment points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// Its image and registry.
    pub place: Place,
    /// Its repository.
    pub repository: Repository,
    /// The digest that the tag points to.
    pub digest: Digest,
}

/// Finds IDs among the manifests that tags point to, and their children.
pub async fn find_roots_by_id(
    collector: Collector<'_>,
    roots: &[Root],
    ids: &[ImageId],
) -> BTreeMap<ImageId, BTreeSet<Root>> {
    let at = |root: &Root| (root.repository.clone(), root.digest.clone());
    let all: BTreeSet<(Repository, Digest)> = roots.iter().map(at).collect();
    let found = find(collector, all.into_iter().collect(), ids).await;
    let each = found.into_iter().map(|(id, places)| {
        let of = roots.iter().filter(|root| places.contains(&at(root)));
        (id, of.cloned().collect())
    });
    each.collect()
}

async fn find(
    collector: Collector<'_>,
    all: Vec<(Repository, Digest)>,
    ids: &[ImageId],
) -> FoundById {
    let read: Vec<((Repository, Digest), Vec<Digest>)> = stream::iter(all)
        .map(|(repository, digest)| async move {
            let known = digests(collector, &repository, &digest).await;
            ((repository, digest), known)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut found = FoundById::new();
    for (at, digests) in read {
        for id in ids.iter().filter(|id| digests.iter().any(|digest| id.matches(digest))) {
            found.entry(id.clone()).or_default().push(at.clone());
        }
    }
    for places in found.values_mut() {
        places.sort();
    }
    found
}

/// The digests of a manifest and its config, and for an index those of everything below it.
async fn digests(
    collector: Collector<'_>,
    repository: &Repository,
    digest: &Digest,
) -> Vec<Digest> {
    let mut manifests = vec![digest.clone()];
    let mut configs = Vec::new();
    let mut next = 0;
    while let Some(digest) = manifests.get(next).cloned() {
        next += 1;
        match manifest(collector, repository, &digest).await {
            Ok(Some(Manifest::Image(image))) => {
                configs.extend(image.config.map(|config| config.digest));
            }
            Ok(Some(Manifest::Index(index))) => {
                for child in index.children {
                    if !manifests.contains(&child.digest) {
                        manifests.push(child.digest);
                    }
                }
            }
            Ok(None) | Err(_) => {}
        }
    }
    manifests.extend(configs);
    manifests
}

async fn manifest(
    collector: Collector<'_>,
    repository: &Repository,
    digest: &Digest,
) -> Result<Option<Manifest>, RequestError> {
    collector.reader(&repository.registry)?.manifest(&repository.path, digest).await
}
