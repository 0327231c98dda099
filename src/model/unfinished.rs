//! Deletions that an earlier run did not finish.

use super::{Digest, Repository};

/// A manifest that an earlier run began to delete before it was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its repository. The manifest may still exist.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// The manifests that it lists, if it is an index.
    pub children: Vec<Digest>,
}
