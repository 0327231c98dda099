//! What a run that died left in danger: a manifest that went along with a tag and was to stay. It is
//! put back before anything else is looked at.

use super::access::{Failure, RegistryAccess};
use super::journal::Recorded;
use super::untag::kept_put_back;
use crate::collect::Collector;
use crate::model::{Digest, Repository};
use crate::policy::Policy;

/// A manifest that an earlier run lost by taking a tag off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostByUntag {
    /// Where it was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Why it could not be put back, if it could not.
    pub problem: Option<String>,
}

/// Puts back what runs that died have lost by taking tags off, with the tags that it was to keep.
/// What is there is left as it is, and so is a tag that points elsewhere by now.
pub async fn finish_untags(
    collector: Collector<'_>,
    policy: &Policy,
    journals: &[Recorded],
) -> Vec<LostByUntag> {
    let mut found = Vec::new();
    for step in journals.iter().flat_map(Recorded::unsettled_untags) {
        let same = |known: &&Repository| {
            known.host == step.repository.host && known.path == step.repository.path
        };
        let Some(repository) = policy.repositories.keys().find(same) else { continue };
        let access = RegistryAccess::of(collector.connections, &repository.registry);
        // Where manifests are listed, single tags are deleted by an API that leaves them alone.
        let Some(access) = access.filter(|access| !access.lists_manifests()) else { continue };
        let problem = match kept_put_back(access, step).await {
            Ok(false) => continue,
            Ok(true) => None,
            Err(Failure { message, .. }) => Some(message),
        };
        let (repository, digest) = (repository.clone(), step.digest.clone());
        found.push(LostByUntag { repository, digest, problem });
    }
    found
}
