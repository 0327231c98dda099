//! Makes the plan of a repair: reads the release as `verify` does, chooses the sources, asks the
//! targets what they lack, and holds the whole beside the limits.

use std::collections::BTreeMap;

use super::super::rollback;
use super::super::verify::examine;
use super::super::{CommandError, MovePurpose, PlannedMove, Session};
use super::approved::{ApprovedRepair, PlannedCopy, PlannedRepair};
use super::sources::{Lacking, Seen, Source};
use super::{LatestTags, Request};
use crate::change::copy::{BlobCounts, CopyJob, copy_plan, siblings};
use crate::change::{MoveCommand, MoveVerdict, MovedPlace, PlaceResult, Stop};
use crate::model::{Digest, Place, PlaceObservation, Sha, TagObservation};
use crate::policy::Environment;
use crate::report::{Move, Repair, RepairCopy, RepairGuard, RepairResult, Report, UnreadPlace};

pub(super) async fn plan<'a>(
    session: &'a Session,
    request: Request<'a>,
) -> Result<PlannedRepair<'a>, CommandError> {
    let environment = session.environment(&request.environment)?;
    let from = request.from.as_deref().map(|name| session.registry_name(name)).transpose()?;
    let asked = Sha::parse(&request.sha.to_ascii_lowercase())
        .map_err(|error| CommandError::usage(format!("{}: {error}", request.sha_origin)))?;
    let (verification, places) = examine(session, environment, asked).await?;
    let seen = Seen { verification: &verification, places: &places };
    let lacking = seen.lacking(from.as_ref());
    let mut report = Repair {
        environment: environment.name.clone(),
        sha: verification.sha.clone(),
        copies: Vec::new(),
        latest: None,
        guards: Vec::new(),
        unread: unread(&verification, &seen),
        notes: Vec::new(),
        interrupted: false,
        command_line: command_line(&request, &verification.sha),
    };
    report.notes.extend(lasting(&seen, &lacking));
    let mut copies = Vec::new();
    for lacking in &lacking {
        let planned = planned_copy(session, lacking).await;
        report.copies.push(planned.report.clone());
        copies.extend(planned.job);
    }
    report.guards.extend(too_much(session, &report));
    if request.purpose == MovePurpose::Apply {
        report.guards.extend(clock(session));
    }
    if request.latest == LatestTags::Move {
        report.latest = latest(session, &request, (&report, &places)).await?;
    }
    refuse_planned(&mut report);
    let has_work = copies.iter().any(|_| report.guards.is_empty()) || moves(&report);
    if request.purpose == MovePurpose::DryRun || !has_work {
        session.finish_requests();
        return Ok(PlannedRepair::Ended(Box::new(report)));
    }
    Ok(PlannedRepair::Approved(Box::new(ApprovedRepair { report, copies, request })))
}

/// What could not be read, in words. Without a release there are no places.
fn unread(verification: &crate::verify::Verification, seen: &Seen<'_>) -> Vec<UnreadPlace> {
    let places = seen.unread().into_iter().map(|(place, unread)| UnreadPlace {
        cause: unread.cause,
        message: format!("{place} could not be read: {}", unread.message),
        hint: unread.hint,
    });
    let places: Vec<UnreadPlace> = places.collect();
    if !seen.places.is_empty() {
        return places;
    }
    let findings = verification.findings.iter().filter_map(|finding| {
        let (message, hint) = (finding.message.clone(), finding.hint.clone());
        Some(UnreadPlace { cause: finding.unread?, message, hint })
    });
    findings.collect()
}

/// What stays wrong with the release, where no place says so.
fn lasting(seen: &Seen<'_>, lacking: &[Lacking]) -> Vec<String> {
    let is_told = |message: &str| {
        lacking.iter().any(|one| one.from.as_ref().is_err_and(|why| why.message.contains(message)))
    };
    let lasting = seen.lasting().filter(|finding| !is_told(&finding.message));
    lasting.map(|finding| finding.message.clone()).collect()
}

/// A place with its report, and the copy to make if there is one.
struct Planned {
    report: RepairCopy,
    job: Option<PlannedCopy>,
}

async fn planned_copy(session: &Session, lacking: &Lacking) -> Planned {
    let report = RepairCopy {
        place: lacking.place.clone(),
        reference: lacking.reference(),
        from: None,
        digest: None,
        result: RepairResult::Planned,
        blobs: BlobCounts::default(),
        bytes: 0,
        message: String::new(),
    };
    let source = match &lacking.from {
        Ok(source) => source,
        Err(why) => {
            let (result, message) = (why.result, why.message.clone());
            return Planned { report: RepairCopy { result, message, ..report }, job: None };
        }
    };
    let report = RepairCopy {
        from: Some(source.registry.clone()),
        digest: Some(source.digest.clone()),
        ..report
    };
    let siblings = siblings(&session.policy, &lacking.repository);
    let stop = Stop::default();
    let job = CopyJob {
        collector: session.collector(),
        from: &source.repository,
        to: &lacking.repository,
        digest: &source.digest,
        siblings: &siblings,
        stop: &stop,
    };
    match copy_plan(&job).await {
        Ok(plan) => {
            let report = RepairCopy { blobs: plan.blobs(), bytes: plan.bytes(), ..report };
            let Source { repository, .. } = source.clone();
            let to = lacking.reference();
            Planned { job: Some(PlannedCopy { from: repository, to, plan, siblings }), report }
        }
        Err(failure) => {
            let result = RepairResult::Failed(failure.cause);
            let message = failure.message;
            Planned { report: RepairCopy { result, message, ..report }, job: None }
        }
    }
}

