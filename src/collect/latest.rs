//! Finds the release that a stray latest tag points to, so that a finding can name it.
//!
//! Done only when a finding is about to be reported, since it may ask for every SHA tag.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{AT_ONCE, Collector, observe::ask};
use crate::model::{Digest, Place, PlaceObservation, Repository, Sha, TagKind, TagScheme};

/// Fills in `latest_release` wherever the latest tag points elsewhere than the SHA tag.
pub async fn latest_release_locate(
    collector: Collector<'_>,
    scheme: &TagScheme,
    observations: &mut BTreeMap<Place, PlaceObservation>,
) {
    for observation in observations.values_mut() {
        let Some(latest) = observation.latest_tag.digest() else {
            continue;
        };
        if observation.sha_tag.digest() != Some(latest) {
            let repository = &observation.latest_reference.repository;
            observation.latest_release = locate(collector, scheme, repository, latest).await;
        }
    }
}

async fn locate(
    collector: Collector<'_>,
    scheme: &TagScheme,
    repository: &Repository,
    digest: &Digest,
) -> Option<Sha> {
    let registry = collector.registry(&repository.registry).ok()?;
    let listing = registry.tag_list(&repository.path).await;
    let tags = listing.tags.into_iter().filter_map(|listed| match scheme.classify(&listed.tag) {
        TagKind::Sha(sha) => Some((listed.tag, sha)),
        _ => None,
    });
    let mut matches: Vec<Sha> = stream::iter(tags)
        .map(|(tag, sha)| async move {
            let observation = ask(collector, repository, &tag).await;
            (observation.digest() == Some(digest)).then_some(sha)
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    matches.sort();
    // Two SHA tags on one digest: either would be a guess.
    if matches.len() == 1 { matches.pop() } else { None }
}
