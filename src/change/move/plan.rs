//! What a move is to do: place by place, what the latest tag points to and what it is to point to.
//! Pure: nothing is read or sent here.

use crate::change::goal::MoveGoal;
use crate::change::journal::{MoveRecord, RecordedPlace};
use crate::model::{Digest, ManifestCopy, Place, Repository, Sha, TagReference};

/// One latest tag of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPlace {
    /// The image and the registry.
    pub place: Place,
    /// The latest tag.
    pub latest: TagReference,
    /// What it pointed to before the move; none where there was no such tag.
    pub before: Option<ManifestCopy>,
    /// What it is to point to.
    pub after: ManifestCopy,
    /// What it points to now. Another digest than `before` where an earlier run moved it already.
    pub now: Option<Digest>,
    /// The SHA tag that a promotion sets first, where it is not there yet.
    pub sha_tag: Option<TagReference>,
    /// Where the release is, if it is in another repository than the latest tag.
    pub copy_from: Option<Repository>,
}

impl PlannedPlace {
    /// Whether the latest tag points to the release already.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.now.as_ref() == Some(&self.after.digest)
    }

    /// Whether nothing has to be written here.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_there() && self.sha_tag.is_none()
    }

    /// Whether an earlier run of the same move moved it: it is put back with the others.
    pub(super) fn was_moved_earlier(&self) -> bool {
        self.is_there() && self.before.as_ref().is_none_or(|old| old.digest != self.after.digest)
    }
}

/// A move: all latest tags of an environment, to one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovePlan {
    /// What it is for.
    pub goal: MoveGoal,
    /// The release that the latest tags point to, if they agree.
    pub from: Option<Sha>,
    /// The places, by image and registry.
    pub places: Vec<PlannedPlace>,
}

impl MovePlan {
    /// Whether every latest tag points to the release already.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.places.iter().all(PlannedPlace::is_finished)
    }

    /// The move as its journal holds it.
    pub(super) fn record(&self) -> MoveRecord {
        let place = |place: &PlannedPlace| RecordedPlace {
            place: place.place.clone(),
            latest: place.latest.clone(),
            before: place.before.clone(),
            after: place.after.clone(),
        };
        let places = self.places.iter().map(place).collect();
        MoveRecord { goal: self.goal.clone(), from: self.from.clone(), places }
    }

    /// The places of each registry, in the order of the registries' names.
    pub(super) fn by_registry(&self) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|index| &self.places[*index].place.registry);
        let same =
            |a: &usize, b: &usize| self.places[*a].place.registry == self.places[*b].place.registry;
        order.chunk_by(same).map(<[usize]>::to_vec).collect()
    }
}