/// The guard against more than the policy lets one run copy.
fn too_much(session: &Session, report: &Repair) -> Option<RepairGuard> {
    let limit = session.policy.limits.max_copy?;
    let bytes = report.copies.iter().map(|copy| copy.bytes).fold(0, u64::saturating_add);
    (bytes > limit).then(|| RepairGuard {
        code: "max-copy",
        message: format!("{bytes} bytes would be copied, more than `max-copy` = {limit} bytes"),
        hint: "raise `max-copy` in `[limits]`, or repair one release at a time".to_owned(),
    })
}

/// The guards against a wrong clock.
fn clock(session: &Session) -> Vec<RepairGuard> {
    let warnings = session.clock_reading().warnings.into_iter();
    let guard = |warning: crate::model::ClockWarning| RepairGuard {
        code: "clock",
        message: warning.to_string(),
        hint: warning.hint().to_owned(),
    };
    warnings.map(guard).collect()
}

/// A guard refuses all that was planned.
fn refuse_planned(report: &mut Repair) {
    if report.guards.is_empty() {
        return;
    }
    for copy in &mut report.copies {
        if copy.result == RepairResult::Planned {
            copy.result = RepairResult::Refused;
            report.guards[0].message.clone_into(&mut copy.message);
        }
    }
}

fn moves(report: &Repair) -> bool {
    let moves = |place: &MovedPlace| place.result == PlaceResult::Planned;
    report.guards.is_empty()
        && report.latest.as_ref().is_some_and(|latest| {
            latest.verdict == MoveVerdict::Planned && latest.places.iter().any(moves)
        })
}

/// Where the latest tags would move. As long as a place lacks the release, that follows from what was
/// seen; else it is planned as every move is.
async fn latest(
    session: &Session,
    request: &Request<'_>,
    (report, places): (&Repair, &BTreeMap<Place, PlaceObservation>),
) -> Result<Option<Box<Move>>, CommandError> {
    if report.copies.is_empty() && report.unread.is_empty() {
        let planned =
            rollback::plan_repair(session, &request.latest_move(&report.sha), &report.sha).await?;
        let moved = match planned {
            PlannedMove::Approved(approved) => approved.report().clone(),
            PlannedMove::Ended(ended) => match ended.report {
                Report::Move(moved) => moved,
                _ => return Ok(None),
            },
        };
        return Ok(Some(Box::new(moved)));
    }
    let environment = session.environment(&request.environment)?;
    Ok(Some(Box::new(expected(environment, report, places))))
}

/// The move that follows if all places are filled.
fn expected(
    environment: &Environment,
    report: &Repair,
    places: &BTreeMap<Place, PlaceObservation>,
) -> Move {
    let places = places.iter().map(|(place, seen)| {
        let filled = report.copies.iter().find(|copy| copy.place == *place);
        let after = filled.map_or(seen.sha_tag.digest(), |copy| copy.digest.as_ref()).cloned();
        moved_place(place, seen, after)
    });
    let places = places.collect();
    Move {
        to: Some(report.sha.clone()),
        places,
        ..Move::of(MoveCommand::Repair, &environment.name)
    }
}

fn moved_place(place: &Place, seen: &PlaceObservation, after: Option<Digest>) -> MovedPlace {
    let before = seen.latest_tag.digest().cloned();
    let (result, message) = match (&seen.latest_tag, &after) {
        (TagObservation::Unread(unread), _) => (PlaceResult::Failed, unread.message.clone()),
        (_, None) => (PlaceResult::Failed, "the place is not filled".to_owned()),
        _ if before == after => (PlaceResult::Already, "it points to the release".to_owned()),
        _ => (PlaceResult::Planned, String::new()),
    };
    let (place, latest) = (place.clone(), seen.latest_reference.clone());
    MovedPlace { place, latest, before, after, result, message }
}

/// The command line that makes the repair.
fn command_line(request: &Request<'_>, sha: &Sha) -> String {
    let from = request.from.as_ref().map(|name: &String| format!(" --from {name}"));
    let latest = match request.latest {
        LatestTags::Move => " --latest",
        LatestTags::Stay => "",
    };
    let (environment, from) = (&request.environment, from.unwrap_or_default());
    format!("tags repair {environment} --sha {sha}{from}{latest} --apply")
}
