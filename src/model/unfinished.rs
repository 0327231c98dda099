//! What a run that broke off had deleted, as its journal tells it.

use super::{Digest, Repository};

/// A manifest that a run deleted before it broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it was.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// What it referred to: its children and its subject.
    pub refers_to: Vec<Digest>,
}
