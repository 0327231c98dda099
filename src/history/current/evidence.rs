//! What running images and latest tags tell of the current release, and when they disagree.

use std::collections::BTreeSet;

use super::super::Timeline;
use super::{Current, CurrentError, CurrentSource, RunningEvidence};
use crate::model::{
    Coverage, Digest, ImageName, Inventory, Place, TagKind, TagReference, TagState,
};
use crate::policy::Environment;

type Indexes = BTreeSet<usize>;

/// The release that runs.
pub(super) fn running(
    environment: &Environment,
    timeline: &Timeline,
    evidence: &[RunningEvidence],
) -> Result<Current, CurrentError> {
    let mut told: Vec<(String, Indexes)> = Vec::new();
    for evidence in evidence {
        let found = releases_of(environment, timeline, evidence);
        if found.is_empty() {
            return Err(CurrentError::RunningUnknown(evidence.image.text.clone()));
        }
        told.push((evidence.image.text.clone(), found));
    }
    match newest_common(timeline, &told) {
        Some(index) => Ok(Current { index, source: CurrentSource::Running, notes: Vec::new() }),
        None => Err(CurrentError::RunningDisagree(describe(timeline, &told))),
    }
}

fn releases_of(
    environment: &Environment,
    timeline: &Timeline,
    evidence: &RunningEvidence,
) -> Indexes {
    let tagged =
        evidence.image.tag.as_ref().and_then(|tag| match environment.scheme.classify(tag) {
            TagKind::Sha(sha) => timeline.find(&sha),
            _ => None,
        });
    let Some(digest) = &evidence.digest else {
        return tagged.into_iter().collect();
    };
    let by_digest =
        with_digest(timeline, digest, |place| place.image == evidence.image.place.image);
    match tagged {
        Some(index) if by_digest.contains(&index) => BTreeSet::from([index]),
        _ => by_digest,
    }
}

fn with_digest(timeline: &Timeline, digest: &Digest, place: impl Fn(&Place) -> bool) -> Indexes {
    let has = |index: &usize| {
        timeline.releases()[*index]
            .copies
            .iter()
            .any(|(at, copy)| place(at) && copy.digest() == Some(digest))
    };
    (0..timeline.releases().len()).filter(has).collect()
}

/// What the latest tags tell.
pub(super) enum Told {
    Release(usize),
    Nothing(String),
}

/// What the latest tags point to.
pub(super) fn latest(
    environment: &Environment,
    inventory: &Inventory,
    timeline: &Timeline,
) -> Result<Told, CurrentError> {
    let tag = &environment.scheme.latest;
    let mut told: Vec<(String, Indexes)> = Vec::new();
    for (place, repository) in &inventory.repositories {
        let Some(TagState::Read(record)) = repository.tags.get(tag) else {
            continue;
        };
        // The same image in another registry will do: its listing may be ahead of this one's.
        let found = with_digest(timeline, &record.digest, |at| at.image == place.image);
        // What was not read may well be the release that the tag points to.
        if found.is_empty() && repository.coverage != Coverage::Complete {
            continue;
        }
        let reference =
            TagReference { repository: repository.repository.clone(), tag: tag.clone() };
        told.push((reference.to_string(), found));
    }
    if told.is_empty()
        && let Some(image) = unanswered(inventory)
    {
        return Err(CurrentError::LatestTagUnread(image.clone()));
    }
    if told.is_empty() {
        return Ok(Told::Nothing(format!("no latest tag (`{tag}`) was found")));
    }
    if told.iter().all(|(_, found)| found.is_empty()) {
        let note = format!("`{tag}` points to no release that has a SHA tag");
        return Ok(Told::Nothing(note));
    }
    match newest_common(timeline, &told) {
        Some(index) => Ok(Told::Release(index)),
        None => Err(CurrentError::LatestTagsDisagree(describe(timeline, &told))),
    }
}

/// An image for which no registry said for certain that there is no latest tag.
fn unanswered(inventory: &Inventory) -> Option<&ImageName> {
    let answers = |image: &ImageName| {
        let mut places = inventory.repositories.iter().filter(|(place, _)| place.image == *image);
        places.any(|(_, repository)| repository.coverage == Coverage::Complete)
    };
    inventory.repositories.keys().map(|place| &place.image).find(|image| !answers(image))
}

/// The newest of the releases that everything agrees on; they have the same content.
fn newest_common(timeline: &Timeline, told: &[(String, Indexes)]) -> Option<usize> {
    let mut sets = told.iter().map(|(_, found)| found.clone());
    let first = sets.next()?;
    let common = sets.fold(first, |common, found| &common & &found);
    common.into_iter().min_by_key(|index| (timeline.rank(*index).unwrap_or(usize::MAX), *index))
}

/// What the evidence says, grouped by release: `SHA by reference, reference`.
fn describe(timeline: &Timeline, told: &[(String, Indexes)]) -> Vec<String> {
    let mut groups: Vec<(&Indexes, Vec<&str>)> = Vec::new();
    for (what, found) in told {
        match groups.iter_mut().find(|(known, _)| *known == found) {
            Some((_, whats)) => whats.push(what),
            None => groups.push((found, vec![what])),
        }
    }
    let sentence = |(found, whats): (&Indexes, Vec<&str>)| {
        let shas: Vec<&str> =
            found.iter().map(|index| timeline.releases()[*index].sha.as_str()).collect();
        let release =
            if shas.is_empty() { "no known release".to_owned() } else { shas.join(" or ") };
        format!("{release} by {}", whats.join(", "))
    };
    groups.into_iter().map(sentence).collect()
}
