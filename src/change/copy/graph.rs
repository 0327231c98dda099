//! Reads an image at its source: its manifests with their exact bytes, and the blobs that they name.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::failure::{CopyCause, CopyFailure};
use crate::model::{
    Descriptor, Digest, Manifest, ManifestRead, RepositoryPath, TypeClass, media_type,
};
use crate::registry::{Backend, ManifestSelector, Presence, manifest_exists};

/// The most manifests that one image may have.
const MOST_MANIFESTS: usize = 10_000;

/// A manifest with its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedManifest {
    /// Its digest.
    pub digest: Digest,
    /// The media type to push it with.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// The manifest that its `subject` names.
    pub subject: Option<Digest>,
}

/// An image: its manifests, children before the indexes that list them, and all their blobs.
#[derive(Debug, Clone, Default)]
pub(super) struct ImageGraph {
    pub(super) manifests: Vec<CopiedManifest>,
    pub(super) blobs: Vec<Descriptor>,
}

/// A manifest that still has to be read, or one whose children have all been read.
enum Step {
    Read(Digest),
    Add(CopiedManifest),
}

impl ImageGraph {
    /// Reads an image.
    ///
    /// # Errors
    /// [`CopyFailure`] when a manifest is missing, damaged, or of a kind that cannot be copied.
    pub(super) async fn read(
        registry: &Backend,
        path: &RepositoryPath,
        root: &Digest,
    ) -> Result<Self, CopyFailure> {
        let mut graph = Self::default();
        let (mut seen, mut blobs) = (BTreeSet::new(), BTreeSet::new());
        let mut steps = vec![Step::Read(root.clone())];
        while let Some(step) = steps.pop() {
            let digest = match step {
                Step::Add(manifest) => {
                    graph.manifests.push(manifest);
                    continue;
                }
                Step::Read(digest) if !seen.insert(digest.clone()) => continue,
                Step::Read(digest) => digest,
            };
            if seen.len() > MOST_MANIFESTS {
                return Err(unfit(path, root, "it has too many manifests"));
            }
            let (copied, manifest) = read_one(registry, path, &digest).await?;
            steps.push(Step::Add(copied));
            let (children, named) = parts(registry, path, &manifest).await?;
            steps.extend(children.into_iter().rev().map(Step::Read));
            let new = named.into_iter().filter(|blob| blobs.insert(blob.digest.clone()));
            graph.blobs.extend(new);
        }
        Ok(graph)
    }

    /// The manifest or index that everything else belongs to.
    pub(super) fn root(&self) -> Option<&CopiedManifest> {
        self.manifests.last()
    }
}

/// Reads one manifest from the source, not from a cache: it must be there to be copied.
async fn read_one(
    registry: &Backend,
    path: &RepositoryPath,
    digest: &Digest,
) -> Result<(CopiedManifest, Manifest), CopyFailure> {
    let fetched = registry.manifest_get(path, ManifestSelector::Digest(digest)).await;
    let fetched = fetched.map_err(|error| CopyFailure::of_source(&error))?;
    let fetched = fetched.ok_or_else(|| unfit(path, digest, "the source does not have it"))?;
    let read = ManifestRead::of(fetched.media_type.as_deref(), &fetched.bytes)
        .map_err(|error| unfit(path, digest, &error.to_string()))?;
    if let Some(how) = read.inconsistency {
        return Err(unfit(path, digest, &format!("it contradicts itself: {how}")));
    }
    let media_type = read.manifest.media_type().to_owned();
    if is_schema_1(&media_type) {
        return Err(unfit(path, digest, "Docker's schema 1 does not say how large its layers are"));
    }
    if digest.state().is_none() {
        return Err(unfit(path, digest, "its digest's algorithm is unknown"));
    }
    let subject = read.manifest.subject().cloned();
    let copied =
        CopiedManifest { digest: digest.clone(), media_type, bytes: fetched.bytes, subject };
    Ok((copied, read.manifest))
}

fn is_schema_1(media_type: &str) -> bool {
    [media_type::DOCKER_SCHEMA_1, media_type::DOCKER_SCHEMA_1_SIGNED].contains(&media_type)
}

/// The manifests and the blobs that a manifest lists. Foreign layers are in no registry.
async fn parts(
    registry: &Backend,
    path: &RepositoryPath,
    manifest: &Manifest,
) -> Result<(Vec<Digest>, Vec<Descriptor>), CopyFailure> {
    let index = match manifest {
        Manifest::Image(_) => {
            let blobs = manifest.blobs().filter(|blob| !blob.is_foreign());
            return Ok((Vec::new(), blobs.cloned().collect()));
        }
        Manifest::Index(index) => index,
    };
    let mut children: Vec<Digest> = index.children.iter().map(|one| one.digest.clone()).collect();
    let mut blobs = Vec::new();
    for blob in &index.blobs {
        // An entry of an unknown type may be a manifest.
        let as_blob = registry.blob_head(path, &blob.digest).await?;
        if as_blob == Presence::Missing
            && TypeClass::of(&blob.media_type).is_none()
            && manifest_exists(registry, path, &blob.digest).await?
        {
            children.push(blob.digest.clone());
        } else {
            blobs.push(blob.clone());
        }
    }
    Ok((children, blobs))
}

fn unfit(path: &RepositoryPath, digest: &Digest, why: &str) -> CopyFailure {
    CopyFailure::new(
        CopyCause::Source,
        format!("{path}: {} cannot be copied: {why}", digest.short()),
    )
}
