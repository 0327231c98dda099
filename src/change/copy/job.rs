//! A copy to make, and its counts.

use super::failure::{CopyCause, CopyFailure};
use crate::change::stop::Stop;
use crate::collect::Collector;
use crate::model::{Digest, RegistryName, Repository, RepositoryPath};
use crate::registry::Backend;

/// An image to copy.
#[derive(Clone, Copy)]
pub struct CopyJob<'a> {
    /// The registries, and the receiver of progress.
    pub collector: Collector<'a>,
    /// The source.
    pub from: &'a Repository,
    /// The target.
    pub to: &'a Repository,
    /// The digest of its manifest or index.
    pub digest: &'a Digest,
    /// Other repositories of the target's registry, from which blobs may be mounted.
    pub siblings: &'a [RepositoryPath],
    /// After a request to stop, no new request is begun.
    pub stop: &'a Stop,
}

/// How many blobs were sent, mounted from another repository, or present already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlobCounts {
    /// Sent, or to be sent.
    pub sent: usize,
    /// Mounted, or likely to be mounted.
    pub mounted: usize,
    /// Present before the copy.
    pub present: usize,
}

impl<'a> CopyJob<'a> {
    /// A registry of the policy.
    pub(super) fn registry(&self, name: &RegistryName) -> Result<&'a Backend, CopyFailure> {
        self.collector.connections.registry(name).ok_or_else(|| {
            CopyFailure::new(CopyCause::Registry, format!("the policy has no registry `{name}`"))
        })
    }
}
