//! When images were built, where that is wanted: for what is tagged where the registry tells no push times, or where
//! an environment goes by build times.

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};

use super::super::AT_ONCE;
use super::follow::Place;
use super::holding::Holding;
use crate::model::{Digest, Links, ManifestRecord, Order, PushTimes, Repository};
use crate::policy::Policy;
use crate::registry::RegistryError;

/// Which build times of tagged manifests are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All.
    All,
    /// Only where the registry tells no push times.
    WhereNotPushed,
}

/// Which are wanted in a repository.
pub(super) fn wanted(policy: &Policy, repository: &Repository) -> Wanted {
    let by_built = policy
        .environments
        .values()
        .any(|environment| environment.order == Order::Built && environment.uses(repository));
    if by_built { Wanted::All } else { Wanted::WhereNotPushed }
}

type Built = Result<Option<DateTime<Utc>>, RegistryError>;

/// Reads the build times.
pub(super) async fn read(place: Place<'_>, holding: &mut Holding, wanted: Wanted) {
    let push_times = holding.frame().push_times;
    let digests: Vec<Digest> = holding
        .records
        .values()
        .filter(|record| needs_one(record, push_times, wanted))
        .map(|record| record.digest.clone())
        .collect();
    place.collector.progress.expect(digests.len(), "build times");
    let times: Vec<(Digest, Built)> = stream::iter(digests)
        .map(|digest| async move {
            let built = place.reader.built(place.path, &digest).await;
            place.collector.progress.advance();
            (digest, built)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (digest, built) in times {
        match built {
            Ok(built) => holding.record(&digest).built = built,
            Err(error) => holding.unread(error.to_unread()),
        }
    }
}

/// Signatures and the like have no release's time; what could not be read is not asked for again.
fn needs_one(record: &ManifestRecord, push_times: PushTimes, wanted: Wanted) -> bool {
    matches!(record.links, Links::Read { .. })
        && record.tags.iter().any(|tag| !tag.name.is_accessory())
        && (wanted == Wanted::All || push_times == PushTimes::Untold)
}
