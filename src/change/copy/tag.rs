//! Creates a tag that does not exist. An existing tag is never moved here.

use std::time::Duration;

use super::failure::{CopyCause, CopyFailure};
use super::graph::CopiedManifest;
use crate::collect::Collector;
use crate::model::{RepositoryPath, TagName, TagReference};
use crate::registry::{Backend, ManifestSelector, PushedManifest, tag_digest};

/// How often a tag that was just set is asked for.
const READS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// A tag that points to the wanted manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagCreation {
    /// It was created, and read again.
    Created,
    /// It existed already.
    Already,
}

/// Creates a tag of a manifest that its repository has.
///
/// # Errors
/// [`CopyFailure`]; a tag that points to another manifest is a [`CopyCause::Conflict`].
pub async fn tag_create(
    collector: Collector<'_>,
    to: &TagReference,
    manifest: &CopiedManifest,
) -> Result<TagCreation, CopyFailure> {
    let name = &to.repository.registry;
    let registry = collector.connections.registry(name).ok_or_else(|| {
        CopyFailure::new(CopyCause::Registry, format!("the policy has no registry `{name}`"))
    })?;
    tag_put(registry, &to.repository.path, (&to.tag, manifest)).await
}

/// The same for a registry.
pub(super) async fn tag_put(
    registry: &Backend,
    path: &RepositoryPath,
    (tag, manifest): (&TagName, &CopiedManifest),
) -> Result<TagCreation, CopyFailure> {
    let wanted = &manifest.digest;
    match tag_digest(registry, path, tag).await? {
        Some(there) if there == *wanted => return Ok(TagCreation::Already),
        Some(there) => return Err(taken(path, tag, &there.short())),
        None => {}
    }
    let (media_type, bytes) = (manifest.media_type.as_str(), &*manifest.bytes);
    let sent = PushedManifest { media_type, bytes };
    let put = registry.manifest_put(path, ManifestSelector::Tag(tag), sent).await;
    // The registry may have set the tag although the request failed.
    let mut seen = None;
    for attempt in 0..if put.is_ok() { READS } else { 1 } {
        tokio::time::sleep(PAUSE * attempt).await;
        seen = tag_digest(registry, path, tag).await?;
        if seen.as_ref() == Some(wanted) {
            return Ok(TagCreation::Created);
        }
    }
    put?;
    Err(match seen {
        Some(other) => taken(path, tag, &other.short()),
        None => CopyFailure::new(
            CopyCause::Registry,
            format!(
                "{path}:{tag}: the registry accepted the tag, but does not have it when asked again"
            ),
        ),
    })
}

fn taken(path: &RepositoryPath, tag: &TagName, there: &str) -> CopyFailure {
    let message = format!("{path}:{tag} already points to {there}, and is not moved");
    CopyFailure::new(CopyCause::Conflict, message)
}
