//! Finds which manifests and blobs the target lacks. Each one is asked for, even if the target has the
//! root manifest.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::failure::CopyFailure;
use super::graph::{CopiedManifest, ImageGraph};
use super::job::CopyJob;
use crate::model::{Descriptor, Digest, RepositoryPath};
use crate::registry::{Backend, Presence, manifest_exists};

/// How many requests are sent to a registry at once.
const AT_ONCE: usize = 16;
/// The most repositories that are asked whether a blob can be mounted from them.
const MOST_SIBLINGS: usize = 8;

/// The manifests and blobs that the target lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct MissingNodes {
    pub(super) blobs: Vec<MissingBlob>,
    /// Children before the indexes that list them.
    pub(super) manifests: Vec<CopiedManifest>,
    /// How many blobs the target has.
    pub(super) present: usize,
}

/// A blob that the target lacks.
#[derive(Debug, Clone)]
pub(super) struct MissingBlob {
    pub(super) blob: Descriptor,
    /// Another repository of the registry that has it.
    pub(super) mount_from: Option<RepositoryPath>,
}

impl MissingNodes {
    pub(super) fn is_empty(&self) -> bool {
        self.blobs.is_empty() && self.manifests.is_empty()
    }
}

impl CopyJob<'_> {
    /// Which nodes the target lacks; the blobs of `known` are left out.
    pub(super) async fn missing(
        &self,
        graph: &ImageGraph,
        known: &BTreeSet<Digest>,
    ) -> Result<MissingNodes, CopyFailure> {
        let target = self.registry(&self.to.registry)?;
        let path = &self.to.path;
        let asked = graph.blobs.iter().filter(|blob| !known.contains(&blob.digest));
        let blobs: Vec<Option<MissingBlob>> = stream::iter(asked)
            .map(|blob| async move {
                match target.blob_head(path, &blob.digest).await? {
                    Presence::Present => Ok(None),
                    Presence::Missing => {
                        let mount_from = self.mountable(target, &blob.digest).await;
                        let blob = blob.clone();
                        Ok::<_, CopyFailure>(Some(MissingBlob { blob, mount_from }))
                    }
                }
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let manifests: Vec<Option<CopiedManifest>> = stream::iter(&graph.manifests)
            .map(|manifest| async move {
                let is_there = manifest_exists(target, path, &manifest.digest).await?;
                Ok::<_, CopyFailure>((!is_there).then(|| manifest.clone()))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(MissingNodes {
            present: blobs.iter().filter(|blob| blob.is_none()).count(),
            blobs: blobs.into_iter().flatten().collect(),
            manifests: manifests.into_iter().flatten().collect(),
        })
    }

    /// Another repository of the target's registry that has a blob. A repository that cannot be read is
    /// skipped: mounting only saves time.
    async fn mountable(&self, target: &Backend, digest: &Digest) -> Option<RepositoryPath> {
        let here = (self.from.host == self.to.host && self.from.path != self.to.path)
            .then_some(&self.from.path);
        let others = self.siblings.iter().filter(|path| Some(*path) != here);
        for path in here.into_iter().chain(others).take(MOST_SIBLINGS) {
            if matches!(target.blob_head(path, digest).await, Ok(Presence::Present)) {
                return Some(path.clone());
            }
        }
        None
    }
}
