//! Reads the build times of tagged images, where the registry has no push times or an environment is
//! ordered by build times.

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Stage};
use super::builder::RepositoryBuilder;
use super::follow::RepositoryAccess;
use crate::model::{Digest, ManifestRecord, PushTimes, References, ReleaseOrder, Repository};
use crate::policy::Policy;
use crate::registry::RequestError;

/// Which build times of tagged manifests are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BuildTimesWanted {
    /// All.
    All,
    /// Only where the registry has no push times.
    WhereNotPushed,
}

/// Which build times are wanted in a repository.
pub(super) fn wanted(policy: &Policy, repository: &Repository) -> BuildTimesWanted {
    let by_built = policy.environments.values().any(|environment| {
        environment.order == ReleaseOrder::Built && environment.uses(repository)
    });
    if by_built { BuildTimesWanted::All } else { BuildTimesWanted::WhereNotPushed }
}

type Built = Result<Option<DateTime<Utc>>, RequestError>;

/// Reads the build times.
pub(super) async fn read(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    wanted: BuildTimesWanted,
) {
    let push_times = builder.contents().push_times;
    let digests: Vec<Digest> = builder
        .records
        .values()
        .filter(|record| needs_build_time(record, push_times, wanted))
        .map(|record| record.digest.clone())
        .collect();
    access.collector.progress.expect(digests.len(), Stage::BuildTimes);
    let times: Vec<(Digest, Built)> = stream::iter(digests)
        .map(|digest| async move {
            let built = access.reader.built(access.path, &digest).await;
            access.collector.progress.advance(Stage::BuildTimes);
            (digest, built)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (digest, built) in times {
        match built {
            Ok(built) => builder.record(&digest).built = built,
            Err(error) => builder.unread(error.to_unread()),
        }
    }
}

/// Whether the build time of a manifest is needed. Not for signatures and other accessories, nor for
/// manifests that could not be read.
fn needs_build_time(
    record: &ManifestRecord,
    push_times: PushTimes,
    wanted: BuildTimesWanted,
) -> bool {
    matches!(record.references, References::Read { .. })
        && record.tags.iter().any(|tag| !tag.name.is_accessory())
        && (wanted == BuildTimesWanted::All || push_times == PushTimes::Unknown)
}
