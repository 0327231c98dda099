//! The current release by running images or by latest tags, and when these disagree.

use std::collections::BTreeSet;

use super::super::Timeline;
use super::{Current, CurrentError, CurrentSource, RunningEvidence};
use crate::model::{
    Coverage, Digest, ImageName, Inventory, Place, RepositoryInventory, TagKind, TagReference,
    TagState,
};
use crate::policy::Environment;

type Indexes = BTreeSet<usize>;

/// The running release.
pub(super) fn running(
    environment: &Environment,
    timeline: &Timeline,
    evidence: &[RunningEvidence],
) -> Result<Current, CurrentError> {
    let mut matches: Vec<(String, Indexes)> = Vec::new();
    for evidence in evidence {
        let found = releases_of(environment, timeline, evidence);
        if found.is_empty() {
            return Err(CurrentError::RunningUnknown(evidence.image.text.clone()));
        }
        matches.push((evidence.image.text.clone(), found));
    }
    match newest_common(timeline, &matches) {
        Some((index, note)) => {
            let notes = note.into_iter().collect();
            Ok(Current { index, source: CurrentSource::Running, notes })
        }
        None => Err(CurrentError::RunningDisagree(describe(timeline, &matches))),
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

/// For each image and digest, the releases that have it.
fn with_images(timeline: &Timeline, wanted: &[(&ImageName, &Digest)]) -> Vec<Indexes> {
    // An image without a place has no number, and no release has it.
    let of = |image: &ImageName| timeline.image(image).unwrap_or(u32::MAX);
    let wanted: Vec<(u32, &Digest)> =
        wanted.iter().map(|(image, digest)| (of(image), *digest)).collect();
    let found = timeline.model().with_images(timeline.digests(), &wanted);
    let indexes = |set: BTreeSet<u32>| set.into_iter().map(|r| timeline.index(r)).collect();
    found.into_iter().map(indexes).collect()
}

/// The result of reading the latest tags.
pub(super) enum LatestTagsResult {
    /// They point to this release; with a note, if there is one.
    Release(usize, Option<String>),
    /// They point to no release, for this reason.
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
    // The release may be found in any registry: one listing may be more recent than another.
    let wanted: Vec<(&ImageName, &Digest)> =
        read.iter().map(|(place, _, digest)| (&place.image, *digest)).collect();
    let mut matches: Vec<(String, Indexes)> = Vec::new();
    for ((_, repository, _), found) in read.iter().zip(with_images(timeline, &wanted)) {
        // The tag may point to a release that was not read.
        if found.is_empty() && repository.coverage != Coverage::Complete {
            continue;
        }
        let reference =
            TagReference { repository: repository.repository.clone(), tag: tag.clone() };
        matches.push((reference.to_string(), found));
    }
    if matches.is_empty()
        && let Some(image) = incompletely_read(inventory)
    {
        return Err(CurrentError::LatestTagUnread(image.clone()));
    }
    if matches.is_empty() {
        return Ok(LatestTagsResult::Nothing(format!("no latest tag (`{tag}`) was found")));
    }
    if matches.iter().all(|(_, found)| found.is_empty()) {
        let note = format!("`{tag}` points to no release that has a SHA tag");
        return Ok(LatestTagsResult::Nothing(note));
    }
    match newest_common(timeline, &matches) {
        Some((index, note)) => Ok(LatestTagsResult::Release(index, note)),
        None => Err(CurrentError::LatestTagsDisagree(describe(timeline, &matches))),
    }
}

/// An image whose repositories were all read incompletely, so a latest tag may have been missed.
fn incompletely_read(inventory: &Inventory) -> Option<&ImageName> {
    let is_read = |image: &ImageName| {
        let mut places = inventory.repositories.iter().filter(|(place, _)| place.image == *image);
        places.any(|(_, repository)| repository.coverage == Coverage::Complete)
    };
    inventory.repositories.keys().map(|place| &place.image).find(|image| !is_read(image))
}

/// The newest of the releases that all evidence points to; these have the same content. The note
/// says if it is unknown which of them is the newest.
fn newest_common(
    timeline: &Timeline,
    matches: &[(String, Indexes)],
) -> Option<(usize, Option<String>)> {
    let mut sets = matches.iter().map(|(_, found)| found.clone());
    let first = sets.next()?;
    let common = sets.fold(first, |common, found| &common & &found);
    let numbers = common.into_iter().map(|index| timeline.number(index)).collect();
    let newest = timeline.model().newest_of(&numbers);
    let index = timeline.index(*newest.first()?);
    let note = (newest.len() > 1).then(|| {
        let shas: Vec<String> =
            newest.iter().map(|r| timeline.model().sha(*r).to_string()).collect();
        format!("{} have the same images, and it is unknown which is newer", shas.join(" and "))
    });
    Some((index, note))
}

/// The evidence grouped by release: `SHA (reference, reference)`.
fn describe(timeline: &Timeline, matches: &[(String, Indexes)]) -> Vec<String> {
    let mut groups: Vec<(&Indexes, Vec<&str>)> = Vec::new();
    for (what, found) in matches {
        match groups.iter_mut().find(|(known, _)| *known == found) {
            Some((_, whats)) => whats.push(what),
            None => groups.push((found, vec![what])),
        }
    }
    let sentence = |(found, whats): (&Indexes, Vec<&str>)| {
        let shas: Vec<String> =
            found.iter().map(|index| timeline.releases()[*index].sha.to_string()).collect();
        let release =
            if shas.is_empty() { "no known release".to_owned() } else { shas.join(" or ") };
        format!("{release} ({})", whats.join(", "))
    };
    groups.into_iter().map(sentence).collect()
}
