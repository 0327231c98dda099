//! The way back from a release, and the floor: the releases on it that have to be kept.

use super::objection::{Digests, Judge};
use super::ranking::{ReleaseNumber, Releases};

impl Releases {
    /// The releases that are surely older than one, newest first, in groups that tie. All of them
    /// where that one has no place in the order.
    #[must_use]
    pub fn older_than(&self, start: ReleaseNumber) -> &[Vec<ReleaseNumber>] {
        let below = self.rank(start).map_or(0, |rank| rank + 1);
        &self.groups()[below..]
    }

    /// The releases of which nothing says whether they are older than one.
    pub fn untold(&self, start: ReleaseNumber) -> impl Iterator<Item = ReleaseNumber> {
        let here = self.rank(start);
        self.numbers().filter(move |release| {
            let rank = self.rank(*release);
            *release != start && (rank.is_none() || here.is_none() || rank == here)
        })
    }

    /// Whether `a` is surely older than `b`.
    #[must_use]
    pub fn is_older(&self, a: ReleaseNumber, b: ReleaseNumber) -> bool {
        matches!((self.rank(a), self.rank(b)), (Some(a), Some(b)) if a > b)
    }
}

impl<D: Digests> Judge<'_, D> {
    /// What a rollback from a release would visit: the first `depth` complete releases below it,
    /// and the first `depth` that it would take. Two counts, since what is complete may still be
    /// bad, damaged or the same again; `is_whole` says whether all of a release is there.
    pub fn floor(
        &self,
        start: ReleaseNumber,
        depth: usize,
        is_whole: impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        let (mut complete, mut takeable) = (0, 0);
        let mut floor = Vec::new();
        for group in self.releases.older_than(start) {
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
