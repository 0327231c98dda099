//! What was asked while a plan was completed.

use std::collections::BTreeSet;

use crate::model::{Digest, RegistryName, Repository, TagReference};

/// What was asked already, so that deciding again does not ask again.
#[derive(Debug, Default)]
pub struct Completion {
    pub(super) tags: BTreeSet<TagReference>,
    pub(super) subjects: BTreeSet<(Repository, Digest)>,
    /// What was asked for by its digest.
    pub(super) proved: BTreeSet<(Repository, Digest)>,
    /// Registries that said that they have no referrers API.
    pub(super) without_referrers: BTreeSet<RegistryName>,
}
