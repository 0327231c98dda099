//! The guard against a release whose SHA tags do not point any more to what was recorded of it.

use super::super::Session;
use super::super::records::{moved, read_or_warn};
use super::places::TagsSeen;
use super::reading::Reading;
use crate::change::{Guard, GuardCode, MoveGoal};
use crate::model::{Digest, EnvironmentName, MovedTag, Place, TagReference};

/// The guards for the tags that the release is taken from, and for the SHA tags that a promotion
/// would set again with another digest.
pub(super) async fn moved_guards(
    session: &Session,
    goal: &MoveGoal,
    reading: &Reading,
) -> Vec<Guard> {
    let seen = || reading.places.iter().map(|place| &place.seen);
    let source = goal.source.as_ref().unwrap_or(&goal.environment);
    let mut guards = compared(session, (source, goal), seen().filter_map(source_tag)).await;
    if goal.source.is_some() {
        let new = seen().filter_map(new_tag);
        guards.extend(compared(session, (&goal.environment, goal), new).await);
    }
    guards
}

type Tag<'a> = (&'a Place, &'a TagReference, &'a Digest);

fn source_tag(seen: &TagsSeen) -> Option<Tag<'_>> {
    Some((&seen.tags.place, &seen.tags.source, seen.source.digest()?))
}

/// The SHA tag that a promotion sets, with what it would point to.
fn new_tag(seen: &TagsSeen) -> Option<Tag<'_>> {
    Some((&seen.tags.place, seen.tags.sha_tag.as_ref()?, seen.source.digest()?))
}

async fn compared<'a>(
    session: &Session,
    (environment, goal): (&EnvironmentName, &MoveGoal),
    tags: impl Iterator<Item = Tag<'a>>,
) -> Vec<Guard> {
    let records = read_or_warn(session, environment).await;
    let moved = moved(session.collector(), &records, (&goal.to, tags)).await;
    moved.iter().map(guard).collect()
}

/// The guard against one of them.
pub(in crate::command) fn guard(tag: &MovedTag) -> Guard {
    Guard::new(GuardCode::ShaTagMoved, tag.to_string(), tag.hint())
}
