//! The rehearsal of a move: each manifest is pushed by its digest to where it is already.
//!
//! That proves the right to push and moves nothing, so that a missing right is found before the
//! first tag moves.

use futures_util::future::join_all;

use super::plan::{MovePlan, PlannedPlace};
use super::result::{MoveCause, MoveFailure, MoveVerdict, MovedPlace, PlaceResult};
use super::run::access;
use super::tag::{of_push, pushed};
use crate::model::{ManifestCopy, Repository};
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
    /// Where the release, or a part of it, was copied before that. It stays there.
    pub copied: Vec<Repository>,
}

/// Rehearses a move before the release is copied to other repositories: what their latest tags point
/// to is pushed there by its digest. Nothing is changed.
///
/// # Errors
/// [`FailedPreparation`] when a registry refuses.
pub async fn rehearse_copies(
    connections: &Connections,
    plan: &MovePlan,
) -> Result<(), Box<FailedPreparation>> {
    let results = plan.places.iter().map(|place| async {
        match &place.before {
            Some(before) if place.copy_from.is_some() => {
                rehearse_place(connections, place, before).await
            }
            _ => Ok(()),
        }
    });
    settled(plan, join_all(results).await)
}

/// Rehearses a move. Nothing is moved.
///
/// # Errors
/// [`FailedPreparation`] when a registry refuses.
pub async fn rehearse(
    connections: &Connections,
    plan: &MovePlan,
) -> Result<(), Box<FailedPreparation>> {
    let results = plan.places.iter().map(|place| rehearse_place(connections, place, &place.after));
    settled(plan, join_all(results).await)
}

/// Nothing, or the places with those that were refused.
fn settled(
    plan: &MovePlan,
    results: Vec<Result<(), MoveFailure>>,
) -> Result<(), Box<FailedPreparation>> {
    let (mut cause, mut places) = (None, Vec::new());
    for (place, result) in plan.places.iter().zip(results) {
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
            copied: Vec::new(),
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
    manifest: &ManifestCopy,
) -> Result<(), MoveFailure> {
    if place.is_finished() {
        return Ok(());
    }
    let access = access(connections, place)?;
    let (path, to) = (&place.latest.repository.path, ManifestSelector::Digest(&manifest.digest));
    let put = access.registry.manifest_put(path, to, pushed(manifest)).await;
    put.map_err(|error| of_push(&error))
}
