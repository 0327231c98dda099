//! A release: one SHA of one environment, over all images and registries.

use std::collections::BTreeMap;

use super::{Digest, ImageName, Moment, RegistryName, Sha, TagReference};

/// One image in one registry: where a copy of a release must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The image.
    pub image: ImageName,
    /// The registry.
    pub registry: RegistryName,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {}", self.image, self.registry)
    }
}

/// The copy of a release in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseCopy {
    /// The SHA tag exists.
    Present {
        /// The tag.
        reference: TagReference,
        /// What it points to.
        digest: Digest,
        /// When the copy was made, if that is known and plausible.
        time: Option<Moment>,
    },
    /// The registry does not have it.
    Absent {
        /// The tag that should exist.
        reference: TagReference,
    },
    /// It could not be read.
    Unread {
        /// The tag that may exist.
        reference: TagReference,
    },
}

impl ReleaseCopy {
    /// The tag, whether it exists or not.
    #[must_use]
    pub fn reference(&self) -> &TagReference {
        match self {
            Self::Present { reference, .. }
            | Self::Absent { reference }
            | Self::Unread { reference } => reference,
        }
    }

    /// The digest, if the copy exists.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Present { digest, .. } => Some(digest),
            Self::Absent { .. } | Self::Unread { .. } => None,
        }
    }

    /// The time, if the copy exists and its time is known.
    #[must_use]
    pub fn time(&self) -> Option<Moment> {
        match self {
            Self::Present { time, .. } => *time,
            Self::Absent { .. } | Self::Unread { .. } => None,
        }
    }
}

/// One SHA of an environment, with a copy for every place where it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The SHA, with as many digits as the tags have.
    pub sha: Sha,
    /// Every place of the environment.
    pub copies: BTreeMap<Place, ReleaseCopy>,
}

impl Release {
    /// The newest of its copies' times.
    #[must_use]
    pub fn time(&self) -> Option<Moment> {
        self.copies.values().filter_map(ReleaseCopy::time).max_by_key(|moment| moment.time)
    }

    /// Whether every place has it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.copies.values().all(|copy| copy.digest().is_some())
    }

    /// Whether every place has it; none if that is unknown: it is not known to be missing anywhere, but
    /// some places are unread.
    #[must_use]
    pub fn completeness(&self) -> Option<bool> {
        let known = self.is_complete() || self.absent().next().is_some();
        known.then(|| self.is_complete())
    }

    /// The places that do not have it.
    pub fn absent(&self) -> impl Iterator<Item = &Place> {
        self.copies
            .iter()
            .filter(|(_, copy)| matches!(copy, ReleaseCopy::Absent { .. }))
            .map(|(place, _)| place)
    }

    /// The places that could not be read.
    pub fn unread(&self) -> impl Iterator<Item = &Place> {
        self.copies
            .iter()
            .filter(|(_, copy)| matches!(copy, ReleaseCopy::Unread { .. }))
            .map(|(place, _)| place)
    }

    /// An image of which no place is known to have a copy.
    #[must_use]
    pub fn unseen_image(&self) -> Option<&ImageName> {
        self.copies.keys().map(|place| &place.image).find(|image| {
            !self
                .copies
                .iter()
                .any(|(place, copy)| place.image == **image && copy.digest().is_some())
        })
    }
}
