//! Undoes a move from its journal: latest tags go back where they still point to the release.

use std::future::Future;
use std::time::Duration;

use super::result::{MoveCause, MoveFailure};
use super::tag::{TagMove, TagMoved};
use crate::change::access::RegistryAccess;
use crate::change::journal::{MoveRecord, RecordedPlace};
use crate::change::result::FailureCause;
use crate::change::undo::{Restoration, TagSetter, UndoJob, Undone, UndoneManifest, UndoneTag};
use crate::model::Digest;

/// How long the request under way may go on once somebody asked to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Undoes a move, in the reverse order of its places. A latest tag that somebody else moved since is
/// left where it is.
pub async fn undo_move(job: &UndoJob<'_>, record: &MoveRecord) -> Undone {
    let environment = record.goal.environment.clone();
    let mut undone = Undone { moved: Some(environment), ..Undone::default() };
    for place in record.places.iter().rev() {
        let result =
            if job.stop.is_requested() { None } else { in_time(job, one(job, place)).await };
        match result {
            Some((restoration, message)) => {
                undone.manifests.push(told(place, restoration, message));
            }
            None => undone.interrupted = true,
        }
    }
    undone.manifests.reverse();
    undone
}

async fn one(job: &UndoJob<'_>, place: &RecordedPlace) -> (Restoration, String) {
    let failed = |why: String| (Restoration::Failed(FailureCause::Registry), why);
    let written = &place.latest.repository;
    // The policy may call the registry otherwise by now; what counts is where it is.
    let known = job.policy.repository_at(&written.host, written.path.as_str());
    let Some(repository) = &known else {
        return failed(format!("{written} is in no image of the policy"));
    };
    let connections = job.collector.connections;
    let Some(access) = RegistryAccess::of(connections, &repository.registry) else {
        return failed("the policy has no such registry".to_owned());
    };
    let Some(before) = &place.before else {
        return without_before(access, place).await;
    };
    if before.digest == place.after.digest {
        return (Restoration::AlreadyThere, "it was there before the move".to_owned());
    }
    let from = Some(&place.after.digest);
    let back = TagMove { access, tag: &place.latest, from, to: before };
    let seen = match back.run().await {
        TagMoved::Set => back.settled().await,
        TagMoved::AlreadyThere => return (Restoration::AlreadyThere, "it is there".to_owned()),
        TagMoved::Elsewhere(now) => Ok(now),
        TagMoved::Refused(failure) | TagMoved::Unknown(failure) => Err(failure),
    };
    match seen {
        Ok(Some(now)) if now == before.digest => (Restoration::Restored, "moved back".to_owned()),
        Ok(Some(now)) if now == place.after.digest => {
            failed("the registry accepted the tag, but it still points to the release".to_owned())
        }
        Ok(now) => elsewhere(now.as_ref()),
        Err(failure) => of_failure(failure),
    }
}

/// There was no such tag before the move. A tag is never deleted here.
async fn without_before(
    access: RegistryAccess<'_>,
    place: &RecordedPlace,
) -> (Restoration, String) {
    let latest = TagMove { access, tag: &place.latest, from: None, to: &place.after };
    match latest.read_digest().await {
        Ok(None) => (Restoration::AlreadyThere, "there is no such tag, as before".to_owned()),
        Ok(Some(now)) if now == place.after.digest => {
            let message =
                "there was no such tag before the move; it stays, since undo deletes no tag";
            (Restoration::TagElsewhere, message.to_owned())
        }
        Ok(now) => elsewhere(now.as_ref()),
        Err(failure) => of_failure(failure),
    }
}

fn elsewhere(now: Option<&Digest>) -> (Restoration, String) {
    let message = match now {
        Some(now) => format!("it points to {} now, and stays there", now.short()),
        None => "it was deleted since, and stays so".to_owned(),
    };
    (Restoration::TagElsewhere, message)
}

fn of_failure(failure: MoveFailure) -> (Restoration, String) {
    let cause = match failure.cause {
        MoveCause::Rights => FailureCause::Rights,
        MoveCause::Conflict | MoveCause::Registry => FailureCause::Registry,
    };
    (Restoration::Failed(cause), failure.message)
}

/// A place as undoing reports it: the manifest that the tag is to point to, and the tag.
fn told(place: &RecordedPlace, result: Restoration, message: String) -> UndoneManifest {
    let digest = place.before.as_ref().unwrap_or(&place.after).digest.clone();
    // A latest tag is no release: when it was pushed counts nowhere.
    let setter = TagSetter::Other;
    let tag = UndoneTag { tag: place.latest.tag.clone(), result, setter, message: message.clone() };
    // A tag that is back shows that its manifest was there all the time.
    let manifest = match result {
        Restoration::Restored => Restoration::AlreadyThere,
        other => other,
    };
    UndoneManifest {
        repository: place.latest.repository.clone(),
        digest,
        result: manifest,
        message,
        tags: vec![tag],
    }
}

async fn in_time<T>(job: &UndoJob<'_>, work: impl Future<Output = T>) -> Option<T> {
    let out_of_time = async {
        job.stop.requested().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = out_of_time => None,
    }
}
