//! Copies an image from one repository to another, whole: every blob and manifest that the target
//! lacks, then its signatures and attestations. Tags of releases are not written here.
//!
//! What refers to something is written after it, so that a copy that dies in between leaves nothing
//! that names what is not there. What is there is never sent again, so a second run goes on where the
//! first one ended.

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

/// The other repositories that a policy has in the registry of this one.
#[must_use]
pub fn siblings(policy: &Policy, of: &Repository) -> Vec<RepositoryPath> {
    let others = policy.repositories.keys().filter(|other| other.host == of.host);
    others.map(|other| &other.path).filter(|path| **path != of.path).cloned().collect()
}
