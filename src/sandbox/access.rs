//! What others do to a running registry without a request: pushes, moved tags, deletions.
//!
//! All of it is dated by the registry's clock and has the same effects as the request would have
//! had. Used by actions between two requests, and by tests from outside.

use std::sync::{Mutex, PoisonError};

use super::content::{BuiltImage, ManifestBytes};
use super::fault::Faults;
use super::lie::{Change, Reply};
use super::quirk::Quirks;
use super::server::Shared;
use super::settings::Face;
use super::store::{Store, StoredTag};
use crate::model::{Digest, RepositoryPath, TagName};

/// The inside of a running registry.
#[derive(Debug)]
pub struct Access<'a> {
    shared: &'a Shared,
    changes: Mutex<Vec<Change>>,
}

impl<'a> Access<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, changes: Mutex::default() }
    }

    /// How the answer to the request is to be changed.
    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is answered to the request before which this action runs, once the registry
    /// has made the answer; nothing else changes. Outside of an action nothing happens.
    pub fn change_answer(&self, change: impl FnOnce(&mut Reply) + Send + 'static) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.push(Change::new(change));
    }

    /// What the registry holds.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What can be made to go wrong. A fault that is added before a request can be for that one.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The quirks, to be switched on and off.
    #[must_use]
    pub fn quirks(&self) -> &Quirks {
        &self.shared.quirks
    }

    /// Pushes an image with all that belongs to it, under these tags or none.
    pub fn push(&self, repository: &RepositoryPath, image: &BuiltImage, tags: &[TagName]) {
        self.shared.store.push(repository, image, &[], self.shared.clock.told());
        for tag in tags {
            self.set_tag(repository, tag, &image.root.digest);
        }
    }

    /// Pushes a manifest alone, such as an index of children that are there already.
    pub fn push_manifest(
        &self,
        repository: &RepositoryPath,
        manifest: &ManifestBytes,
        tags: &[TagName],
    ) {
        self.shared.store.put_manifest(repository, manifest, self.shared.clock.told());
        for tag in tags {
            self.set_tag(repository, tag, &manifest.digest);
        }
    }

    /// Sets a tag to a manifest that is there, whether the tag is new or moves; false if there is
    /// no such manifest, and then nothing happens.
    pub fn set_tag(&self, repository: &RepositoryPath, tag: &TagName, digest: &Digest) -> bool {
        if self.shared.store.manifest(repository, digest).is_none() {
            return false;
        }
        let stored = StoredTag { digest: digest.clone(), updated: self.shared.clock.told() };
        self.shared.store.set_tag(repository, tag, stored);
        true
    }

    /// The digest of a version of GHCR by its number, while it is there.
    #[must_use]
    pub fn version_digest(&self, package: &RepositoryPath, id: u64) -> Option<Digest> {
        let live = self.shared.versions.live(&self.shared.store, package);
        live.into_iter().find(|version| version.id == id).map(|version| version.digest)
    }

    /// Removes a tag and leaves its manifest; says whether it was there.
    pub fn delete_tag(&self, repository: &RepositoryPath, tag: &TagName) -> bool {
        self.shared.store.remove_tag(repository, tag)
    }

    /// Removes a manifest with every tag on it; says whether it was there. A version of GHCR can be
    /// restored afterwards.
    pub fn delete_manifest(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        if !matches!(self.shared.settings.face, Face::Ghcr(_)) {
            return self.shared.store.remove_manifest(repository, digest);
        }
        let Shared { versions, store, clock, .. } = self.shared;
        versions.delete_digest(store, repository, digest, clock.now())
    }
}
