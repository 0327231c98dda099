//! Puts a move back: in reverse, and only where the latest tag still points to the release.

use super::result::MoveFailure;
use super::run::{MoveRun, PlaceState};
use super::tag::{TagMove, TagMoved};
use crate::model::ManifestCopy;

impl MoveRun<'_> {
    /// Puts back every place that this move moved, or may have moved.
    pub(super) async fn put_all_back(&mut self) {
        let order = self.job.plan.by_registry().into_iter().flatten();
        for index in order.collect::<Vec<_>>().into_iter().rev() {
            let is_ours = match &self.state[index] {
                PlaceState::Moved | PlaceState::Unknown(_) => true,
                PlaceState::Already => self.place(index).was_moved_earlier(),
                _ => false,
            };
            if is_ours {
                self.state[index] = self.put_back(index).await;
            }
        }
    }

    async fn put_back(&self, index: usize) -> PlaceState {
        let place = self.place(index);
        match (&place.before, self.access(place)) {
            (_, Err(failure)) => PlaceState::Stuck(failure),
            (Some(before), Ok(access)) => {
                let back = TagMove {
                    access,
                    tag: &place.latest,
                    from: Some(&place.after.digest),
                    to: before,
                };
                self.set_back(index, before, back).await
            }
            (None, Ok(access)) => {
                let read = TagMove { access, tag: &place.latest, from: None, to: &place.after };
                self.without_before(index, read).await
            }
        }
    }

    async fn set_back(&self, index: usize, before: &ManifestCopy, back: TagMove<'_>) -> PlaceState {
        let seen = match back.run().await {
            TagMoved::Set => back.settled().await,
            TagMoved::AlreadyThere => Ok(Some(before.digest.clone())),
            TagMoved::Elsewhere(now) => Ok(now),
            TagMoved::Refused(failure) | TagMoved::Unknown(failure) => Err(failure),
        };
        match (seen, &self.state[index]) {
            // What never came to be has not been put back.
            (Ok(Some(now)), PlaceState::Unknown(failure)) if now == before.digest => {
                PlaceState::Refused(failure.clone())
            }
            (Ok(Some(now)), _) if now == before.digest => PlaceState::PutBack,
            (Ok(Some(now)), _) if now == self.place(index).after.digest => {
                let message = "the registry accepted the tag, but it still points to the release";
                PlaceState::Stuck(MoveFailure::registry(message))
            }
            (Ok(now), _) => PlaceState::LeftAfter(now),
            (Err(failure), _) => PlaceState::Stuck(failure),
        }
    }

    /// A place that had no latest tag keeps the new one: a tag is never deleted here.
    async fn without_before(&self, index: usize, latest: TagMove<'_>) -> PlaceState {
        if let PlaceState::Unknown(failure) = &self.state[index] {
            match latest.read_digest().await {
                Ok(None) => return PlaceState::Refused(failure.clone()),
                Ok(Some(now)) if now != latest.to.digest => {
                    return PlaceState::LeftAfter(Some(now));
                }
                _ => {}
            }
        }
        PlaceState::Stuck(MoveFailure::registry("there was no such tag before the move"))
    }
}
