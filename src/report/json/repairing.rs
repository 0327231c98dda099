//! `tags repair` as JSON.

use serde::Serialize;

use super::moving::{PlaceJson, ProblemJson, place, problem};
use crate::model::{Digest, RegistryName};
use crate::report::{Repair, RepairCopy};

#[derive(Serialize)]
struct RepairJson<'a> {
    environment: &'a str,
    sha: &'a str,
    copies: Vec<CopyJson<'a>>,
    places: Vec<PlaceJson<'a>>,
    guards: Vec<GuardJson<'a>>,
    unread: Vec<UnreadJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
    journal: Option<&'a str>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct CopyJson<'a> {
    image: &'a str,
    from: Option<&'a str>,
    to: &'a str,
    reference: String,
    digest: Option<&'a str>,
    result: &'static str,
    blobs: BlobsJson,
    bytes: u64,
    message: &'a str,
}

#[derive(Serialize)]
struct BlobsJson {
    sent: usize,
    mounted: usize,
    present: usize,
}

#[derive(Serialize)]
struct GuardJson<'a> {
    code: &'static str,
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct UnreadJson<'a> {
    message: &'a str,
    hint: Option<&'a str>,
}

/// A repair as JSON.
pub(super) fn repair(repair: &Repair) -> impl Serialize {
    let latest = repair.latest.as_deref();
    let own = repair.guards.iter().map(|guard| GuardJson {
        code: guard.code,
        message: &guard.message,
        hint: &guard.hint,
    });
    let of_move = latest.into_iter().flat_map(|moved| &moved.guards).map(|guard| GuardJson {
        code: guard.code.as_str(),
        message: &guard.message,
        hint: &guard.hint,
    });
    let unread = repair
        .unread
        .iter()
        .map(|place| UnreadJson { message: &place.message, hint: place.hint.as_deref() });
    RepairJson {
        environment: repair.environment.as_str(),
        sha: repair.sha.as_str(),
        copies: repair.copies.iter().map(copy).collect(),
        places: latest.into_iter().flat_map(|moved| &moved.places).map(place).collect(),
        guards: own.chain(of_move).collect(),
        unread: unread.collect(),
        problems: latest.into_iter().flat_map(|moved| &moved.problems).map(problem).collect(),
        journal: latest.and_then(|moved| moved.journal.as_deref()),
        notes: &repair.notes,
    }
}

fn copy(copy: &RepairCopy) -> CopyJson<'_> {
    let counts = copy.blobs;
    CopyJson {
        image: copy.place.image.as_str(),
        from: copy.from.as_ref().map(RegistryName::as_str),
        to: copy.place.registry.as_str(),
        reference: copy.reference.to_string(),
        digest: copy.digest.as_ref().map(Digest::as_str),
        result: copy.result.as_str(),
        blobs: BlobsJson { sent: counts.sent, mounted: counts.mounted, present: counts.present },
        bytes: copy.bytes,
        message: &copy.message,
    }
}
