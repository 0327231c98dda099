//! Whether a promotion goes back in time.

use crate::command::history::History;
use crate::model::Sha;
use crate::policy::Environment;
use crate::releases::{CurrentQuestion, current};

/// The direction of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To a newer release, or to the same.
    Forwards,
    /// To an older one.
    Backwards,
    /// Nothing says which of the two is older.
    Unknown,
}

/// A release by its index in the history of an environment.
type At<'a> = (&'a Environment, &'a History, usize);

/// Compares a release of the source with the current one of the target: by the source's order where
/// it has both, else by the target's, else by their times.
pub(super) fn direction(release: At<'_>, now: At<'_>) -> Direction {
    let (source, to) = (release, &release.1.timeline.releases()[release.2]);
    let from = &now.1.timeline.releases()[now.2];
    if to.sha.agrees_with(&from.sha) {
        return Direction::Forwards;
    }
    if let Some(from) = index(source, &from.sha) {
        return of(source.1, release.2, from);
    }
    if let Some(to) = index(now, &to.sha) {
        return of(now.1, to, now.2);
    }
    match (to.time(), from.time()) {
        (Some(to), Some(from)) if to.time < from.time => Direction::Backwards,
        (Some(to), Some(from)) if to.time > from.time => Direction::Forwards,
        _ => Direction::Unknown,
    }
}

fn of(history: &History, to: usize, from: usize) -> Direction {
    let timeline = &history.timeline;
    if timeline.is_older(to, from) {
        Direction::Backwards
    } else if timeline.is_older(from, to) {
        Direction::Forwards
    } else {
        Direction::Unknown
    }
}

/// A release of an environment by its SHA, with as many digits as its tags have.
fn index((environment, history, _): At<'_>, sha: &Sha) -> Option<usize> {
    let question = CurrentQuestion::From(sha);
    let found = current(environment, &history.inventory, &history.timeline, question);
    found.ok().map(|found| found.index)
}
