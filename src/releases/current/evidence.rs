//! What running images and latest tags tell of the current release, and when they disagree.

use std::collections::BTreeSet;

use super::super::Timeline;
use super::{Current, CurrentError, CurrentSource, RunningEvidence};
use crate::model::{
    Coverage, Digest, ImageName, Inventory, Place, RepositoryInventory, TagKind, TagReference,
    TagState,
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
        Some((index, note)) => {
            let notes = note.into_iter().collect();
            Ok(Current { index, source: CurrentSource::Running, notes })
        }
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
    let wanted = [(&evidence.image.place.image, digest)];
    let by_digest = with_images(timeline, &wanted).into_iter().next().unwrap_or_default();
    match tagged {
        Some(index) if by_digest.contains(&index) => BTreeSet::from([index]),
        _ => by_digest,
    }
}

/// For each image and digest the releases that have it.
fn with_images(timeline: &Timeline, wanted: &[(&ImageName, &Digest)]) -> Vec<Indexes> {
    // An image that has no place has no number; no release has it.
    let of = |image: &ImageName| timeline.image(image).unwrap_or(u32::MAX);
    let wanted: Vec<(u32, &Digest)> =
        wanted.iter().map(|(image, digest)| (of(image), *digest)).collect();
    let found = timeline.model().with_images(timeline.digests(), &wanted);
    let indexes = |set: BTreeSet<u32>| set.into_iter().map(|r| timeline.index(r)).collect();
    found.into_iter().map(indexes).collect()
}

/// What the latest tags tell.
pub(super) enum LatestTagsResult {
    /// This release, and what a person should know about that.
    Release(usize, Option<String>),
    Nothing(String),
}

/// What the latest tags point to.
pub(super) fn latest(
    environment: &Environment,
    inventory: &Inventory,
    timeline: &Timeline,
) -> Result<LatestTagsResult, CurrentError> {
    let tag = &environment.scheme.latest;
    let read: Vec<(&Place, &RepositoryInventory, &Digest)> = inventory
        .repositories
        .iter()
        .filter_map(|(place, repository)| match repository.tags.get(tag) {
            Some(TagState::Read(record)) => Some((place, repository, &record.digest)),
            _ => None,
        })
        .collect();
    // The same image in another registry will do: its listing may be ahead of this one's.
    let wanted: Vec<(&ImageName, &Digest)> =
        read.iter().map(|(place, _, digest)| (&place.image, *digest)).collect();
    let mut told: Vec<(String, Indexes)> = Vec::new();
    for ((_, repository, _), found) in read.iter().zip(with_images(timeline, &wanted)) {
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
        return Ok(LatestTagsResult::Nothing(format!("no latest tag (`{tag}`) was found")));
    }
    if told.iter().all(|(_, found)| found.is_empty()) {
        let note = format!("`{tag}` points to no release that has a SHA tag");
        return Ok(LatestTagsResult::Nothing(note));
    }
    match newest_common(timeline, &told) {
        Some((index, note)) => Ok(LatestTagsResult::Release(index, note)),
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

/// The newest of the releases that everything agrees on; they have the same content. A note says so
/// where nothing tells which of them is the newest.
fn newest_common(
    timeline: &Timeline,
    told: &[(String, Indexes)],
) -> Option<(usize, Option<String>)> {
    let mut sets = told.iter().map(|(_, found)| found.clone());
    let first = sets.next()?;
    let common = sets.fold(first, |common, found| &common & &found);
    let numbers = common.into_iter().map(|index| timeline.number(index)).collect();
    let newest = timeline.model().newest_of(&numbers);
    let index = timeline.index(*newest.first()?);
    let note = (newest.len() > 1).then(|| {
        let shas: Vec<&str> = newest.iter().map(|r| timeline.model().sha(*r).as_str()).collect();
        format!("{} have the same images, and nothing tells which is newer", shas.join(" and "))
    });
    Some((index, note))
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
