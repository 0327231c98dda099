//! The way back from the current release: which releases could be gone back to, newest first,
//! and why others could not.

use std::fmt;

use super::{Objection, ReleaseNumber, Timeline};
use crate::model::{Place, Release, Sha, TagName};
use crate::policy::Environment;

/// Why a release is passed over; the codes are part of the contract with users' scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
        self.into()
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
    let model = timeline.model();
    let way = StepsBack { environment, timeline, start: timeline.number(current) };
    let doubt = "nothing says whether it is older than the current release";
    let mut unordered_with: Vec<usize> =
        model.unordered_with(way.start).map(|release| timeline.index(release)).collect();
    unordered_with.sort_unstable();
    let mut steps: Vec<Step<'_>> =
        unordered_with.into_iter().map(|index| way.step(index, Some(doubt))).collect();
    for tied in model.older_than(way.start) {
        let is_sound = |release: &&ReleaseNumber| {
            !matches!(way.step(timeline.index(**release), None), Step::Skip(_))
        };
        let sound: Vec<ReleaseNumber> = tied.iter().filter(is_sound).copied().collect();
        let doubt = "other releases have the same time, and nothing says which is newer";
        let matters = !timeline.judge(environment).are_same_content(&sound);
        let steps_of =
            tied.iter().map(|release| way.step(timeline.index(*release), matters.then_some(doubt)));
        steps.extend(steps_of);
    }
    steps
}

/// The way back from a release.
struct StepsBack<'e, 'a> {
    environment: &'e Environment,
    timeline: &'a Timeline,
    start: ReleaseNumber,
}

impl<'a> StepsBack<'_, 'a> {
    fn step(&self, index: usize, doubt: Option<&str>) -> Step<'a> {
        let release = &self.timeline.releases()[index];
        match (self.objection(index), doubt) {
            (Some(skipped), _) => Step::Skip(skipped),
            (None, _) if release.unseen_image().is_some() => Step::Unread(release),
            // Its time may be that of a copy that was not read.
            (None, Some(_)) if release.unread().next().is_some() => Step::Unread(release),
            (None, Some(why)) => {
                Step::Skip(skipped(release, SkipCode::TimeUnknown, why.to_owned()))
            }
            (None, None) => Step::Candidate(release),
        }
    }

    /// What speaks against going back to a release, if anything, in words.
    fn objection(&self, index: usize) -> Option<Skipped> {
        let release = &self.timeline.releases()[index];
        let number = self.timeline.number(index);
        let objection = self.timeline.judge(self.environment).objection(self.start, number);
        let absent: Vec<String> = release.absent().map(Place::to_string).collect();
        let (code, message) = match objection {
            Some(Objection::MarkedBad) => {
                (SkipCode::MarkedBad, "`bad-shas` in the policy names it".to_owned())
            }
            _ if !absent.is_empty() => {
                (SkipCode::Incomplete, format!("no {}", absent.join(", no ")))
            }
            Some(Objection::DiffersInPlace(place)) => {
                (SkipCode::DigestDiffers, self.differs_in_place(number, place))
            }
            Some(Objection::DiffersBetweenPlaces(place)) => {
                let image = &self.timeline.place(place).image;
                (SkipCode::DigestDiffers, format!("{image} is not the same in all registries"))
            }
            Some(Objection::SameContent) => {
                (SkipCode::SameContent, "the same images as the current release".to_owned())
            }
            None => return None,
        };
        Some(skipped(release, code, message))
    }

    fn differs_in_place(&self, release: ReleaseNumber, place: u32) -> String {
        let tags = self.timeline.tags_in(release, place);
        let names: Vec<&str> = tags.into_iter().map(TagName::as_str).collect();
        let place = self.timeline.place(place);
        format!("{place}: its tags {} point to different images", names.join(" and "))
    }
}

fn skipped(release: &Release, code: SkipCode, message: String) -> Skipped {
    Skipped { sha: release.sha.clone(), code, message }
}
