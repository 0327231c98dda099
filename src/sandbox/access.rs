//! What others do to a running registry without a request: pushes, moved tags, deletions.
//!
//! All of it is dated by the registry's clock and has the same effects as the request would have
//! had. Used by actions between two requests, and by tests from outside.

use super::content::{BuiltImage, ManifestBytes};
use super::fault::Faults;
use super::quirk::Quirks;
use super::server::Shared;
use super::settings::Face;
use super::store::{Store, StoredTag};
use crate::model::{Digest, RepositoryPath, TagName};

/// The inside of a running registry.
#[derive(Debug)]
pub struct Access<'a>(pub(super) &'a Shared);

impl Access<'_> {
    /// What the registry holds.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What can be made to go wrong. A fault that is added before a request can be for that one.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The quirks, to be switched on and off.
    #[must_use]
    pub fn quirks(&self) -> &Quirks {
        &self.0.quirks
    }

    /// Pushes an image with all that belongs to it, under these tags or none.
    pub fn push(&self, repository: &RepositoryPath, image: &BuiltImage, tags: &[TagName]) {
        self.0.store.push(repository, image, &[], self.0.clock.told());
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
        self.0.store.put_manifest(repository, manifest, self.0.clock.told());
        for tag in tags {
            self.set_tag(repository, tag, &manifest.digest);
        }
    }

    /// Sets a tag to a manifest that is there, whether the tag is new or moves; false if there is
    /// no such manifest, and then nothing happens.
    #[expect(clippy::must_use_candidate, reason = "who knows that it is there need not ask")]
    pub fn set_tag(&self, repository: &RepositoryPath, tag: &TagName, digest: &Digest) -> bool {
        if self.0.store.manifest(repository, digest).is_none() {
            return false;
        }
        let stored = StoredTag { digest: digest.clone(), updated: self.0.clock.told() };
        self.0.store.set_tag(repository, tag, stored);
        true
    }

    /// Removes a tag and leaves its manifest; says whether it was there.
    #[expect(clippy::must_use_candidate, reason = "whether it was there may not matter")]
    pub fn delete_tag(&self, repository: &RepositoryPath, tag: &TagName) -> bool {
        self.0.store.remove_tag(repository, tag)
    }

    /// Removes a manifest with every tag on it; says whether it was there. A version of GHCR can be
    /// restored afterwards.
    #[expect(clippy::must_use_candidate, reason = "whether it was there may not matter")]
    pub fn delete_manifest(&self, repository: &RepositoryPath, digest: &Digest) -> bool {
        if !matches!(self.0.settings.face, Face::Ghcr(_)) {
            return self.0.store.remove_manifest(repository, digest);
        }
        let Shared { versions, store, clock, .. } = self.0;
        versions.delete_digest(store, repository, digest, clock.now())
    }
}
