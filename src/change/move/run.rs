//! Carries out a move: the SHA tags of a promotion, then the latest tags registry by registry, then
//! a check of all of them. What fails for good is put back.

use std::future::Future;
use std::time::Duration;

use futures_util::future::join_all;

use super::plan::{MovePlan, PlannedPlace};
use super::result::{MoveCause, MoveFailure, MoveVerdict, MovedPlace, PlaceResult};
use super::tag::{TagMove, TagMoved, elsewhere};
use crate::change::access::RegistryAccess;
use crate::change::journal::{Journal, JournalError};
use crate::change::stop::Stop;
use crate::model::{Digest, TagReference};
use crate::registry::Connections;

/// How long the requests under way may go on once somebody asked to stop. After that the moved tags
/// are put back.
const GRACE: Duration = Duration::from_secs(3);

/// What carrying out a move needs.
#[derive(Clone, Copy)]
pub struct MoveJob<'a> {
    /// The registries.
    pub connections: &'a Connections,
    /// What is to be done.
    pub plan: &'a MovePlan,
    /// Where it is recorded before anything is written.
    pub journal: &'a Journal,
    /// Once it is set nothing new is begun, and what was moved is put back.
    pub stop: &'a Stop,
}

/// What became of a move.
#[derive(Debug)]
pub struct MoveEnd {
    /// The places, in the order of the plan.
    pub places: Vec<MovedPlace>,
    /// What it comes to.
    pub verdict: MoveVerdict,
    /// Whether somebody asked to stop.
    pub interrupted: bool,
    /// The SHA tags that were set. They stay.
    pub sha_tags: Vec<TagReference>,
    /// Why the end could not be recorded, if so.
    pub unrecorded: Option<JournalError>,
}

/// Carries out a move.
///
/// # Errors
/// [`JournalError`] when the journal cannot take the record; then nothing was written.
pub async fn carry_out(job: &MoveJob<'_>) -> Result<MoveEnd, JournalError> {
    job.journal.keep_out(job.connections.http().secrets());
    job.journal.begin_move(&job.plan.record())?;
    let mut run = MoveRun::new(job);
    run.forward().await;
    if run.cause().is_some() || job.stop.is_requested() {
        tokio::select! {
            biased;
            () = run.put_all_back() => {}
            () = job.stop.grace_over() => {}
        }
    }
    Ok(run.end())
}

/// What is known of one latest tag during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlaceState {
    /// Nothing was written.
    Untouched,
    /// It pointed to the release before this run.
    Already,
    /// This run set it.
    Moved,
    /// It points to what it pointed to before the move.
    PutBack,
    /// Somebody else changed it before this run had moved it.
    LeftBefore(Option<Digest>),
    /// Somebody else changed it after this run had moved it.
    LeftAfter(Option<Digest>),
    /// It could not be moved, and points to what it pointed to before.
    Refused(MoveFailure),
    /// It may point to the release.
    Unknown(MoveFailure),
    /// It points to the release, and could not be put back.
    Stuck(MoveFailure),
}

/// A move under way.
pub(super) struct MoveRun<'a> {
    pub(super) job: &'a MoveJob<'a>,
    pub(super) state: Vec<PlaceState>,
    /// Why a SHA tag could not be set, and where.
    sha_tags: Vec<(usize, MoveFailure)>,
    /// The SHA tags that were set.
    new_sha_tags: Vec<TagReference>,
}

impl<'a> MoveRun<'a> {
    fn new(job: &'a MoveJob<'a>) -> Self {
        let state = |place: &PlannedPlace| {
            if place.is_there() { PlaceState::Already } else { PlaceState::Untouched }
        };
        let state = job.plan.places.iter().map(state).collect();
        Self { job, state, sha_tags: Vec::new(), new_sha_tags: Vec::new() }
    }

