//! Which releases are older than another, and the rollback floor: those of them that have to be kept.

use super::deployed::DeployedReleases;
use super::ranking::Releases;
use super::release_number::ReleaseNumber;
use super::rollback_check::{Digests, RollbackCheck};

impl Releases {
    /// The releases that are known to be older than one, newest first, in groups of one rank.
    pub fn older_than(&self, start: ReleaseNumber) -> impl Iterator<Item = &[ReleaseNumber]> {
        self.groups().from(self.older_from(start))
    }

    /// The releases that are not known to be older or newer than one.
    pub fn unordered_with(&self, start: ReleaseNumber) -> impl Iterator<Item = ReleaseNumber> {
        self.numbers().filter(move |release| {
            *release != start && !self.is_older(*release, start) && !self.is_older(start, *release)
        })
    }

    /// Whether `a` is known to be older than `b`.
    #[must_use]
    pub fn is_older(&self, a: ReleaseNumber, b: ReleaseNumber) -> bool {
        self.rank(a).is_some_and(|rank| rank >= self.older_from(b))
    }
}

impl<D: Digests> RollbackCheck<'_, D> {
    /// The releases to keep for a rollback from `start`: the newest `depth` complete releases that are
    /// older, and the newest `depth` that a rollback could go to. These are two counts, since a
    /// complete release may still be bad, damaged or have the same content; `is_whole` says whether
    /// all manifests of a release exist. If `start` has no rank, the newest of all releases are
    /// kept too.
    pub fn floor(
        &self,
        start: ReleaseNumber,
        depth: usize,
        is_whole: impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        let mut floor = Vec::new();
        if self.releases.rank(start).is_none() {
            floor = self.floor_among(self.releases.groups().iter(), start, depth, &is_whole);
        }
        let older = self.releases.older_than(start);
        for release in self.floor_among(older, start, depth, &is_whole) {
            if !floor.contains(&release) {
                floor.push(release);
            }
        }
        floor
    }

    /// The releases to keep besides, where the order is `deployed`: the newest `depth` that are known to
    /// be good and were deployed before `start`, and the newest `depth` of them that a rollback could go to.
    pub fn deployed_floor(
        &self,
        deployed: &DeployedReleases,
        (start, depth): (ReleaseNumber, usize),
        is_whole: impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        self.floor_among(deployed.before(start).iter(), start, depth, &is_whole)
    }

    fn floor_among<'g>(
        &self,
        groups: impl Iterator<Item = &'g [ReleaseNumber]>,
        start: ReleaseNumber,
        depth: usize,
        is_whole: &impl Fn(ReleaseNumber) -> bool,
    ) -> Vec<ReleaseNumber> {
        let (mut complete, mut usable) = (0, 0);
        let mut floor = Vec::new();
        for group in groups {
            if complete >= depth && usable >= depth {
                break;
            }
            let is_complete = |r: &&ReleaseNumber| **r != start && self.releases.is_complete(**r);
            let all: Vec<ReleaseNumber> = group.iter().filter(is_complete).copied().collect();
            let is_good =
                |r: &&ReleaseNumber| self.objection(start, **r).is_none() && is_whole(**r);
            let good: Vec<ReleaseNumber> = all.iter().filter(is_good).copied().collect();
            if complete < depth {
                floor.extend(&all);
            } else if usable < depth {
                floor.extend(&good);
            }
            complete += all.len();
            // Of several with one rank, a rollback goes to one only if all have the same content.
            usable += usize::from(!good.is_empty() && self.are_same_content(&good));
        }
        floor
    }
}
