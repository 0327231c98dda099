//! What is to be copied: an image with its signatures and attestations, as far as the target lacks
//! them.

use std::collections::BTreeSet;

use super::failure::{CopyCause, CopyFailure};
use super::graph::{CopiedManifest, ImageGraph};
use super::job::{BlobCounts, CopyJob};
use super::missing::{MissingBlob, MissingNodes};
use super::referrers::{Referrers, referrers_read};

/// What is to be copied.
#[derive(Debug, Clone)]
pub struct CopyPlan {
    pub(super) root: CopiedManifest,
    pub(super) image: MissingNodes,
    pub(super) referrers: Referrers,
}

impl CopyPlan {
    /// How many bytes are sent at most: blobs to be mounted count too, since a registry may refuse to
    /// mount them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.missing_blobs().map(|missing| missing.blob.size).fold(0, u64::saturating_add)
    }

    /// How many blobs will probably be sent, mounted or left alone.
    #[must_use]
    pub fn blobs(&self) -> BlobCounts {
        let mounted = self.missing_blobs().filter(|missing| missing.mount_from.is_some()).count();
        let sent = self.missing_blobs().count() - mounted;
        let present = self.image.present + self.referrers.nodes.present;
        BlobCounts { sent, mounted, present }
    }

    /// Whether the target has everything, so that nothing would be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.image.is_empty() && self.referrers.is_empty()
    }

    /// The manifest or index that is copied.
    #[must_use]
    pub fn root(&self) -> &CopiedManifest {
        &self.root
    }

    fn missing_blobs(&self) -> impl Iterator<Item = &MissingBlob> {
        self.image.blobs.iter().chain(&self.referrers.nodes.blobs)
    }
}

/// Finds out what is to be copied. Changes nothing.
///
/// # Errors
/// [`CopyFailure`] when one side could not be read, or the source cannot be copied.
pub async fn copy_plan(job: &CopyJob<'_>) -> Result<CopyPlan, CopyFailure> {
    let source = job.registry(&job.from.registry)?;
    let graph = ImageGraph::read(source, &job.from.path, job.digest).await?;
    let root = graph.root().cloned();
    let root = root.ok_or_else(|| CopyFailure::new(CopyCause::Source, "nothing to copy"))?;
    let image = job.missing(&graph, &BTreeSet::new()).await?;
    let referrers = referrers_read(job, &graph).await?;
    Ok(CopyPlan { root, image, referrers })
}
