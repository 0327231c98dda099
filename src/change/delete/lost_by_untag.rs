//! Restores a manifest that was to stay and that a registry deleted along with a tag, whether this
//! run did so or one that died.

use std::collections::BTreeSet;

use crate::change::access::{Failure, RegistryAccess};
use crate::change::journal::{JournalRecords, JournalStep};
use crate::collect::Collector;
use crate::model::{Digest, Repository, TagName};
use crate::policy::Policy;
use crate::registry::PushError;

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
pub async fn restore_lost_by_untag(
    collector: Collector<'_>,
    policy: &Policy,
    journals: &[JournalRecords],
) -> Vec<LostByUntag> {
    let mut found = Vec::new();
    for step in journals.iter().flat_map(JournalRecords::unsettled_untags) {
        let same = |known: &&Repository| {
            known.host == step.repository.host && known.path == step.repository.path
        };
        let Some(repository) = policy.repositories.keys().find(same) else { continue };
        let access = RegistryAccess::of(collector.connections, &repository.registry);
        // Where manifests are listed, single tags are deleted by an API that leaves them alone.
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

/// Puts a manifest back that went along with a tag, with the tags that it was to keep, and reads
/// all of it again. Says whether anything was missing.
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
            return Err(Failure::registry("the registry accepted it, and does not have it"));
        }
    }
    for tag in kept(step) {
        // One that points elsewhere by now was set by somebody since.
        if access.tag_find(path, tag).await?.is_none() {
            missing = true;
            push(Some(tag)).await?;
            if access.tag_find(path, tag).await?.as_ref() != Some(digest) {
                return Err(Failure::registry(format!(
                    "the tag {tag} was accepted, and is not set"
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
