//! Which releases latest tags resolve to: those with the same image, in whatever registry.

use std::collections::{BTreeSet, HashMap};

use super::objection::Digests;
use super::ranking::{ReleaseNumber, Releases};
use super::tagged::ShaTag;
use crate::model::Digest;

impl Releases {
    /// For each image and digest, the releases that have it. The same image in another registry
    /// will do: the listing there may be ahead.
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
        // Asked for twice, the last place had it all.
        for (place, wanted) in wanted.iter().enumerate() {
            let kept = places[wanted];
            if kept != place {
                let same = found[kept].clone();
                found[place] = same;
            }
        }
        found
    }

    /// Those of some releases that may be the newest: what is placed first, with all that tie with
    /// it, and then all that have no place in the order.
    #[must_use]
    pub fn newest_of(&self, releases: &BTreeSet<ReleaseNumber>) -> Vec<ReleaseNumber> {
        let first = releases.iter().filter_map(|release| self.rank(*release)).min();
        let placed = |release: &&ReleaseNumber| first.is_some() && self.rank(**release) == first;
        let unplaced = releases.iter().filter(|release| self.rank(**release).is_none());
        releases.iter().filter(placed).chain(unplaced).copied().collect()
    }
}

/// What all of some sets have in common.
pub(super) fn common(sets: &[BTreeSet<ReleaseNumber>]) -> BTreeSet<ReleaseNumber> {
    let mut sets = sets.iter().cloned();
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| &common & &set)
}

impl Releases {
    /// The current release by what the latest tags resolve to: what they agree on, else each of
    /// them; all that may be the newest where they resolve to none.
    #[must_use]
    pub fn current_by(&self, resolved: &[BTreeSet<ReleaseNumber>]) -> Vec<ReleaseNumber> {
        let told: Vec<BTreeSet<ReleaseNumber>> =
            resolved.iter().filter(|set| !set.is_empty()).cloned().collect();
        if told.is_empty() {
            let first = self.groups().first().cloned().unwrap_or_default();
            return first.into_iter().chain(self.unplaced()).collect();
        }
        let common = common(&told);
        let mut current: Vec<ReleaseNumber> = if common.is_empty() {
            told.iter().flat_map(|set| self.newest_of(set)).collect()
        } else {
            self.newest_of(&common)
        };
        current.sort_unstable();
        current.dedup();
        current
    }
}
