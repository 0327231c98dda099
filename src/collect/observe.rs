//! Reads what verification needs: the SHA tag, the latest tag and the content in each place. Without
//! the content that is exactly two HEAD requests per place.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::content::tag_with_content;
use super::{Collector, places};
use crate::model::{
    Place, PlaceObservation, Repository, Sha, TagName, TagObservation, TagReference,
};
use crate::policy::Environment;
use crate::registry::tag_digest;

/// How much of a release is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Only what the tags point to.
    Tags,
    /// What the tags point to, and its content.
    Content,
}

/// Reads one release in all its places.
pub async fn observe(
    collector: Collector<'_>,
    environment: &Environment,
    sha: &Sha,
    depth: Depth,
) -> BTreeMap<Place, PlaceObservation> {
    let places: Vec<_> = places(environment).collect();
    collector.progress.expect(places.len(), "places");
    let observations = places.into_iter().map(|(place, repository)| async move {
        let tags = ExpectedTags {
            sha: environment.scheme.sha.render(sha),
            latest: environment.scheme.latest.clone(),
        };
        let observation = Box::pin(observe_place(collector, repository, tags, depth)).await;
        collector.progress.advance();
        (place, observation)
    });
    join_all(observations).await.into_iter().collect()
}

struct ExpectedTags {
    sha: TagName,
    latest: TagName,
}

async fn observe_place(
    collector: Collector<'_>,
    repository: &Repository,
    tags: ExpectedTags,
    depth: Depth,
) -> PlaceObservation {
    let sha = async {
        match depth {
            Depth::Content => tag_with_content(collector, repository, &tags.sha).await,
            Depth::Tags => (observe_tag(collector, repository, &tags.sha).await, None),
        }
    };
    let ((sha_tag, content), latest_tag) =
        futures_util::join!(sha, observe_tag(collector, repository, &tags.latest));
    let reference = |tag| TagReference { repository: repository.clone(), tag };
    PlaceObservation {
        sha_reference: reference(tags.sha),
        sha_tag,
        latest_reference: reference(tags.latest),
        latest_tag,
        latest_release: None,
        content,
    }
}

/// Reads what a tag points to: by HEAD, and by GET before it counts as missing.
pub async fn observe_tag(
    collector: Collector<'_>,
    repository: &Repository,
    tag: &TagName,
) -> TagObservation {
    let answer = match collector.registry(&repository.registry) {
        Ok(registry) => tag_digest(registry, &repository.path, tag).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(Some(digest)) => TagObservation::Found(digest),
        Ok(None) => TagObservation::Missing,
        Err(error) => TagObservation::Unread(error.to_unread()),
    }
}
