//! Compares SHA tags with the first record of their release.

use futures_util::future::join_all;

use crate::collect::Collector;
use crate::model::{Digest, MovedTag, Place, RecordedState, Sha, TagReference};
use crate::pipeline::Records;
use crate::registry::manifest_exists;

/// The SHA tags of a release that moved since it was recorded. What was recorded is asked for in its
/// repository, each with one HEAD.
pub(in crate::command) async fn moved<'a>(
    collector: Collector<'_>,
    records: &Records,
    (sha, now): (&Sha, impl IntoIterator<Item = (&'a Place, &'a TagReference, &'a Digest)>),
) -> Vec<MovedTag> {
    let moved = records.moved(sha, now);
    join_all(moved.into_iter().map(|tag| async move {
        let state = state(collector, &tag).await;
        MovedTag { state, ..tag }
    }))
    .await
}

async fn state(collector: Collector<'_>, tag: &MovedTag) -> RecordedState {
    let repository = &tag.reference.repository;
    let Some(registry) = collector.connections.registry(&repository.registry) else {
        return RecordedState::Unknown;
    };
    match manifest_exists(registry, &repository.path, &tag.recorded).await {
        Ok(true) => RecordedState::Exists,
        Ok(false) => RecordedState::Gone,
        Err(_) => RecordedState::Unknown,
    }
}
