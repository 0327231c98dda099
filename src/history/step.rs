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
    /// Nobody can say, since too little of it could be read; what comes behind may not be first.
    Unread(&'a Release),
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
    let judge = |index: usize, doubt: Option<&str>| {
        let release = &releases[index];
        match (objection(environment, &releases[current], release), doubt) {
            (Some(skipped), _) => Step::Skip(skipped),
            (None, _) if release.unseen_image().is_some() => Step::Unread(release),
            // Its time may be that of a copy that was not read.
            (None, Some(_)) if release.unread().next().is_some() => Step::Unread(release),
            (None, Some(why)) => {
                Step::Skip(skipped(release, SkipCode::TimeUnknown, why.to_owned()))
            }
            (None, None) => Step::Candidate(release),
        }
    };
    let here = timeline.rank(current);
    let untold = |index: &usize| {
        let rank = timeline.rank(*index);
        *index != current && (rank.is_none() || here.is_none() || rank == here)
    };
    let doubt = "nothing says whether it is older than the current release";
    let mut steps: Vec<Step<'_>> =
        (0..releases.len()).filter(untold).map(|index| judge(index, Some(doubt))).collect();
    let mut older: Vec<usize> =
        (0..releases.len()).filter(|index| timeline.is_older(*index, current)).collect();
    older.sort_by_key(|index| timeline.rank(*index));
    for tied in older.chunk_by(|a, b| timeline.rank(*a) == timeline.rank(*b)) {
        let sound = tied.iter().filter(|i| !matches!(judge(**i, None), Step::Skip(_))).count();
        let doubt = "other releases have the same time, and nothing says which is newer";
        steps.extend(tied.iter().map(|index| judge(*index, (sound > 1).then_some(doubt))));
    }
    steps
}

fn skipped(release: &Release, code: SkipCode, message: String) -> Skipped {
    Skipped { sha: release.sha.clone(), code, message }
}

/// What speaks against going back to a release, if anything.
fn objection(environment: &Environment, current: &Release, release: &Release) -> Option<Skipped> {
    if environment.bad_shas.iter().any(|bad| bad.agrees_with(&release.sha)) {
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
