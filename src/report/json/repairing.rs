//! `tags repair` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::moving::{PlaceJson, ProblemJson, place, problem};
use crate::model::{Digest, RegistryName};
use crate::report::{Repair, RepairCopy};

#[derive(Serialize, JsonSchema)]
pub(super) struct RepairJson<'a> {
    /// The environment.
    environment: &'a str,
    /// The commit SHA of the release.
    sha: String,
    /// The places where the release is not whole.
    copies: Vec<CopyJson<'a>>,
    /// Each latest tag, with `--latest`.
    places: Vec<PlaceJson<'a>>,
    /// Why it was refused.
    guards: Vec<GuardJson<'a>>,
    /// What could not be read.
    unread: Vec<UnreadJson<'a>>,
    /// What is wrong with the move of the latest tags.
    problems: Vec<ProblemJson<'a>>,
    /// The file with what was done, for `tags undo`; null if nothing was to be written.
    journal: Option<&'a str>,
    /// What to know besides.
    notes: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct CopyJson<'a> {
    /// The image.
    image: &'a str,
    /// The registry that it is copied from; null if none has it whole.
    from: Option<&'a str>,
    /// The registry that lacks it.
    to: &'a str,
    /// `host/path:tag`.
    reference: String,
    /// What is copied.
    digest: Option<String>,
    /// `planned`, `copied`, `already`, `refused` or `failed`.
    result: &'static str,
    /// What became of its blobs.
    blobs: BlobsJson,
    /// The bytes of blobs that were sent; in a plan, the most that will be.
    bytes: u64,
    /// What was found, in words.
    message: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct BlobsJson {
    /// Sent.
    sent: usize,
    /// Mounted from another repository.
    mounted: usize,
    /// There already.
    present: usize,
}

#[derive(Serialize, JsonSchema)]
struct GuardJson<'a> {
    /// The code.
    code: &'static str,
    /// What was found, in words.
    message: &'a str,
    /// What to do about it.
    hint: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct UnreadJson<'a> {
    /// What was found, in words.
    message: &'a str,
    /// What to do about it.
    hint: Option<&'a str>,
}

/// A repair as JSON.
pub(super) fn repair(repair: &Repair) -> RepairJson<'_> {
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
        sha: repair.sha.to_string(),
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
        digest: copy.digest.as_ref().map(Digest::to_string),
        result: copy.result.as_str(),
        blobs: BlobsJson { sent: counts.sent, mounted: counts.mounted, present: counts.present },
        bytes: copy.bytes,
        message: &copy.message,
    }
}
