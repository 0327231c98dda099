//! The rehearsal of a move: each manifest is pushed by its digest to where it is already.
//!
//! That proves the right to push and moves nothing, so that a missing right is found before the
//! first tag moves.

use futures_util::future::join_all;

use super::plan::{MovePlan, PlannedPlace};
use super::result::{MoveCause, MoveFailure, MoveVerdict, MovedPlace, PlaceResult};
use super::run::access;
use super::tag::{of_push, pushed};
use crate::registry::{Connections, ManifestSelector};

/// A move that ended before the first tag was written.
#[derive(Debug)]
pub struct FailedPreparation {
    /// The places, with those that failed.
    pub places: Vec<MovedPlace>,
    /// What it comes to.
    pub verdict: MoveVerdict,
    /// Whether somebody asked to stop.
    pub interrupted: bool,
}

/// Rehearses a move. Nothing is moved.
///
/// # Errors
/// [`FailedPreparation`] when a registry refuses.
pub async fn rehearse(
    connections: &Connections,
    plan: &MovePlan,
) -> Result<(), Box<FailedPreparation>> {
    let results = join_all(plan.places.iter().map(|place| rehearse_place(connections, place)));
    let (mut cause, mut places) = (None, Vec::new());
    for (place, result) in plan.places.iter().zip(results.await) {
        let mut planned = MovedPlace::planned(place);
        if let Err(failure) = result {
            cause = Some(gravest(cause, failure.cause));
            planned.result = PlaceResult::Failed;
            planned.message = format!("nothing was moved: {}", failure.message);
        }
        places.push(planned);
    }
    match cause {
        None => Ok(()),
        Some(cause) => Err(Box::new(FailedPreparation {
            places,
            verdict: MoveVerdict::NotPermitted(cause),
            interrupted: false,
        })),
    }
}

/// A missing right counts before anything else. Nothing conflicts in a rehearsal: what is pushed is
/// there already.
fn gravest(known: Option<MoveCause>, cause: MoveCause) -> MoveCause {
    match (known, cause) {
        (Some(MoveCause::Rights), _) | (_, MoveCause::Rights) => MoveCause::Rights,
        _ => MoveCause::Registry,
    }
}

async fn rehearse_place(
    connections: &Connections,
    place: &PlannedPlace,
) -> Result<(), MoveFailure> {
    if place.is_finished() {
        return Ok(());
    }
    let access = access(connections, place)?;
    let (path, to) = (&place.latest.repository.path, ManifestSelector::Digest(&place.after.digest));
    let put = access.registry.manifest_put(path, to, pushed(&place.after)).await;
    put.map_err(|error| of_push(&error))
}
