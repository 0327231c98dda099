//! Puts a move back: in reverse, and only where the latest tag still points to the release.

use super::result::MoveFailure;
use super::run::{MoveRun, Standing};
use super::tag::{TagMove, TagMoved};
use crate::model::ManifestCopy;

impl MoveRun<'_> {
    /// Puts back every place that this move moved, or may have moved.
    pub(super) async fn put_all_back(&mut self) {
        let order = self.job.plan.by_registry().into_iter().flatten();
        for index in order.collect::<Vec<_>>().into_iter().rev() {
            let is_ours = match &self.standing[index] {
                Standing::Moved | Standing::Unknown(_) => true,
                Standing::Already => self.place(index).was_moved_earlier(),
                _ => false,
            };
            if is_ours {
                self.standing[index] = self.put_back(index).await;
            }
        }
    }

    async fn put_back(&self, index: usize) -> Standing {
        let place = self.place(index);
        match (&place.before, self.access(place)) {
            (_, Err(failure)) => Standing::Stuck(failure),
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
                let look = TagMove { access, tag: &place.latest, from: None, to: &place.after };
                self.without_before(index, look).await
            }
        }
    }

    async fn set_back(&self, index: usize, before: &ManifestCopy, back: TagMove<'_>) -> Standing {
        let seen = match back.run().await {
            TagMoved::Set => back.settled().await,
            TagMoved::AlreadyThere => Ok(Some(before.digest.clone())),
            TagMoved::Elsewhere(now) => Ok(now),
            TagMoved::Refused(failure) | TagMoved::Unknown(failure) => Err(failure),
        };
        match (seen, &self.standing[index]) {
            // What never came to be has not been put back.
            (Ok(Some(now)), Standing::Unknown(failure)) if now == before.digest => {
                Standing::Refused(failure.clone())
            }
            (Ok(Some(now)), _) if now == before.digest => Standing::PutBack,
            (Ok(Some(now)), _) if now == self.place(index).after.digest => {
                let message = "the registry accepted the tag, but it still points to the release";
                Standing::Stuck(MoveFailure::registry(message))
            }
            (Ok(now), _) => Standing::LeftAfter(now),
            (Err(failure), _) => Standing::Stuck(failure),
        }
    }

    /// A place that had no latest tag keeps the new one: a tag is never deleted here.
    async fn without_before(&self, index: usize, latest: TagMove<'_>) -> Standing {
        if let Standing::Unknown(failure) = &self.standing[index] {
            match latest.look().await {
                Ok(None) => return Standing::Refused(failure.clone()),
                Ok(Some(now)) if now != latest.to.digest => return Standing::LeftAfter(Some(now)),
                _ => {}
            }
        }
        Standing::Stuck(MoveFailure::registry("there was no such tag before the move"))
    }
}
