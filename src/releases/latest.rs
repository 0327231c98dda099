//! Which releases the latest tags point to: those with the same image, in any registry.

use std::collections::{BTreeSet, HashMap};

use super::ranking::{ReleaseNumber, Releases};
use super::rollback_check::Digests;
use super::sha_tag::ShaTag;
use crate::model::Digest;

impl Releases {
    /// For each image and digest, the releases that have it in any registry: one listing may be more
    /// recent than another.
    pub fn with_images(
        &self,
        digests: &impl Digests,
        wanted: &[(u32, &Digest)],
    ) -> Vec<BTreeSet<ReleaseNumber>> {
        let places: HashMap<(u32, &Digest), usize> =
            wanted.iter().enumerate().map(|(place, wanted)| (*wanted, place)).collect();
        let mut found = vec![BTreeSet::new(); wanted.len()];
        for release in self.numbers() {
            for tag in self.tags(release).iter().filter(|tag| tag.content != ShaTag::UNREAD) {
                let key = (self.image(tag.place), digests.digest(tag.content));
                if let Some(place) = places.get(&key) {
                    found[*place].insert(release);
                }
            }
        }
        // If an item occurs twice, only its last occurrence was filled above.
        for (place, wanted) in wanted.iter().enumerate() {
            let kept = places[wanted];
            if kept != place {
                let same = found[kept].clone();
                found[place] = same;
            }
        }
        found
    }

    /// The given releases that may be the newest: all with the first rank among them, then all
    /// without a rank.
    #[must_use]
    pub fn newest_of(&self, releases: &BTreeSet<ReleaseNumber>) -> Vec<ReleaseNumber> {
        let first = releases.iter().filter_map(|release| self.rank(*release)).min();
        let has_first = |release: &&ReleaseNumber| first.is_some() && self.rank(**release) == first;
        let unranked = releases.iter().filter(|release| self.rank(**release).is_none());
        releases.iter().filter(has_first).chain(unranked).copied().collect()
    }
}

/// The intersection of some sets.
pub(super) fn common(sets: &[BTreeSet<ReleaseNumber>]) -> BTreeSet<ReleaseNumber> {
    let mut sets = sets.iter().cloned();
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| &common & &set)
}

impl Releases {
    /// The current release, by the releases that each latest tag points to: those that all have in
    /// common, else each of them. If they point to none, all releases that may be the newest.
    #[must_use]
    pub fn current_by(&self, resolved: &[BTreeSet<ReleaseNumber>]) -> Vec<ReleaseNumber> {
        let found: Vec<BTreeSet<ReleaseNumber>> =
            resolved.iter().filter(|set| !set.is_empty()).cloned().collect();
        if found.is_empty() {
            let first = self.groups().first().cloned().unwrap_or_default();
            return first.into_iter().chain(self.unranked()).collect();
        }
        let common = common(&found);
        let mut current: Vec<ReleaseNumber> = if common.is_empty() {
            found.iter().flat_map(|set| self.newest_of(set)).collect()
        } else {
            self.newest_of(&common)
        };
        current.sort_unstable();
        current.dedup();
        current
    }
}
