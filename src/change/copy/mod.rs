//! Copies a complete image from one repository to another: every blob and manifest that the target
//! lacks, then its signatures and attestations. Release tags are not written here.
//!
//! Blobs and manifests are written before the manifests and tags that refer to them, so that an
//! interrupted copy leaves no reference to missing content. What the target has is never sent again, so
//! a second run continues where the first one ended.

mod failure;
mod fallback;
mod graph;
mod job;
mod missing;
mod plan;
mod referrers;
mod send;
mod tag;

use crate::model::{Repository, RepositoryPath};
use crate::policy::Policy;

pub use failure::{CopyCause, CopyFailure};
pub use graph::CopiedManifest;
pub use job::{BlobCounts, CopyJob};
pub use plan::{CopyPlan, copy_plan};
pub use send::{Copied, CopyResult, copy_image};
pub use tag::{TagCreation, tag_create};

/// The other repositories of the policy on the same registry host.
#[must_use]
pub fn siblings(policy: &Policy, of: &Repository) -> Vec<RepositoryPath> {
    let others = policy.repositories.keys().filter(|other| other.host == of.host);
    others.map(|other| &other.path).filter(|path| **path != of.path).cloned().collect()
}
