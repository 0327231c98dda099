//! Sends what the target lacks: blobs, then manifests, children before their indexes. The whole image is
//! then checked, and its signatures and attestations follow.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::failure::{CopyCause, CopyFailure};
use super::fallback::entries_merge;
use super::job::{BlobCounts, CopyJob};
use super::missing::{MissingBlob, MissingNodes};
use super::plan::CopyPlan;
use super::tag::tag_put;
use crate::collect::check_content;
use crate::model::ContentReport;
use crate::registry::{
    BlobArrival, BlobTransfer, CopySide, ManifestSelector, PushedManifest, blob_copy,
    manifest_exists,
};

/// How many blobs are sent at once; each has a few pieces in memory.
const AT_ONCE: usize = 3;
/// How often a registry is asked for what it has just accepted.
const READS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The blobs that arrived, and those that were present before.
    pub blobs: BlobCounts,
    /// How many bytes of blobs were sent.
    pub bytes: u64,
    /// Messages about what was not changed.
    pub notes: Vec<String>,
    /// Whether the target has the complete image.
    pub result: Result<CopyResult, CopyFailure>,
}

/// The target has the complete image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyResult {
    /// Something was sent.
    Copied,
    /// Nothing was missing.
    Already,
}

/// Copies what the target lacks according to a plan, and checks the whole image there. No release tag
/// is written.
pub async fn copy_image(job: &CopyJob<'_>, plan: &CopyPlan) -> Copied {
    let present = plan.blobs().present;
    let counts = Mutex::new((BlobCounts { present, ..BlobCounts::default() }, 0));
    let sending = Sending { job, counts: &counts, no_mounts: AtomicBool::new(false) };
    let done = tokio::select! {
        biased;
        done = sending.all(plan) => done,
        () = job.stop.grace_over() => Err(CopyFailure::interrupted()),
    };
    let (blobs, bytes) = *counts.lock().unwrap_or_else(PoisonError::into_inner);
    let all = if plan.is_empty() { CopyResult::Already } else { CopyResult::Copied };
    Copied { blobs, bytes, notes: plan.referrers.notes.clone(), result: done.map(|()| all) }
}

/// A copy under way.
struct Sending<'a> {
    job: &'a CopyJob<'a>,
    /// The blobs, and the bytes that were sent.
    counts: &'a Mutex<(BlobCounts, u64)>,
    /// Whether the registry did not mount a blob that it has; no further mounts are then tried.
    no_mounts: AtomicBool,
}

impl Sending<'_> {
    async fn all(&self, plan: &CopyPlan) -> Result<(), CopyFailure> {
        self.job.collector.progress.expect_bytes(plan.bytes());
        self.nodes(&plan.image).await?;
        self.check(plan).await?;
        self.nodes(&plan.referrers.nodes).await?;
        let target = self.job.registry(&self.job.to.registry)?;
        for (subject, entries) in &plan.referrers.lists {
            self.go_on()?;
            entries_merge(target, &self.job.to.path, (subject, entries)).await?;
        }
        for (tag, manifest) in &plan.referrers.tags {
            self.go_on()?;
            tag_put(target, &self.job.to.path, (tag, manifest)).await?;
        }
        Ok(())
    }

    async fn nodes(&self, nodes: &MissingNodes) -> Result<(), CopyFailure> {
        stream::iter(&nodes.blobs)
            .map(Ok)
            .try_for_each_concurrent(AT_ONCE, |missing| self.blob(missing))
            .await?;
        let target = self.job.registry(&self.job.to.registry)?;
        let path = &self.job.to.path;
        for manifest in &nodes.manifests {
            self.go_on()?;
            let selector = ManifestSelector::Digest(&manifest.digest);
            let (media_type, bytes) = (manifest.media_type.as_str(), &*manifest.bytes);
            target.manifest_put(path, selector, PushedManifest { media_type, bytes }).await?;
        }
        for manifest in &nodes.manifests {
            if !self.is_seen(|| manifest_exists(target, path, &manifest.digest)).await? {
                let message = format!(
                    "{}: the registry accepted {}, but does not have it when asked again",
                    self.job.to,
                    manifest.digest.short()
                );
                return Err(CopyFailure::new(CopyCause::Registry, message));
            }
        }
        Ok(())
    }

    /// Asks a few times until the answer is yes: what was just written may take a moment to appear.
    async fn is_seen<F>(&self, ask: impl Fn() -> F) -> Result<bool, CopyFailure>
    where
        F: Future<Output = Result<bool, crate::registry::RequestError>>,
    {
        for attempt in 0..READS {
            tokio::time::sleep(PAUSE * attempt).await;
            if ask().await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn blob(&self, missing: &MissingBlob) -> Result<(), CopyFailure> {
        self.go_on()?;
        let job = self.job;
        let from = CopySide { registry: job.registry(&job.from.registry)?, path: &job.from.path };
        let to = CopySide { registry: job.registry(&job.to.registry)?, path: &job.to.path };
        let mounts = !self.no_mounts.load(Ordering::Relaxed);
        let mount_from = missing.mount_from.as_ref().filter(|_| mounts);
        let progress = job.collector.progress;
        let report = |bytes| progress.advance_bytes(bytes);
        let blob = &missing.blob;
        let transfer = BlobTransfer { from, to, blob, mount_from, report: &report };
        let arrival = blob_copy(&transfer).await?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match arrival {
            BlobArrival::Sent => {
                counts.0.sent += 1;
                counts.1 += blob.size;
                if mount_from.is_some() {
                    self.no_mounts.store(true, Ordering::Relaxed);
                }
            }
            BlobArrival::Mounted => {
                counts.0.mounted += 1;
                progress.advance_bytes(blob.size);
            }
        }
        Ok(())
    }

    /// Checks that the target has the complete image, as `verify` does.
    async fn check(&self, plan: &CopyPlan) -> Result<(), CopyFailure> {
        let mut report = ContentReport::default();
        for attempt in 0..READS {
            tokio::time::sleep(PAUSE * attempt).await;
            report = check_content(self.job.collector, self.job.to, &plan.root.digest).await;
            if report.missing.is_empty() && report.unread.is_empty() {
                return Ok(());
            }
        }
        let missing = report.missing.iter().map(ToString::to_string);
        let unread = report.unread.iter().map(|unread| unread.message.clone());
        let what = missing.chain(unread).next().unwrap_or_default();
        let message = format!("{}: the image is incomplete after the copy: {what}", self.job.to);
        Err(CopyFailure::new(CopyCause::Registry, message))
    }

    /// Fails if somebody asked to stop.
    fn go_on(&self) -> Result<(), CopyFailure> {
        if self.job.stop.is_requested() { Err(CopyFailure::interrupted()) } else { Ok(()) }
    }
}
