//! `tags rollback` and `tags promote` as JSON.

use serde::Serialize;

use crate::change::MovedPlace;
use crate::model::{Digest, Sha};
use crate::report::{Move, MoveProblem};

#[derive(Serialize)]
struct MoveJson<'a> {
    environment: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    places: Vec<PlaceJson<'a>>,
    guards: Vec<GuardJson<'a>>,
    journal: Option<&'a str>,
    problems: Vec<ProblemJson<'a>>,
    notes: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct PlaceJson<'a> {
    image: &'a str,
    registry: &'a str,
    tag: &'a str,
    reference: Option<String>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    result: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct GuardJson<'a> {
    code: &'static str,
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
pub(super) struct ProblemJson<'a> {
    message: &'a str,
    hint: Option<&'a str>,
}

/// A move as JSON.
pub(super) fn moved(moved: &Move) -> impl Serialize {
    let guards = moved.guards.iter().map(|guard| GuardJson {
        code: guard.code.as_str(),
        message: &guard.message,
        hint: &guard.hint,
    });
    MoveJson {
        environment: moved.environment.as_str(),
        from: moved.from.as_ref().map(Sha::as_str),
        to: moved.to.as_ref().map(Sha::as_str),
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
        before: place.before.digest().map(Digest::as_str),
        after: place.after.digest().map(Digest::as_str),
        result: place.result.as_str(),
        message: &place.message,
    }
}
