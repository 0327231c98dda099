//! What became of a move: place by place, and what it comes to for the outcome word and the exit
//! code.

use super::plan::PlannedPlace;
use crate::change::access::Failure;
use crate::change::result::FailureCause;
use crate::model::{Digest, Place, TagObservation, TagReference, UnreadCause};

/// What became of one latest tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum PlaceResult {
    /// Nothing was written.
    Planned,
    /// It points to the release, which was read afterwards.
    Moved,
    /// It pointed to the release before this run.
    Already,
    /// It points to what it pointed to before the move, again.
    PutBack,
    /// Somebody else moved it meanwhile, and it was left there.
    Left,
    /// It could not be done.
    Failed,
}

impl PlaceResult {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a tag points to, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagTarget {
    /// This digest.
    Digest(Digest),
    /// There is no such tag.
    Missing,
    /// The registry could not be asked.
    Unread,
}

impl TagTarget {
    /// The digest, if it is known.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Digest(digest) => Some(digest),
            Self::Missing | Self::Unread => None,
        }
    }
}

impl From<&TagObservation> for TagTarget {
    fn from(seen: &TagObservation) -> Self {
        match seen {
            TagObservation::Found(digest) => Self::Digest(digest.clone()),
            TagObservation::Missing => Self::Missing,
            TagObservation::Unread(_) => Self::Unread,
        }
    }
}

/// A digest that was read; none where there is no such tag.
impl From<Option<Digest>> for TagTarget {
    fn from(read: Option<Digest>) -> Self {
        read.map_or(Self::Missing, Self::Digest)
    }
}

/// One latest tag with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedPlace {
    /// The image and the registry.
    pub place: Place,
    /// The latest tag.
    pub latest: TagReference,
    /// What it pointed to before the move.
    pub before: TagTarget,
    /// What it is to point to, which is what the release's own tag points to.
    pub after: TagTarget,
    /// What became of it.
    pub result: PlaceResult,
    /// The same in words.
    pub message: String,
}

impl MovedPlace {
    /// A place of a plan, of which nothing was written yet.
    #[must_use]
    pub fn planned(place: &PlannedPlace) -> Self {
        let before = place.before.as_ref().map(|before| &before.digest);
        let (result, message) = Self::foretold(place.is_there(), before);
        Self {
            place: place.place.clone(),
            latest: place.latest.clone(),
            before: place.before.as_ref().map(|before| before.digest.clone()).into(),
            after: TagTarget::Digest(place.after.digest.clone()),
            result,
            message: message.to_owned(),
        }
    }

    /// What a plan says of a latest tag, by whether it points to the release already, and what it
    /// pointed to before the move.
    pub(crate) fn foretold(is_there: bool, before: Option<&Digest>) -> (PlaceResult, &'static str) {
        match (is_there, before) {
            (true, _) => (PlaceResult::Already, "it points to the release"),
            (false, None) => {
                let message = "there is no such tag yet, so the move cannot be put back here";
                (PlaceResult::Planned, message)
            }
            (false, Some(_)) => (PlaceResult::Planned, ""),
        }
    }

    /// `host/path@digest`, to deploy; none where the registry does not have the release, or was not read.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        let digest = self.after.digest()?;
        Some(format!("{}@{digest}", self.latest.repository))
    }
}

/// Why a move failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoveCause {
    /// The registry refuses because of what it holds (409, 412), or somebody else moved the tag.
    Conflict,
    /// A right is missing.
    Rights,
    /// Anything else.
    Registry,
}

/// Why a place failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MoveFailure {
    pub(super) cause: MoveCause,
    pub(super) message: String,
}

impl MoveFailure {
    /// One that neither a missing right nor somebody else caused.
    pub(super) fn registry(message: impl Into<String>) -> Self {
        Self { cause: MoveCause::Registry, message: message.into() }
    }
}

impl From<Failure> for MoveFailure {
    fn from(failure: Failure) -> Self {
        let cause = match failure.cause {
            FailureCause::Rights => MoveCause::Rights,
            FailureCause::Registry => MoveCause::Registry,
        };
        Self { cause, message: failure.message }
    }
}

/// What a move comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveVerdict {
    /// Every latest tag points to the release.
    Done,
    /// Nothing was to be written.
    Planned,
    /// A guard refused it.
    Refused,
    /// It failed, and every latest tag points to where it pointed before.
    PutBack(MoveCause),
    /// It failed, and not everything could be put back.
    Partial,
    /// It failed, and somebody else moved a latest tag after this move had moved it. That tag stays
    /// there; no other one points to the release because of this move.
    LeftElsewhere,
    /// The release is not complete and whole, or there is none.
    Missing,
    /// The registry refused to take what it has already; nothing was moved.
    NotPermitted(MoveCause),
    /// A registry could not be read.
    Unknown(UnreadCause),
}

impl MoveVerdict {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::PutBack(_) => "put-back",
            Self::Partial | Self::LeftElsewhere => "partial",
            Self::Missing | Self::NotPermitted(_) => "failed",
            Self::Unknown(_) => "unknown",
        }
    }
}
