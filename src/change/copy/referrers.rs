//! Signatures and attestations of an image that the source has and the target lacks.
//!
//! Three forms are in use: the list of the referrers API, the list under the tag `sha256-<hex>` if the
//! registry has no such API, and cosign's own tags `sha256-<hex>.sig`, `.att` and `.sbom`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::failure::CopyFailure;
use super::fallback::{accessory_tag, entries_read, entry_digest, entry_of};
use super::graph::{CopiedManifest, ImageGraph};
use super::job::CopyJob;
use super::missing::MissingNodes;
use crate::model::{Digest, TagName};
use crate::registry::{Backend, ErrorKind, ManifestSelector, tag_digest};

/// The suffixes of cosign's tags.
/// <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery>
const SUFFIXES: [&str; 3] = [".sig", ".att", ".sbom"];

/// How many levels of referrers are read; a signature of an attestation of an image is the second.
const DEEPEST: usize = 4;

/// The referrers of an image that the target lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct Referrers {
    pub(super) nodes: MissingNodes,
    /// Lists under a tag that have to be completed, each with its entries.
    pub(super) lists: BTreeMap<Digest, Vec<Value>>,
    /// Tags to be created.
    pub(super) tags: Vec<(TagName, CopiedManifest)>,
    /// Messages about what is not changed.
    pub(super) notes: Vec<String>,
}

impl Referrers {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.lists.is_empty() && self.tags.is_empty()
    }
}

/// Reads the referrers of the manifests of an image, and finds those that the target lacks.
///
/// # Errors
/// [`CopyFailure`] when one side could not be read: it is then unknown whether the copy would be complete.
pub(super) async fn referrers_read(
    job: &CopyJob<'_>,
    image: &ImageGraph,
) -> Result<Referrers, CopyFailure> {
    let walk = Walk {
        job,
        source: job.registry(&job.from.registry)?,
        target: job.registry(&job.to.registry)?,
        seen: image.manifests.iter().map(|one| one.digest.clone()).collect(),
        blobs: image.blobs.iter().map(|blob| blob.digest.clone()).collect(),
        found: Referrers::default(),
    };
    walk.read(image.manifests.iter().map(|one| one.digest.clone()).collect()).await
}

struct Walk<'a> {
    job: &'a CopyJob<'a>,
    source: &'a Backend,
    target: &'a Backend,
    /// Manifests that were read.
    seen: BTreeSet<Digest>,
    /// Blobs that were asked for.
    blobs: BTreeSet<Digest>,
    found: Referrers,
}

impl Walk<'_> {
    async fn read(mut self, mut subjects: Vec<Digest>) -> Result<Referrers, CopyFailure> {
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for subject in subjects {
                next.extend(self.listed(&subject).await?);
                next.extend(self.tagged(&subject).await?);
            }
            subjects = next;
        }
        Ok(self.found)
    }

    /// Reads the referrers that are listed for a manifest; returns the new ones.
    async fn listed(&mut self, subject: &Digest) -> Result<Vec<Digest>, CopyFailure> {
        let from = &self.job.from.path;
        let by_api = self.source.referrer_list(from, subject).await?.unwrap_or_default();
        let by_tag = entries_read(self.source, from, subject).await?.unwrap_or_default();
        let mut written: BTreeMap<Digest, Option<Value>> = BTreeMap::new();
        written.extend(by_api.into_iter().map(|one| (one.digest, None)));
        let entry = |entry: Value| Some((entry_digest(&entry)?, Some(entry)));
        written.extend(by_tag.into_iter().filter_map(entry));
        if written.is_empty() {
            return Ok(Vec::new());
        }
        let (mut new, mut entries) = (Vec::new(), Vec::new());
        for (digest, entry) in written {
            let Some(graph) = self.graph(&digest).await? else { continue };
            let Some(root) = graph.root() else { continue };
            let entry = entry.unwrap_or_else(|| entry_of(root));
            entries.push((entry, root.subject.is_some()));
            new.extend(self.take_in(&graph).await?);
        }
        self.complete_list(subject, entries).await?;
        Ok(new)
    }

    /// Reads a referrer; none if it is gone and the list is out of date.
    async fn graph(&self, digest: &Digest) -> Result<Option<ImageGraph>, CopyFailure> {
        let from = &self.job.from.path;
        let found = self.source.manifest_head(from, ManifestSelector::Digest(digest)).await?;
        match found {
            Some(_) => ImageGraph::read(self.source, from, digest).await.map(Some),
            None => Ok(None),
        }
    }

    /// Adds the parts of a referrer that the target lacks; returns the manifests that were not seen before.
    async fn take_in(&mut self, graph: &ImageGraph) -> Result<Vec<Digest>, CopyFailure> {
        let is_new = |one: &&CopiedManifest| !self.seen.contains(&one.digest);
        let manifests: Vec<CopiedManifest> =
            graph.manifests.iter().filter(is_new).cloned().collect();
        let new: Vec<Digest> = manifests.iter().map(|one| one.digest.clone()).collect();
        let graph = ImageGraph { manifests, blobs: graph.blobs.clone() };
        let missing = self.job.missing(&graph, &self.blobs).await?;
        self.seen.extend(new.iter().cloned());
        self.blobs.extend(graph.blobs.into_iter().map(|blob| blob.digest));
        self.found.nodes.blobs.extend(missing.blobs);
        self.found.nodes.manifests.extend(missing.manifests);
        self.found.nodes.present += missing.present;
        Ok(new)
    }

    /// Notes the entries that the target's list lacks. A registry with the referrers API itself lists the
    /// manifests that have a `subject`.
    async fn complete_list(
        &mut self,
        subject: &Digest,
        entries: Vec<(Value, bool)>,
    ) -> Result<(), CopyFailure> {
        let to = &self.job.to.path;
        let has_api = match self.target.referrer_list(to, subject).await {
            Ok(list) => list.is_some(),
            // Some registries answer 404 for a repository that does not exist yet.
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        let wanted = entries.into_iter().filter(|(_, has_subject)| !(has_api && *has_subject));
        let wanted: Vec<Value> = wanted.map(|(entry, _)| entry).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let there = entries_read(self.target, to, subject).await?.unwrap_or_default();
        let there: BTreeSet<Digest> = there.iter().filter_map(entry_digest).collect();
        if wanted.iter().filter_map(entry_digest).any(|digest| !there.contains(&digest)) {
            self.found.lists.insert(subject.clone(), wanted);
        }
        Ok(())
    }

    /// Reads the referrers that have cosign's tags; returns the new ones.
    async fn tagged(&mut self, subject: &Digest) -> Result<Vec<Digest>, CopyFailure> {
        let mut new = Vec::new();
        for tag in SUFFIXES.iter().filter_map(|suffix| accessory_tag(subject, suffix)) {
            let Some(digest) = tag_digest(self.source, &self.job.from.path, &tag).await? else {
                continue;
            };
            match tag_digest(self.target, &self.job.to.path, &tag).await? {
                Some(there) if there != digest => {
                    let to = self.job.to;
                    self.found.notes.push(format!(
                        "{to}:{tag} differs from the same tag at the source, and is not changed"
                    ));
                }
                there => {
                    let graph = ImageGraph::read(self.source, &self.job.from.path, &digest).await?;
                    new.extend(self.take_in(&graph).await?);
                    if let (None, Some(root)) = (there, graph.root()) {
                        self.found.tags.push((tag, root.clone()));
                    }
                }
            }
        }
        Ok(new)
    }
}
