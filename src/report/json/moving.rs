//! `tags rollback` and `tags promote` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::change::MovedPlace;
use crate::model::{Digest, Sha};
use crate::report::{Move, MoveProblem};

#[derive(Serialize, JsonSchema)]
pub(super) struct MoveJson<'a> {
    /// The environment.
    environment: &'a str,
    /// The release that the latest tags pointed to, if they agreed.
    from: Option<String>,
    /// The release that they are to point to.
    to: Option<String>,
    /// Each latest tag.
    places: Vec<PlaceJson<'a>>,
    /// Why it was refused.
    guards: Vec<GuardJson<'a>>,
    /// The file with what was done, for `tags undo`; null if nothing was to be written.
    journal: Option<&'a str>,
    /// What is wrong with the release, or with reading it.
    problems: Vec<ProblemJson<'a>>,
    /// What to know besides.
    notes: Vec<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PlaceJson<'a> {
    /// The image.
    image: &'a str,
    /// The registry's name in the policy.
    registry: &'a str,
    /// The tag.
    tag: &'a str,
    /// `host/path@digest`, to deploy.
    reference: Option<String>,
    /// What the tag pointed to; null if it did not exist.
    before: Option<String>,
    /// What it is to point to.
    after: Option<String>,
    /// `planned`, `moved`, `already`, `put-back`, `left` or `failed`.
    result: &'static str,
    /// What was found, in words.
    message: &'a str,
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
pub(super) struct ProblemJson<'a> {
    /// What was found, in words.
    message: &'a str,
    /// What to do about it.
    hint: Option<&'a str>,
}

/// A move as JSON.
pub(super) fn moved(moved: &Move) -> MoveJson<'_> {
    let guards = moved.guards.iter().map(|guard| GuardJson {
        code: guard.code.as_str(),
        message: &guard.message,
        hint: &guard.hint,
    });
    MoveJson {
        environment: moved.environment.as_str(),
        from: moved.from.as_ref().map(Sha::to_string),
        to: moved.to.as_ref().map(Sha::to_string),
        places: moved.places.iter().map(place).collect(),
        guards: guards.collect(),
        journal: moved.journal.as_deref(),
        problems: moved.problems.iter().map(problem).collect(),
        notes: moved.notes.iter().chain(&moved.stays).map(String::as_str).collect(),
    }
}

pub(super) fn problem(problem: &MoveProblem) -> ProblemJson<'_> {
    ProblemJson { message: &problem.message, hint: problem.hint.as_deref() }
}

pub(super) fn place(place: &MovedPlace) -> PlaceJson<'_> {
    PlaceJson {
        image: place.place.image.as_str(),
        registry: place.place.registry.as_str(),
        tag: place.latest.tag.as_str(),
        reference: place.reference(),
        before: place.before.digest().map(Digest::to_string),
        after: place.after.digest().map(Digest::to_string),
        result: place.result.as_str(),
        message: &place.message,
    }
}
