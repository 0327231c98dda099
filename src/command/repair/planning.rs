//! Makes the plan of a repair: reads the release as `verify` does, chooses the sources, asks the
//! targets what they lack, and holds the whole beside the limits.

use super::super::records::{moved, read_or_warn};
use super::super::verify::examine;
use super::super::{CommandError, MovePurpose, Session};
use super::approved::{ApprovedRepair, PlannedCopy, PlannedRepair};
use super::latest::{latest, moves};
use super::recorded::{untold, without_moved};
use super::sources::{Lacking, Seen, Source};
use super::{LatestTags, Request};
use crate::change::Stop;
use crate::change::copy::{BlobCounts, CopyJob, copy_plan, siblings};
use crate::model::{PushTimes, ReleaseOrder, Sha};
use crate::policy::Environment;
use crate::report::{Repair, RepairCopy, RepairGuard, RepairResult, UnreadPlace};

pub(super) async fn plan<'a>(
    session: &'a Session,
    request: Request<'a>,
) -> Result<PlannedRepair<'a>, CommandError> {
    let environment = session.environment(&request.environment)?;
    let from = request.from.as_deref().map(|name| session.registry_name(name)).transpose()?;
    let asked = Sha::parse(&request.sha.to_ascii_lowercase())
        .map_err(|error| CommandError::usage(format!("{}: {error}", request.sha_origin)))?;
    let (examined, records) = futures_util::join!(
        examine(session, environment, asked),
        read_or_warn(session, &environment.name)
    );
    let (verification, places) = examined?;
    let (collector, sha) = (session.collector(), &verification.sha);
    let moved = moved(collector, &records, (sha, verification.sha_tags())).await;
    let seen = Seen { verification: &verification, places: &places, moved: &moved };
    let lacking = seen.lacking(from.as_ref());
    let lacking = without_moved(collector, (&records, sha), lacking).await;
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
    if request.latest == LatestTags::Stay {
        // With a move they are its problems.
        report.notes.extend(lasting(&seen, &lacking));
        report.notes.extend(untold(&moved, &lacking));
    }
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
        report.latest = latest(session, &request, (&report, &seen)).await?;
    }
    refuse_planned(&mut report);
    let is_planned = report.copies.iter().any(|copy| copy.result == RepairResult::Planned);
    report.notes.extend(new_push_time(session, environment, &report));
    let has_work = is_planned || moves(&report);
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

/// That a filled place has a push time of its own: by push times the release is a new one then.
fn new_push_time(session: &Session, environment: &Environment, report: &Repair) -> Option<String> {
    let by_push = matches!(environment.order, ReleaseOrder::Pushed);
    let dates = |copy: &&RepairCopy| {
        let registry = session.connections.registry(&copy.place.registry);
        let times = registry.map(|registry| registry.capabilities().push_times);
        by_push
            && copy.result == RepairResult::Planned
            && times.is_some_and(|times| times != PushTimes::Unknown)
    };
    let registry = &report.copies.iter().find(dates)?.place.registry;
    let (name, sha) = (&report.environment, report.sha.short());
    Some(format!(
        "{registry} dates what is pushed with the time of the push: `tags rollback-target {name}` may then take {sha} for newer than the current release; `tags rollback {name} --to {sha}` goes to it all the same"
    ))
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

/// A guard refuses all that was planned: one of the move as well, before the first copy.
fn refuse_planned(report: &mut Repair) {
    let Some(refusal) = report.refusal().map(str::to_owned) else {
        return;
    };
    for copy in &mut report.copies {
        if copy.result == RepairResult::Planned {
            copy.result = RepairResult::Refused;
            copy.message.clone_from(&refusal);
        }
    }
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
