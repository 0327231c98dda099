//! Finds the release that a latest tag points to, so that a finding can name it.
//!
//! Done only when a finding is reported. The image's revision label names the release, which takes one or
//! two requests; without the label every SHA tag is read, unless there are too many.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;

use super::{AT_ONCE, Collector, observe::observe_tag};
use crate::model::{Digest, Place, PlaceObservation, Repository, Sha, TagKind, TagName, TagScheme};

/// The most SHA tags that are read to find the release.
const MOST: usize = 1000;

/// Fills in `latest_release` wherever the latest tag points elsewhere than the SHA tag.
pub async fn find_latest_releases(
    collector: Collector<'_>,
    scheme: &TagScheme,
    observations: &mut BTreeMap<Place, PlaceObservation>,
) {
    let locate = observations.values_mut().map(|observation| async move {
        let Some(latest) = observation.latest_tag.digest() else {
            return;
        };
        if observation.sha_tag.digest() != Some(latest) {
            let repository = &observation.latest_reference.repository;
            observation.latest_release = match by_label(collector, scheme, repository, latest).await
            {
                Some(sha) => Some(sha),
                None => by_reading_tags(collector, scheme, repository, latest).await,
            };
        }
    });
    join_all(locate).await;
}

/// The release that the image's revision label names, if its tag has the digest.
async fn by_label(
    collector: Collector<'_>,
    scheme: &TagScheme,
    repository: &Repository,
    digest: &Digest,
) -> Option<Sha> {
    let reader = collector.reader(&repository.registry).ok()?;
    let config = reader.main_config(&repository.path, digest).await.ok()??;
    let sha = Sha::parse(&config.revision?).ok()?;
    let observation = observe_tag(collector, repository, &scheme.sha.render(&sha)).await;
    (observation.digest() == Some(digest)).then_some(sha)
}

async fn by_reading_tags(
    collector: Collector<'_>,
    scheme: &TagScheme,
    repository: &Repository,
    digest: &Digest,
) -> Option<Sha> {
    let registry = collector.registry(&repository.registry).ok()?;
    let listing = registry.tag_list(&repository.path).await;
    let release = |tag: TagName| match scheme.classify(&tag) {
        TagKind::Sha(sha) => Some((tag, sha)),
        _ => None,
    };
    let tags: Vec<(TagName, Sha)> =
        listing.tags.into_iter().filter_map(|listed| release(listed.tag)).collect();
    if tags.len() > MOST {
        return None;
    }
    let mut matches: Vec<Sha> = stream::iter(tags)
        .map(|(tag, sha)| async move {
            let observation = observe_tag(collector, repository, &tag).await;
            (observation.digest() == Some(digest)).then_some(sha)
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    matches.sort();
    // With two SHA tags on one digest, either would be a guess.
    if matches.len() == 1 { matches.pop() } else { None }
}
