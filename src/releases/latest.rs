//! Which releases the latest tags point to: those with the same image, in any registry.

use std::collections::BTreeSet;

use super::ranking::Releases;
use super::release_number::ReleaseNumber;
use super::rollback_check::Digests;
use crate::model::Digest;

impl Releases {
    /// For each image and digest, the releases that have it in any registry: one listing may be more
    /// recent than another.
    pub fn with_images(
        &self,
        digests: &impl Digests,
        wanted: &[(u32, &Digest)],
    ) -> Vec<BTreeSet<ReleaseNumber>> {
        let mut contents: Vec<(u32, usize)> = Vec::new();
        for (place, (_, digest)) in wanted.iter().enumerate() {
            contents.extend(digests.contents(digest).into_iter().map(|content| (content, place)));
        }
        contents.sort_unstable();
        let mut found = vec![BTreeSet::new(); wanted.len()];
        for release in self.numbers() {
            for tag in self.tags(release) {
                let first = contents.partition_point(|(content, _)| *content < tag.content);
                let same =
                    contents[first..].iter().take_while(|(content, _)| *content == tag.content);
                for (_, place) in same {
                    if wanted[*place].0 == self.image(tag.place) {
                        found[*place].insert(release);
                    }
                }
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
            let first = self.groups().iter().next().unwrap_or_default();
            return first.iter().copied().chain(self.unranked()).collect();
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