    pub(super) fn place(&self, index: usize) -> &'a PlannedPlace {
        &self.job.plan.places[index]
    }

    pub(super) fn access(&self, place: &PlannedPlace) -> Result<RegistryAccess<'a>, MoveFailure> {
        access(self.job.connections, place)
    }

    /// Moves everything forward, up to the first failure.
    async fn forward(&mut self) {
        self.set_sha_tags().await;
        for indexes in self.job.plan.by_registry() {
            if self.cause().is_some() || self.job.stop.is_requested() {
                return;
            }
            self.move_registry(&indexes).await;
        }
        if self.cause().is_none() && !self.job.stop.is_requested() {
            self.check_latest_tags().await;
        }
    }

    /// Sets the SHA tags of a promotion. One that points elsewhere is never moved.
    async fn set_sha_tags(&mut self) {
        let this = &*self;
        let set = (0..this.state.len()).map(|index| this.set_sha_tag(index));
        let results = this.in_time(join_all(set)).await.unwrap_or_default();
        for (index, result) in results.into_iter().enumerate() {
            match result {
                Ok(set) => self.new_sha_tags.extend(set),
                Err(failure) => self.sha_tags.push((index, failure)),
            }
        }
    }

    /// The SHA tag, if this run set it.
    async fn set_sha_tag(&self, index: usize) -> Result<Option<TagReference>, MoveFailure> {
        let place = self.place(index);
        let Some(tag) = &place.sha_tag else { return Ok(None) };
        let set = TagMove { access: self.access(place)?, tag, from: None, to: &place.after };
        let failed = |cause, message: String| {
            Err(MoveFailure { cause, message: format!("{tag}: {message}") })
        };
        let new = match set.run().await {
            TagMoved::Set => Some(tag.clone()),
            TagMoved::AlreadyThere => None,
            TagMoved::Elsewhere(now) => {
                return failed(MoveCause::Conflict, elsewhere(now.as_ref()));
            }
            TagMoved::Refused(failure) | TagMoved::Unknown(failure) => {
                return failed(failure.cause, failure.message);
            }
        };
        match set.settled().await {
            Ok(Some(now)) if now == place.after.digest => Ok(new),
            Ok(now) => failed(MoveCause::Conflict, elsewhere(now.as_ref())),
            Err(failure) => failed(failure.cause, failure.message),
        }
    }

    /// Moves the latest tags of one registry.
    async fn move_registry(&mut self, indexes: &[usize]) {
        let this = &*self;
        let moves = indexes.iter().map(|index| this.in_time(this.move_latest(*index)));
        let results = join_all(moves).await;
        for (index, result) in indexes.iter().zip(results) {
            self.state[*index] = result.unwrap_or_else(|| PlaceState::Unknown(out_of_time()));
        }
    }

    async fn move_latest(&self, index: usize) -> PlaceState {
        let place = self.place(index);
        if place.is_there() {
            return PlaceState::Already;
        }
        let latest = match self.latest(place) {
            Ok(latest) => latest,
            Err(failure) => return PlaceState::Refused(failure),
        };
        match latest.run().await {
            TagMoved::Set => PlaceState::Moved,
            TagMoved::AlreadyThere => PlaceState::Already,
            TagMoved::Elsewhere(now) => PlaceState::LeftBefore(now),
            TagMoved::Refused(failure) => PlaceState::Refused(failure),
            TagMoved::Unknown(failure) => PlaceState::Unknown(failure),
        }
    }

    /// The forward move of a latest tag.
    fn latest(&self, place: &'a PlannedPlace) -> Result<TagMove<'a>, MoveFailure> {
        Ok(TagMove {
            access: self.access(place)?,
            tag: &place.latest,
            from: place.now.as_ref(),
            to: &place.after,
        })
    }

    /// Reads every latest tag that is to point to the release by now.
    async fn check_latest_tags(&mut self) {
        let this = &*self;
        let checks = (0..this.state.len()).map(|index| this.in_time(this.check_latest(index)));
        let results = join_all(checks).await;
        for (state, result) in self.state.iter_mut().zip(results) {
            *state = result.unwrap_or_else(|| PlaceState::Unknown(out_of_time()));
        }
    }

    async fn check_latest(&self, index: usize) -> PlaceState {
        let (place, state) = (self.place(index), &self.state[index]);
        let Ok(latest) = self.latest(place) else {
            return state.clone();
        };
        match latest.settled().await {
            Ok(Some(now)) if now == place.after.digest => state.clone(),
            Ok(now) if now.as_ref() == place.now.as_ref() => {
                PlaceState::Refused(MoveFailure::registry(
                    "the registry accepted the tag, but it still points to where it did",
                ))
            }
            Ok(now) => PlaceState::LeftAfter(now),
            Err(failure) => PlaceState::Unknown(failure),
        }
    }

    /// Does something to its end, unless somebody asks to stop and it goes on for long after that.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let out_of_time = async {
            self.job.stop.requested().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => Some(done),
            () = out_of_time => None,
        }
    }

    /// Why the move failed, by what counts when several apply.
    fn cause(&self) -> Option<MoveCause> {
        let of = |state: &PlaceState| match state {
            PlaceState::LeftBefore(_) | PlaceState::LeftAfter(_) => Some(MoveCause::Conflict),
            PlaceState::Refused(failure)
            | PlaceState::Unknown(failure)
            | PlaceState::Stuck(failure) => Some(failure.cause),
            _ => None,
        };
        let sha_tags = self.sha_tags.iter().map(|(_, failure)| failure.cause);
        self.state.iter().filter_map(of).chain(sha_tags).min()
    }

    fn end(&self) -> MoveEnd {
        let interrupted = self.job.stop.is_requested();
        let places = (0..self.state.len()).map(|index| self.reported(index)).collect();
        let cause = self.cause().or_else(|| {
            let is_done = |state| matches!(state, &PlaceState::Moved | &PlaceState::Already);
            let done = self.state.iter().all(is_done);
            (interrupted && !done).then_some(MoveCause::Registry)
        });
        let verdict = match cause {
            None => MoveVerdict::Done,
            Some(_) if self.holds_tags() => MoveVerdict::Partial,
            Some(_) if self.has_lost_tags() => MoveVerdict::LeftElsewhere,
            Some(cause) => MoveVerdict::PutBack(cause),
        };
        // A journal without an end is taken up by the next run.
        let unrecorded = match verdict {
            MoveVerdict::Partial => None,
            MoveVerdict::Done => self.job.journal.end().err(),
            _ => self.job.journal.put_back().err(),
        };
        let interrupted = interrupted && verdict != MoveVerdict::Done;
        let sha_tags = self.new_sha_tags.clone();
        MoveEnd { places, verdict, interrupted, sha_tags, unrecorded }
    }

    /// Whether a latest tag points to the release because of this move, or may do so.
    fn holds_tags(&self) -> bool {
        self.state.iter().enumerate().any(|(index, state)| match state {
            PlaceState::Untouched
            | PlaceState::PutBack
            | PlaceState::LeftBefore(_)
            | PlaceState::LeftAfter(_)
            | PlaceState::Refused(_) => false,
            PlaceState::Already => self.place(index).was_moved_earlier(),
            PlaceState::Moved | PlaceState::Unknown(_) | PlaceState::Stuck(_) => true,
        })
    }

    /// Whether somebody else moved a latest tag after this move had moved it.
    fn has_lost_tags(&self) -> bool {
        self.state.iter().any(|state| matches!(state, PlaceState::LeftAfter(_)))
    }

    /// A place as it is reported.
    fn reported(&self, index: usize) -> MovedPlace {
        let planned = MovedPlace::planned(self.place(index));
        let (result, message) = match &self.state[index] {
            PlaceState::Untouched => match self.sha_tags.iter().find(|(at, _)| *at == index) {
                Some((_, failure)) => (PlaceResult::Failed, failure.message.clone()),
                None => return planned,
            },
            PlaceState::Already => return planned,
            PlaceState::Moved => (PlaceResult::Moved, "it points to the release".to_owned()),
            PlaceState::PutBack => {
                (PlaceResult::PutBack, "it points to where it pointed before".to_owned())
            }
            PlaceState::LeftBefore(now) | PlaceState::LeftAfter(now) => {
                (PlaceResult::Left, elsewhere(now.as_ref()))
            }
            PlaceState::Refused(failure) => (PlaceResult::Failed, failure.message.clone()),
            PlaceState::Unknown(failure) => (
                PlaceResult::Failed,
                format!("it is not known what it points to: {}", failure.message),
            ),
            PlaceState::Stuck(failure) => (
                PlaceResult::Moved,
                format!("it points to the release and could not be put back: {}", failure.message),
            ),
        };
        MovedPlace { result, message, ..planned }
    }
}

/// The registry of a place.
pub(super) fn access<'a>(
    connections: &'a Connections,
    place: &PlannedPlace,
) -> Result<RegistryAccess<'a>, MoveFailure> {
    let name = &place.latest.repository.registry;
    RegistryAccess::of(connections, name)
        .ok_or_else(|| MoveFailure::registry(format!("the policy has no registry `{name}`")))
}

fn out_of_time() -> MoveFailure {
    MoveFailure::registry("it was stopped before there was an answer")
}
