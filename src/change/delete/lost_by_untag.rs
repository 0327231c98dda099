//! Restores manifests that were to be kept and that a registry deleted together with a tag, in this run or
//! in one that was killed.

use std::collections::BTreeSet;

use crate::change::access::{Failure, RegistryAccess};
use crate::change::journal::{JournalRecords, JournalStep};
use crate::collect::Collector;
use crate::model::{Digest, Repository, TagName};
use crate::policy::Policy;
use crate::registry::PushError;

/// A manifest that a registry deleted when an earlier run deleted one of its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostByUntag {
    /// Where it was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Why it could not be restored, if so.
    pub problem: Option<String>,
}

/// Restores such manifests of killed runs, with the tags that they were to keep. Existing manifests are not
/// changed, nor are tags that point elsewhere by now.
pub async fn restore_lost_by_untag(
    collector: Collector<'_>,
    policy: &Policy,
    journals: &[JournalRecords],
) -> Vec<LostByUntag> {
    let mut found = Vec::new();
    for step in journals.iter().flat_map(JournalRecords::unsettled_untags) {
        let Repository { host, path, .. } = &step.repository;
        let Some(repository) = policy.repository_at(host, path.as_str()) else { continue };
        let access = RegistryAccess::of(collector.connections, &repository.registry);
        // A management API deletes single tags without their manifest.
        let Some(access) = access.filter(|access| !access.lists_manifests()) else { continue };
        let problem = match restore_kept(access, step).await {
            Ok(false) => continue,
            Ok(true) => None,
            Err(Failure { message, .. }) => Some(message),
        };
        let (repository, digest) = (repository.clone(), step.digest.clone());
        found.push(LostByUntag { repository, digest, problem });
    }
    found
}

/// Restores a manifest with the tags that it was to keep, and reads them again. Returns whether anything was
/// missing.
///
/// # Errors
/// A failure when it is not there afterwards.
pub(super) async fn restore_kept(
    access: RegistryAccess<'_>,
    step: &JournalStep,
) -> Result<bool, Failure> {
    let (path, digest) = (&step.repository.path, &step.digest);
    let push = async |tag| {
        let refused = |error: PushError| Failure::registry(error.explanation());
        access.push(step, tag).await.map_err(refused)
    };
    let mut missing = !access.has(path, digest).await?;
    if missing {
        push(None).await?;
        if !access.has(path, digest).await? {
            return Err(Failure::registry("the registry accepted it, but does not have it"));
        }
    }
    for tag in kept(step) {
        // A tag that points elsewhere by now was set by someone else since.
        if access.tag_find(path, tag).await?.is_none() {
            missing = true;
            push(Some(tag)).await?;
            if access.tag_find(path, tag).await?.as_ref() != Some(digest) {
                return Err(Failure::registry(format!(
                    "the tag {tag} was accepted, but is not set"
                )));
            }
        }
    }
    Ok(missing)
}

/// The tags that a manifest keeps.
pub(super) fn kept(step: &JournalStep) -> impl Iterator<Item = &TagName> {
    let going: BTreeSet<&TagName> = step.going().iter().collect();
    step.tags.iter().filter(move |tag| !going.contains(tag))
}
