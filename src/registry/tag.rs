//! What a tag points to, and whether a manifest exists: by HEAD, and after a 404 by GET.
//!
//! Proxies and old registries were seen to answer HEAD with 404 for content that GET returns. If existing
//! content were taken for deleted, the rest of it could be deleted too, so each 404 is checked.

use super::{Backend, ManifestSelector, RequestError};
use crate::model::{Digest, RepositoryPath, TagName};

/// What a tag points to: by HEAD, and by GET if HEAD answers 404. None if both answer 404.
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

/// Whether a manifest exists: by HEAD and GET, as in [`tag_digest`].
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
