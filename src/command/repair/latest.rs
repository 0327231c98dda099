//! The move of the latest tags that `repair --latest` ends with: planned as every move is where the
//! release is whole, and foretold from what was seen where a place lacks it yet.

use super::super::moves::{KnownGood, moved_guard};
use super::super::rollback;
use super::super::{CommandError, PlannedMove, Session};
use super::Request;
use super::sources::Seen;
use crate::change::{
    Backwards, Guard, MoveCommand, MoveGoal, MoveVerdict, MovedPlace, PlaceResult, WhileRunning,
};
use crate::model::{Digest, Place, PlaceObservation, Sha, TagObservation, Unread, UnreadCause};
use crate::report::{Move, MoveProblem, Repair, RepairResult, Report};

/// Whether the move has something to do.
pub(super) fn moves(report: &Repair) -> bool {
    let moves = |place: &MovedPlace| place.result == PlaceResult::Planned;
    report.latest.as_ref().is_some_and(|latest| {
        latest.verdict == MoveVerdict::Planned && latest.places.iter().any(moves)
    })
}

/// Where the latest tags would move. As long as a place lacks the release, that follows from what was
/// seen; else it is planned as every move is.
pub(super) async fn latest(
    session: &Session,
    request: &Request<'_>,
    (report, seen): (&Repair, &Seen<'_>),
) -> Result<Option<Box<Move>>, CommandError> {
    if !report.copies.is_empty() || !report.unread.is_empty() {
        let moved = expected(session, request, (report, seen)).await?;
        return Ok(Some(Box::new(moved)));
    }
    let asked = request.latest_move(&report.sha);
    let moved = match rollback::plan_repair(session, &asked, &report.sha).await? {
        PlannedMove::Approved(approved) => approved.report().clone(),
        PlannedMove::Ended(ended) => match ended.report {
            Report::Move(moved) => moved,
            _ => return Ok(None),
        },
    };
    Ok(Some(Box::new(moved)))
}

/// The move that follows if all places are filled, with all that refuses it already: nothing is
/// copied for a move that must not be made.
async fn expected(
    session: &Session,
    request: &Request<'_>,
    (report, seen): (&Repair, &Seen<'_>),
) -> Result<Move, CommandError> {
    let (guards, unread) = guards(session, request, (&report.sha, seen)).await?;
    let pipeline = unread
        .iter()
        .map(|(message, why)| MoveProblem { message: message.clone(), hint: why.hint.clone() });
    let problems = seen.lasting().map(|finding| MoveProblem {
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    });
    let problems: Vec<MoveProblem> = problems.chain(pipeline).collect();
    let places = seen.places.iter().map(|(place, seen)| {
        let copy = report.copies.iter().find(|copy| copy.place == *place);
        let after = match copy {
            None => seen.sha_tag.digest(),
            Some(copy) if copy.result == RepairResult::Planned => copy.digest.as_ref(),
            Some(_) => None,
        };
        moved_place(place, seen, after.cloned())
    });
    let places: Vec<MovedPlace> = places.collect();
    let verdict = if guards.is_empty() {
        let unread = latest_unread(seen).into_iter().chain(unread.map(|(_, why)| why.cause)).min();
        let kept = report.held_back().or(unread.map(MoveVerdict::Unknown));
        let missing = (!problems.is_empty()).then_some(MoveVerdict::Missing);
        kept.or(missing).unwrap_or(MoveVerdict::Planned)
    } else {
        MoveVerdict::Refused
    };
    let moved = Move::of(MoveCommand::Repair, &report.environment);
    Ok(Move { to: Some(report.sha.clone()), places, guards, problems, verdict, ..moved })
}

/// The guards that need no copy to be there: of the policy, the journals, the records, the pipeline's runs,
/// and what the tags point to. Also what could not be read of the runs.
async fn guards(
    session: &Session,
    request: &Request<'_>,
    (sha, seen): (&Sha, &Seen<'_>),
) -> Result<(Vec<Guard>, Option<(String, Unread)>), CommandError> {
    let planning = rollback::planning(session, &request.latest_move(sha))?;
    let goal = MoveGoal {
        command: MoveCommand::Repair,
        environment: planning.environment.name.clone(),
        source: None,
        to: sha.clone(),
        steps: None,
        backwards: Backwards::Refuse,
        while_running: WhileRunning::Refuse,
    };
    let read = seen.places.values();
    let read = read.filter(|seen| !matches!(seen.latest_tag, TagObservation::Unread(_)));
    let now: Vec<_> = read.map(|seen| (&seen.latest_reference, seen.latest_tag.digest())).collect();
    let guards = [
        planning.bad_sha(&goal),
        planning.earlier.unfinished_guard(Some(&goal), &now),
        planning.earlier.moved_since_guard(&goal, &now),
    ];
    let moved = seen.moved.iter().map(moved_guard);
    let known_good = if is_current(seen) { KnownGood::Found } else { KnownGood::Unasked };
    let pipeline = planning.pipeline_guards(&goal, known_good).await;
    let all = guards.into_iter().flatten().chain(moved).chain(pipeline.guards);
    Ok((all.collect(), pipeline.unread))
}

/// Whether every latest tag that exists points to the release already.
fn is_current(seen: &Seen<'_>) -> bool {
    let mut tagged =
        seen.places.values().filter(|place| place.latest_tag.digest().is_some()).peekable();
    tagged.peek().is_some()
        && tagged.all(|place| place.latest_tag.digest() == place.sha_tag.digest())
}

/// The gravest cause for which a latest tag could not be read.
fn latest_unread(seen: &Seen<'_>) -> Option<UnreadCause> {
    let causes = seen.places.values().filter_map(|seen| match &seen.latest_tag {
        TagObservation::Unread(unread) => Some(unread.cause),
        _ => None,
    });
    causes.min()
}

fn moved_place(place: &Place, seen: &PlaceObservation, after: Option<Digest>) -> MovedPlace {
    let before = seen.latest_tag.digest();
    let (result, message) = match (&seen.latest_tag, &after) {
        (TagObservation::Unread(unread), _) => (PlaceResult::Failed, unread.message.as_str()),
        (_, None) => (PlaceResult::Failed, "the place is not filled"),
        (_, Some(after)) => MovedPlace::foretold(before == Some(after), before),
    };
    let message = message.to_owned();
    let (place, latest) = (place.clone(), seen.latest_reference.clone());
    let before = (&seen.latest_tag).into();
    MovedPlace { place, latest, before, after: after.into(), result, message }
}

/// The latest tags stay: what was to be copied before is not all there.
pub(super) fn keep_latest(report: &mut Repair) {
    let verdict = report.held_back();
    let Repair { latest, copies, .. } = report;
    let (Some(latest), Some(verdict)) = (latest, verdict) else { return };
    latest.verdict = verdict;
    for place in &mut latest.places {
        let copy = copies.iter().find(|copy| copy.place == place.place);
        let is_filled = copy.is_none_or(|copy| copy.result.is_filled());
        if !is_filled && place.result == PlaceResult::Planned {
            place.result = PlaceResult::Failed;
            "the place is not filled".clone_into(&mut place.message);
        }
    }
}
