//! Reads a manifest whole, as it has to be pushed again: the exact text with its media type.

use std::sync::Arc;

use super::Collector;
use super::reader::not_json;
use crate::model::{Digest, ManifestCopy, ManifestRead, Repository, Unread};
use crate::registry::{ErrorKind, ManifestSelector, RequestError};

/// Reads a manifest by its digest, from the cache where its text names its media type. A manifest
/// that the registry does not have counts as unread: a tag points to it.
///
/// # Errors
/// [`Unread`] when it could not be read, or is not UTF-8.
pub async fn manifest_copy(
    collector: Collector<'_>,
    repository: &Repository,
    digest: &Digest,
) -> Result<ManifestCopy, Unread> {
    let read = read(collector, repository, digest).await;
    read.map_err(|error| error.to_unread())
}

async fn read(
    collector: Collector<'_>,
    repository: &Repository,
    digest: &Digest,
) -> Result<ManifestCopy, RequestError> {
    let reader = collector.reader(&repository.registry)?;
    if let Some(bytes) = reader.cache.get(digest)
        && let Some(media_type) = own_media_type(&bytes)
    {
        return copy(digest, media_type, &bytes);
    }
    let selector = ManifestSelector::Digest(digest);
    let fetched = reader.registry.manifest_get(&repository.path, selector).await?;
    let Some(fetched) = fetched else {
        let message = format!("{repository} has no manifest {}", digest.short());
        let hint = "a tag points to it; push the image again";
        return Err(RequestError::new(ErrorKind::BadAnswer, message).with_hint(hint));
    };
    let bytes: Arc<[u8]> = fetched.bytes;
    let declared = fetched.media_type.filter(|text| !text.is_empty());
    let Some(media_type) = own_media_type(&bytes).or(declared) else {
        return Err(not_json(digest));
    };
    if ManifestRead::of(Some(&media_type), &bytes).is_ok_and(|read| read.inconsistency.is_none()) {
        reader.cache.put(digest, &bytes);
    }
    copy(digest, media_type, &bytes)
}

/// The media type that the manifest itself names. Registries accept no other `Content-Type`.
fn own_media_type(bytes: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let own = value.get("mediaType")?.as_str()?;
    (!own.is_empty()).then(|| own.to_owned())
}

fn copy(digest: &Digest, media_type: String, bytes: &[u8]) -> Result<ManifestCopy, RequestError> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| not_json(digest))?;
    Ok(ManifestCopy { digest: digest.clone(), media_type, text })
}
