//! What was read while a plan was completed.

use std::collections::BTreeSet;

use crate::model::{Digest, RegistryName, Repository, TagReference};

/// What was read already, so that it is not read again for the next plan.
#[derive(Debug, Default)]
pub struct Completion {
    pub(super) tags: BTreeSet<TagReference>,
    pub(super) subjects: BTreeSet<(Repository, Digest)>,
    /// Manifests whose existence was checked.
    pub(super) confirmed: BTreeSet<(Repository, Digest)>,
    /// Registries without a referrers API.
    pub(super) without_referrers: BTreeSet<RegistryName>,
}
