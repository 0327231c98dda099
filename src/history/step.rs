//! The way back from the current release: which releases could be gone back to, newest first,
//! and why others could not.

use std::fmt;

use super::Timeline;
use crate::model::{Copy, Digest, ImageName, Place, Release, Sha};
use crate::policy::Environment;

/// Why a release is passed over; the codes are part of the contract with users' scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipCode {
    /// An image is not in a registry where it must be.
    Incomplete,
    /// It is the same as what is current.
    SameContent,
    /// The policy says that it is bad.
    MarkedBad,
    /// A part of it is gone.
    ContentMissing,
    /// Whether it is older than the current one cannot be known.
    TimeUnknown,
    /// An image is not the same in all registries.
    DigestDiffers,
}

impl SkipCode {
    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::SameContent => "same-content",
            Self::MarkedBad => "marked-bad",
            Self::ContentMissing => "content-missing",
            Self::TimeUnknown => "time-unknown",
            Self::DigestDiffers => "digest-differs",
        }
    }
}

impl fmt::Display for SkipCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A release that is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The release.
    pub sha: Sha,
    /// Why.
    pub code: SkipCode,
    /// Why, in words.
    pub message: String,
}

/// One release on the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// It could be gone back to, if its content is there.
    Candidate(&'a Release),
    /// It could not.
    Skip(Skipped),
}

/// The releases before the current one, newest first; those of which nobody can say whether they
/// are older come first, since they may be.
#[must_use]
pub fn steps_back<'a>(
    environment: &Environment,
    timeline: &'a Timeline,
    current: usize,
) -> Vec<Step<'a>> {
    let releases = timeline.releases();
    let now = &releases[current];
    let untold = (0..releases.len()).filter(|index| {
        let rank = timeline.rank(*index);
        *index != current
            && (rank.is_none()
                || timeline.rank(current).is_none()
                || rank == timeline.rank(current))
    });
    let mut steps: Vec<Step<'_>> = untold
        .map(|index| {
            Step::Skip(unknown(
                &releases[index],
                "nothing says whether it is older than the current release",
            ))
        })
        .collect();
    let mut older: Vec<usize> =
        (0..releases.len()).filter(|index| timeline.is_older(*index, current)).collect();
    older.sort_by_key(|index| timeline.rank(*index));
    for tied in older.chunk_by(|a, b| timeline.rank(*a) == timeline.rank(*b)) {
        let judged: Vec<(&Release, Option<Skipped>)> = tied
            .iter()
            .map(|i| (&releases[*i], objection(environment, now, &releases[*i])))
            .collect();
        let candidates = judged.iter().filter(|(_, skip)| skip.is_none()).count();
        steps.extend(judged.into_iter().map(|(release, skip)| match skip {
            Some(skipped) => Step::Skip(skipped),
            None if candidates > 1 => Step::Skip(unknown(
                release,
                "other releases have the same time, and nothing says which is newer",
            )),
            None => Step::Candidate(release),
        }));
    }
    steps
}

fn unknown(release: &Release, why: &str) -> Skipped {
    skipped(release, SkipCode::TimeUnknown, why.to_owned())
}

fn skipped(release: &Release, code: SkipCode, message: String) -> Skipped {
    Skipped { sha: release.sha.clone(), code, message }
}

/// What speaks against going back to a release, if anything.
fn objection(environment: &Environment, current: &Release, release: &Release) -> Option<Skipped> {
    if environment.bad_shas.iter().any(|bad| bad.is_prefix_of(&release.sha)) {
        return Some(skipped(
            release,
            SkipCode::MarkedBad,
            "`bad-shas` in the policy names it".to_owned(),
        ));
    }
    let absent: Vec<String> = release.absent().map(Place::to_string).collect();
    if !absent.is_empty() {
        let message = format!("no {}", absent.join(", no "));
        return Some(skipped(release, SkipCode::Incomplete, message));
    }
    if let Some(image) = release.unseen_image() {
        let message = format!("no registry that answered has {image}");
        return Some(skipped(release, SkipCode::Incomplete, message));
    }
    if environment.same_digest
        && let Some(image) = differing_image(release)
    {
        let message = format!("{image} is not the same in all registries");
        return Some(skipped(release, SkipCode::DigestDiffers, message));
    }
    if is_same_content(current, release) {
        let message = "the same images as the current release".to_owned();
        return Some(skipped(release, SkipCode::SameContent, message));
    }
    None
}

fn differing_image(release: &Release) -> Option<&ImageName> {
    let present =
        || release.copies.iter().filter_map(|(place, copy)| Some((place, copy.digest()?)));
    present()
        .find(|(place, digest)| {
            present().any(|(other, others)| other.image == place.image && others != *digest)
        })
        .map(|(place, _)| &place.image)
}

/// Whether every copy that can be compared is the same, and every image can be compared.
fn is_same_content(a: &Release, b: &Release) -> bool {
    let pairs: Vec<(&Place, &Digest, &Digest)> = a
        .copies
        .iter()
        .filter_map(|(place, copy)| {
            Some((place, copy.digest()?, b.copies.get(place).and_then(Copy::digest)?))
        })
        .collect();
    let comparable = |image: &ImageName| pairs.iter().any(|(place, ..)| place.image == *image);
    pairs.iter().all(|(_, a, b)| a == b) && b.copies.keys().all(|place| comparable(&place.image))
}
