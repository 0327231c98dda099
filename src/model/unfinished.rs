//! A manifest that an earlier run began to delete before it broke off.

use super::{Digest, Repository};

/// A manifest that an earlier run began to delete before it broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it was, and perhaps still is.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// The manifests that it lists.
    pub refers_to: Vec<Digest>,
}
