//! Refuses copies that contradict the record of the release: from a SHA tag that moved since, or to
//! a place for which another digest was recorded.

use super::super::records::moved;
use super::sources::{Lacking, Source, Unfilled};
use crate::collect::Collector;
use crate::model::{MovedTag, Place, Sha, TagReference};
use crate::pipeline::Records;
use crate::report::RepairResult;

/// The places that lack the release, without the copies that contradict its record.
pub(super) async fn without_moved(
    collector: Collector<'_>,
    (records, sha): (&Records, &Sha),
    mut lacking: Vec<Lacking>,
) -> Vec<Lacking> {
    for one in &mut lacking {
        let Ok(source) = &one.from else { continue };
        let Source { registry, repository, tag, digest } = source;
        let from = TagReference { repository: repository.clone(), tag: tag.clone() };
        let at = Place { image: one.place.image.clone(), registry: registry.clone() };
        let tags = [(&at, &from, digest), (&one.place, &one.reference(), digest)];
        let moved = moved(collector, records, (sha, tags)).await;
        if let Some(moved) = moved.first() {
            one.from = Err(refused(moved, &one.place));
        }
    }
    lacking
}

fn refused(moved: &MovedTag, target: &Place) -> Unfilled {
    let message = if moved.place == *target {
        let recorded = moved.recorded_reference();
        let copied = moved.now.short();
        format!("sha-tag-moved: {recorded} was recorded, and {copied} would be copied")
    } else {
        format!("sha-tag-moved: {moved}")
    };
    Unfilled { result: RepairResult::Refused, message }
}

/// What moved, where no place says so.
pub(super) fn untold(moved: &[MovedTag], lacking: &[Lacking]) -> Vec<String> {
    let is_told = |message: &str| {
        lacking.iter().any(|one| one.from.as_ref().is_err_and(|why| why.message.ends_with(message)))
    };
    let moved = moved.iter().map(ToString::to_string).filter(|message| !is_told(message));
    moved.map(|message| format!("sha-tag-moved: {message}")).collect()
}
