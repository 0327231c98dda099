//! What speaks against going back to a release, asked in the same way by those who roll back and
//! by those who keep what a rollback would need.

use super::ranking::{ReleaseNumber, Releases, TagOfRelease, at};
use super::tagged::ShaTag;
use crate::model::Digest;
use crate::policy::Environment;

/// The digests behind the numbers of a model's contents.
pub trait Digests {
    /// The digest of a content that was read.
    fn digest(&self, content: u32) -> &Digest;
}

/// What speaks against going back to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// The policy says that it is bad.
    MarkedBad,
    /// Two of its tags in one place stand on different digests; the place.
    DiffersInPlace(u32),
    /// An image is not the same in all registries; one of its places.
    DiffersBetweenPlaces(u32),
    /// It is the same as where one would come from.
    SameContent,
}

/// Judges the releases of an environment.
pub struct Judge<'a, D> {
    /// The environment.
    pub environment: &'a Environment,
    /// Its releases.
    pub releases: &'a Releases,
    /// The digests of their contents.
    pub digests: &'a D,
}

impl<D: Digests> Judge<'_, D> {
    /// What speaks against going from one release to another, whether that is complete or not.
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

    fn read(&self, release: ReleaseNumber) -> impl Iterator<Item = &TagOfRelease> {
        self.releases.tags(release).iter().filter(|tag| tag.content != ShaTag::UNREAD)
    }

    /// A place where two of a release's tags stand on different digests.
    fn differs_in_place(&self, release: ReleaseNumber) -> Option<u32> {
        let tags = self.releases.tags(release);
        let differ = |pair: &&[TagOfRelease]| {
            pair[0].place == pair[1].place
                && pair.iter().all(|tag| tag.content != ShaTag::UNREAD)
                && pair[0].content != pair[1].content
        };
        tags.windows(2).find(differ).map(|pair| pair[0].place)
    }

    /// A place of an image that is not the same in all its places.
    fn differs_between_places(&self, release: ReleaseNumber) -> Option<u32> {
        let image = |tag: &TagOfRelease| self.releases.image(tag.place);
        let digest = |tag: &TagOfRelease| self.digests.digest(tag.content);
        let differs = |tag: &&TagOfRelease| {
            self.read(release)
                .any(|other| image(other) == image(tag) && digest(other) != digest(tag))
        };
        self.read(release).find(differs).map(|tag| tag.place)
    }

    /// Whether every copy that can be compared is the same, and every image can be compared.
    #[must_use]
    pub fn is_same_content(&self, a: ReleaseNumber, b: ReleaseNumber) -> bool {
        let mut compared: Vec<u32> = Vec::new();
        for tag in self.read(b) {
            let mut here = self.read(a).filter(|other| other.place == tag.place).peekable();
            if here.peek().is_none() {
                continue;
            }
            if here.all(|other| other.content != tag.content) {
                return false;
            }
            compared.push(self.releases.image(tag.place));
        }
        // A place that no release has says nothing of two of them.
        let releases = self.releases;
        let all = (0..releases.places()).filter(|place| !releases.is_bare(at(*place)));
        all.map(|place| releases.image(place)).all(|image| compared.contains(&image))
    }

    /// Whether all of some releases are the same.
    #[must_use]
    pub fn are_same_content(&self, releases: &[ReleaseNumber]) -> bool {
        releases.windows(2).all(|pair| self.is_same_content(pair[0], pair[1]))
    }
}
