//! The versions of packages: every manifest is one, with an id.
//!
//! The store has the live manifests; here are ids, downloads, and deleted versions. A version has
//! the time of the first push of its digest, which setting tags does not change:
//! <https://github.com/dependabot/dependabot-core/pull/16328>.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::super::content::ManifestBytes;
use super::super::store::{Store, StoredManifest, StoredTag};
use crate::model::{Digest, RepositoryPath, TagName, media_type};

/// Ids count from here.
const FIRST: u64 = 1_234_567_890;

/// A version, live or deleted.
#[derive(Debug, Clone)]
pub(in super::super) struct Version {
    pub(in super::super) id: u64,
    pub(in super::super) digest: Digest,
    pub(super) manifest: StoredManifest,
    pub(super) tags: BTreeMap<TagName, StoredTag>,
    pub(super) deleted: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct VersionRecords {
    ids: BTreeMap<(RepositoryPath, Digest), u64>,
    given: u64,
    downloads: BTreeMap<(RepositoryPath, Digest), u64>,
    deleted: BTreeMap<RepositoryPath, Vec<Version>>,
}

/// The ids, downloads and deleted versions of all packages.
#[derive(Debug, Default)]
pub(in super::super) struct Versions(Mutex<VersionRecords>);

impl Versions {
    /// The live versions of a package, oldest first; at equal times children before indexes.
    pub(in super::super) fn live(&self, store: &Store, package: &RepositoryPath) -> Vec<Version> {
        let manifests = store.manifests(package);
        let mut tags: BTreeMap<Digest, BTreeMap<TagName, StoredTag>> = BTreeMap::new();
        for (name, tag) in store.tags(package).unwrap_or_default() {
            tags.entry(tag.digest.clone()).or_default().insert(name, tag);
        }
        let is_index = |manifest: &StoredManifest| {
            [media_type::OCI_INDEX, media_type::DOCKER_LIST].contains(&manifest.media_type.as_str())
        };
        let mut order: Vec<(Digest, StoredManifest)> = manifests.into_iter().collect();
        order.sort_by_key(|(_, manifest)| (manifest.pushed, is_index(manifest)));
        let mut known = self.lock();
        order
            .into_iter()
            .map(|(digest, manifest)| Version {
                id: known.id(package, &digest),
                manifest,
                tags: tags.remove(&digest).unwrap_or_default(),
                digest,
                deleted: None,
            })
            .collect()
    }

    /// The deleted versions of a package, in the order in which they were deleted.
    pub(super) fn deleted(&self, package: &RepositoryPath) -> Vec<Version> {
        self.lock().deleted.get(package).cloned().unwrap_or_default()
    }

    /// Deletes a version with all its tags; it can be restored.
    pub(super) fn delete(
        &self,
        store: &Store,
        package: &RepositoryPath,
        version: Version,
        at: DateTime<Utc>,
    ) {
        store.remove_manifest(package, &version.digest);
        let mut known = self.lock();
        known.ids.remove(&(package.clone(), version.digest.clone()));
        let deleted = known.deleted.entry(package.clone()).or_default();
        deleted.push(Version { deleted: Some(at), ..version });
    }

    /// Deletes the version of a digest; returns whether it existed.
    pub(in super::super) fn delete_digest(
        &self,
        store: &Store,
        package: &RepositoryPath,
        digest: &Digest,
        at: DateTime<Utc>,
    ) -> bool {
        let live = self.live(store, package);
        let version = live.into_iter().find(|version| version.digest == *digest);
        let there = version.map(|version| self.delete(store, package, version, at));
        there.is_some()
    }

    /// Restores a version; false if it was not deleted or its digest was pushed again.
    pub(super) fn restore(
        &self,
        store: &Store,
        package: &RepositoryPath,
        id: u64,
        with_tags: bool,
    ) -> bool {
        let mut known = self.lock();
        let Some(deleted) = known.deleted.get_mut(package) else { return false };
        let reused = |version: &Version| store.manifest(package, &version.digest).is_some();
        let Some(at) = deleted.iter().position(|version| version.id == id && !reused(version))
        else {
            return false;
        };
        let version = deleted.remove(at);
        known.ids.insert((package.clone(), version.digest.clone()), id);
        let StoredManifest { media_type, bytes, pushed, .. } = version.manifest;
        let manifest = ManifestBytes { media_type, bytes, digest: version.digest };
        store.put_manifest(package, &manifest, pushed);
        for (name, tag) in version.tags {
            if with_tags && store.resolve(package, &name).is_none() {
                store.set_tag(package, &name, tag);
            }
        }
        true
    }

    /// Counts a download of a manifest.
    pub(super) fn downloaded(&self, package: &RepositoryPath, digest: &Digest) {
        *self.lock().downloads.entry((package.clone(), digest.clone())).or_default() += 1;
    }

    /// The downloads of a manifest since the start.
    pub(super) fn downloads(&self, package: &RepositoryPath, digest: &Digest) -> u64 {
        self.lock().downloads.get(&(package.clone(), digest.clone())).copied().unwrap_or(0)
    }

    fn lock(&self) -> MutexGuard<'_, VersionRecords> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VersionRecords {
    /// The id of a version, assigned when it is first needed.
    fn id(&mut self, package: &RepositoryPath, digest: &Digest) -> u64 {
        let given = &mut self.given;
        *self.ids.entry((package.clone(), digest.clone())).or_insert_with(|| {
            *given += 1;
            FIRST + *given
        })
    }
}
