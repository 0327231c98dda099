//! The way back from a release, and the floor: the releases on it that have to be kept.

use super::objection::{Digests, Judge};
use super::ranking::{ReleaseNumber, Releases};

impl Releases {
    /// The releases that are surely older than one, newest first, in groups that tie.
    #[must_use]
    pub fn older_than(&self, start: ReleaseNumber) -> &[Vec<ReleaseNumber>] {
        &self.groups()[self.older_from(start)..]
    }

    /// The releases of which nothing says whether they are older or newer than one.
    pub fn unordered_with(&self, start: ReleaseNumber) -> impl Iterator<Item = ReleaseNumber> {
        self.numbers().filter(move |release| {
            *release != start && !self.is_older(*release, start) && !self.is_older(start, *release)
        })
    }

    /// Whether `a` is surely older than `b`.
    #[must_use]
    pub fn is_older(&self, a: ReleaseNumber, b: ReleaseNumber) -> bool {
        self.rank(a).is_some_and(|rank| rank >= self.older_from(b))
    }
}

impl<D: Digests> Judge<'_, D> {
    /// What a rollback from a release would visit: the first `depth` complete releases below it,
    /// and the first `depth` that it would take. Two counts, since what is complete may still be
    /// bad, damaged or the same again; `is_whole` says whether all of a release is there. From a
    /// release without a place in the order, the newest of all are held besides.
    pub fn floor(
        &self,
        start: ReleaseNumber,
        depth: usize,
        is_whole: impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        let below = |groups| self.floor_among(groups, start, depth, &is_whole);
        let mut floor = Vec::new();
        if self.releases.rank(start).is_none() {
            floor = below(self.releases.groups());
        }
        for release in below(self.releases.older_than(start)) {
            if !floor.contains(&release) {
                floor.push(release);
            }
        }
        floor
    }

    fn floor_among(
        &self,
        groups: &[Vec<ReleaseNumber>],
        start: ReleaseNumber,
        depth: usize,
        is_whole: &impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        let (mut complete, mut takeable) = (0, 0);
        let mut floor = Vec::new();
        for group in groups {
            if complete >= depth && takeable >= depth {
                break;
            }
            let is_complete = |r: &&ReleaseNumber| **r != start && self.releases.is_complete(**r);
            let all: Vec<ReleaseNumber> = group.iter().filter(is_complete).copied().collect();
            let is_good =
                |r: &&ReleaseNumber| self.objection(start, **r).is_none() && is_whole(**r);
            let good: Vec<ReleaseNumber> = all.iter().filter(is_good).copied().collect();
            if complete < depth {
                floor.extend(&all);
            } else if takeable < depth {
                floor.extend(&good);
            }
            complete += all.len();
            // Of several that tie a rollback takes one only where it does not matter which.
            takeable += usize::from(!good.is_empty() && self.are_same_content(&good));
        }
        floor
    }
}
