//! Whether a release can be rolled back to: the same check for `rollback-target` and for the cleanup,
//! which keeps what a rollback would need.

use super::ranking::{Releases, TagOfRelease};
use super::release_number::{ReleaseNumber, at};
use super::sha_tag::ShaTag;
use crate::model::Digest;
use crate::policy::Environment;

/// The digests of a model's contents, by number.
pub trait Digests {
    /// The digest of a content; it must not be [`ShaTag::UNREAD`].
    fn digest(&self, content: u32) -> &Digest;
    /// The contents, of all places, that have a digest.
    fn contents(&self, digest: &Digest) -> Vec<u32>;
}

/// Why a release cannot be rolled back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// The policy marks it as bad.
    MarkedBad,
    /// Two of its tags in this place point to different digests.
    DiffersInPlace(u32),
    /// The image of this place does not have the same digest in all registries.
    DiffersBetweenPlaces(u32),
    /// It has the same content as the release to roll back from.
    SameContent,
}

/// Checks the releases of an environment as rollback targets.
pub struct RollbackCheck<'a, D> {
    /// The environment.
    pub environment: &'a Environment,
    /// Its releases.
    pub releases: &'a Releases,
    /// The digests of their contents.
    pub digests: &'a D,
}

impl<D: Digests> RollbackCheck<'_, D> {
    /// Why a rollback from `start` cannot go to a release. Whether the release is complete is not checked
    /// here.
    #[must_use]
    pub fn objection(&self, start: ReleaseNumber, release: ReleaseNumber) -> Option<Objection> {
        let sha = self.releases.sha(release);
        if self.environment.bad_shas.iter().any(|bad| bad.agrees_with(sha)) {
            return Some(Objection::MarkedBad);
        }
        if let Some(place) = self.differs_in_place(release) {
            return Some(Objection::DiffersInPlace(place));
        }
        if self.environment.same_digest
            && let Some(place) = self.differs_between_places(release)
        {
            return Some(Objection::DiffersBetweenPlaces(place));
        }
        self.is_same_content(start, release).then_some(Objection::SameContent)
    }

    fn read_tags(&self, release: ReleaseNumber) -> impl Iterator<Item = &TagOfRelease> {
        self.releases.tags(release).iter().filter(|tag| tag.content != ShaTag::UNREAD)
    }

    /// A place where two of a release's tags point to different digests.
    fn differs_in_place(&self, release: ReleaseNumber) -> Option<u32> {
        let tags = self.releases.tags(release);
        let differ = |pair: &&[TagOfRelease]| {
            pair[0].place == pair[1].place
                && pair.iter().all(|tag| tag.content != ShaTag::UNREAD)
                && pair[0].content != pair[1].content
        };
        tags.windows(2).find(differ).map(|pair| pair[0].place)
    }

    /// A place of an image that does not have the same digest in all its places.
    fn differs_between_places(&self, release: ReleaseNumber) -> Option<u32> {
        let image = |tag: &TagOfRelease| self.releases.image(tag.place);
        let digest = |tag: &TagOfRelease| self.digests.digest(tag.content);
        let differs = |tag: &&TagOfRelease| {
            self.read_tags(release)
                .any(|other| image(other) == image(tag) && digest(other) != digest(tag))
        };
        self.read_tags(release).find(differs).map(|tag| tag.place)
    }

    /// Whether all copies that can be compared are the same, and each image has one that can be.
    #[must_use]
    pub fn is_same_content(&self, a: ReleaseNumber, b: ReleaseNumber) -> bool {
        let mut compared: Vec<u32> = Vec::new();
        for tag in self.read_tags(b) {
            let mut here = self.read_tags(a).filter(|other| other.place == tag.place).peekable();
            if here.peek().is_none() {
                continue;
            }
            if here.all(|other| other.content != tag.content) {
                return false;
            }
            compared.push(self.releases.image(tag.place));
        }
        // A place without any release is not compared.
        let releases = self.releases;
        let all = (0..releases.places()).filter(|place| !releases.has_no_release(at(*place)));
        all.map(|place| releases.image(place)).all(|image| compared.contains(&image))
    }

    /// Whether all these releases have the same content.
    #[must_use]
    pub fn are_same_content(&self, releases: &[ReleaseNumber]) -> bool {
        releases.windows(2).all(|pair| self.is_same_content(pair[0], pair[1]))
    }
}
