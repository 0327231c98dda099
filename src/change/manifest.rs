//! A manifest as it is about to be deleted: its exact text, and what it refers to.

use super::FailureCause;
use super::access::{Failure, RegistryAccess};
use crate::model::{Digest, Manifest, References, RepositoryPath, TagName};
use crate::registry::ManifestSelector;

/// A manifest's text with what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ManifestText {
    pub(super) media_type: String,
    pub(super) text: String,
    pub(super) references: References,
    /// Whether it, or a tag of it, holds a secret of this run, which no journal may hold.
    pub(super) secret: bool,
}

/// The manifest that an accessory tag is about, where the tag has room for the whole digest.
pub(super) fn accessory_subject(tag: &TagName) -> Option<Digest> {
    Digest::parse(&tag.accessory_subject()?).ok()
}

/// Reads a manifest, from the cache if it is there; none when the registry does not have it.
///
/// # Errors
/// A failure when the registry does not answer, or what it has is no manifest in UTF-8.
pub(super) async fn manifest_read(
    access: RegistryAccess<'_>,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Result<Option<ManifestText>, Failure> {
    let (declared, bytes) = match access.cache.get(digest) {
        Some(bytes) => (None, bytes),
        None => {
            match access.registry.manifest_get(repository, ManifestSelector::Digest(digest)).await {
                Ok(Some(fetched)) => {
                    access.cache.put(digest, &fetched.bytes);
                    (fetched.media_type, fetched.bytes)
                }
                Ok(None) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let unreadable = |why: &dyn std::fmt::Display| Failure {
        cause: FailureCause::Registry,
        message: format!("{} cannot be read: {why}", digest.short()),
    };
    let manifest =
        Manifest::parse(declared.as_deref(), &bytes).map_err(|error| unreadable(&error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(&error))?.to_owned();
    let (media_type, references) = (manifest.media_type().to_owned(), References::of(&manifest));
    let secret = access.cache.secrets().are_in(&bytes);
    Ok(Some(ManifestText { media_type, text, references, secret }))
}
