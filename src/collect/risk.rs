//! Finds the tagged indexes of a registry that have children without a tag.
//!
//! It is not documented whether DigitalOcean's collection of untagged manifests deletes such children, so
//! the whole registry is read before a collection is started. Anything that cannot be read is an error.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::reader::{ReadManifest, not_json};
use super::{AT_ONCE, Collector, Stage};
use crate::model::{Digest, IndexAtRisk, Manifest, RegistryName, RepositoryPath, TagName};
use crate::registry::{ErrorKind, ListedTag, RequestError, tag_digest};

/// The tagged indexes with untagged children, in the given repositories of a registry.
///
/// # Errors
/// [`RequestError`] when a listing, a tag or a manifest could not be read.
pub async fn indexes_at_risk(
    collector: Collector<'_>,
    name: &RegistryName,
    repositories: &[RepositoryPath],
) -> Result<Vec<IndexAtRisk>, RequestError> {
    let mut at_risk = Vec::new();
    collector.progress.expect(repositories.len(), Stage::Repositories);
    for repository in repositories {
        at_risk.extend(in_repository(collector, name, repository).await?);
        collector.progress.advance(Stage::Repositories);
    }
    at_risk.sort();
    Ok(at_risk)
}

async fn in_repository(
    collector: Collector<'_>,
    name: &RegistryName,
    repository: &RepositoryPath,
) -> Result<Vec<IndexAtRisk>, RequestError> {
    let listing = collector.registry(name)?.tag_list(repository).await;
    if let Some(error) = listing.broken {
        return Err(error);
    }
    let tagged: BTreeMap<Digest, TagName> = stream::iter(listing.tags)
        .map(|listed| resolved(collector, name, repository, listed))
        .buffer_unordered(AT_ONCE)
        .try_collect::<BTreeSet<_>>()
        .await?
        .into_iter()
        .rev()
        .collect();
    let tagged_repository = TaggedRepository { collector, name, repository, tagged: &tagged };
    let checks: Vec<_> =
        tagged.iter().map(|(index, tag)| tagged_repository.index_at_risk(index, tag)).collect();
    stream::iter(checks)
        .buffer_unordered(AT_ONCE)
        .try_filter_map(|risk| async move { Ok(risk) })
        .try_collect()
        .await
}

/// A repository with what its tags point to.
struct TaggedRepository<'a> {
    collector: Collector<'a>,
    name: &'a RegistryName,
    repository: &'a RepositoryPath,
    tagged: &'a BTreeMap<Digest, TagName>,
}

impl TaggedRepository<'_> {
    /// The untagged children of one tagged index, if any. Tagged children are checked by their own tag.
    async fn index_at_risk(
        &self,
        index: &Digest,
        tag: &TagName,
    ) -> Result<Option<IndexAtRisk>, RequestError> {
        let reader = self.collector.reader(self.name)?;
        let read = reader.manifest_read(self.repository, index).await?;
        let read = match read.ok_or_else(|| changed(self.repository, tag))? {
            ReadManifest::Json { read, .. } => read,
            ReadManifest::NotJson => return Err(not_json(index)),
        };
        let Manifest::Index(read) = read.manifest else {
            return Ok(None);
        };
        let children = read.children.into_iter().map(|child| child.digest);
        let untagged: BTreeSet<Digest> =
            children.filter(|child| !self.tagged.contains_key(child)).collect();
        Ok((!untagged.is_empty()).then(|| IndexAtRisk {
            repository: self.repository.clone(),
            tag: tag.clone(),
            index: index.clone(),
            untagged: untagged.into_iter().collect(),
        }))
    }
}

/// What a tag points to by the OCI API; an error if the listing has another digest.
async fn resolved(
    collector: Collector<'_>,
    name: &RegistryName,
    repository: &RepositoryPath,
    listed: ListedTag,
) -> Result<(Digest, TagName), RequestError> {
    let registry = collector.registry(name)?;
    let found = tag_digest(registry, repository, &listed.tag).await?;
    match (found, listed.digest) {
        (Some(found), Some(said)) if found != said => Err(changed(repository, &listed.tag)),
        (Some(found), _) => Ok((found, listed.tag)),
        (None, _) => Err(changed(repository, &listed.tag)),
    }
}

fn changed(repository: &RepositoryPath, tag: &TagName) -> RequestError {
    let message =
        format!("{repository}:{tag} differs from the listing, or changed during the check");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again when no push is running")
}
