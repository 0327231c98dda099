//! What a tag points to, and whether a manifest is there, asked in a second way where the first says
//! that it is not.
//!
//! Proxies and old registries were seen to answer HEAD with 404 for what GET brings. What is taken
//! for gone by mistake may be deleted along with what is left of it, so one more request for each
//! 404 is well spent.

use super::{Backend, ManifestSelector, RequestError};
use crate::model::{Digest, RepositoryPath, TagName};

/// What a tag points to: by HEAD, and by GET where HEAD says 404. None when both say so.
///
/// # Errors
/// [`RequestError`] when the registry does not answer the question.
pub async fn tag_digest(
    registry: &Backend,
    repository: &RepositoryPath,
    tag: &TagName,
) -> Result<Option<Digest>, RequestError> {
    found(registry, repository, ManifestSelector::Tag(tag)).await
}

/// Whether a manifest is there, asked by its digest in the same two ways.
///
/// # Errors
/// [`RequestError`] when the registry does not answer the question.
pub async fn manifest_exists(
    registry: &Backend,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Result<bool, RequestError> {
    Ok(found(registry, repository, ManifestSelector::Digest(digest)).await?.is_some())
}

async fn found(
    registry: &Backend,
    repository: &RepositoryPath,
    selector: ManifestSelector<'_>,
) -> Result<Option<Digest>, RequestError> {
    if let Some(digest) = registry.manifest_head(repository, selector).await? {
        return Ok(Some(digest));
    }
    Ok(registry.manifest_get(repository, selector).await?.map(|manifest| manifest.digest))
}
