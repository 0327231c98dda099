//! What stands between the current release and a rollback target: which releases a rollback can go to,
//! and why the others are skipped.

use std::fmt;

use super::{Objection, ReleaseNumber, Timeline};
use crate::model::{Place, Release, Sha, TagName};
use crate::policy::Environment;

/// Why a release is skipped; scripts of users rely on the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum SkipCode {
    /// An image is not in every registry that must have it.
    Incomplete,
    /// It has the same content as the current release.
    SameContent,
    /// The policy marks it as bad.
    MarkedBad,
    /// A part of its content is missing.
    ContentMissing,
    /// It is unknown whether it is older than the current release.
    TimeUnknown,
    /// An image does not have the same digest in all registries.
    DigestDiffers,
    /// Nothing says that it was ever deployed.
    NotDeployed,
    /// Its deployment failed, or what followed it in the same run.
    DeployFailed,
    /// It was deployed after the current release was, which was deployed again since.
    RolledBackFrom,
    /// It is unknown whether it was deployed, or whether it is good.
    DeployUnknown,
    /// A SHA tag does not point any more to what was recorded of the release.
    ShaTagMoved,
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

/// A release that is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The release.
    pub sha: Sha,
    /// Why.
    pub code: SkipCode,
    /// Why, in words.
    pub message: String,
}

/// One release before the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// A rollback can go to it, if its content exists.
    Candidate(&'a Release),
    /// A rollback cannot go to it.
    Skip(Skipped),
    /// Unknown, since too little of it could be read. A release after it must not be chosen instead.
    Unread(&'a Release),
    /// What follows depends on deployments that were not read.
    DeploymentsUnread,
}

/// What each release is checked with.
pub(super) struct StepRules<'e, 'a> {
    pub(super) environment: &'e Environment,
    pub(super) timeline: &'a Timeline,
    pub(super) start: ReleaseNumber,
}

impl<'a> StepRules<'_, 'a> {
    /// One step; `unordered` says why the order of the release is unknown, if it is.
    pub(super) fn step(&self, index: usize, unordered: Option<&str>) -> Step<'a> {
        let release = &self.timeline.releases()[index];
        match (self.objection(index), unordered) {
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

    /// Why a rollback cannot go to a release, if it cannot, with a message.
    pub(super) fn objection(&self, index: usize) -> Option<Skipped> {
        let release = &self.timeline.releases()[index];
        let number = self.timeline.number(index);
        let objection =
            self.timeline.rollback_check(self.environment).objection(self.start, number);
        let absent: Vec<String> = release.absent().map(Place::to_string).collect();
        let (code, message) = match objection {
            Some(Objection::MarkedBad) => {
                (SkipCode::MarkedBad, "listed in `bad-shas` of the policy".to_owned())
            }
            _ if !absent.is_empty() => {
                (SkipCode::Incomplete, format!("no {}", absent.join(", no ")))
            }
            Some(Objection::DiffersInPlace(place)) => {
                (SkipCode::DigestDiffers, self.differs_in_place(number, place))
            }
            Some(Objection::DiffersBetweenPlaces(place)) => {
                let image = &self.timeline.place(place).image;
                (
                    SkipCode::DigestDiffers,
                    format!("{image} does not have the same digest in all registries"),
                )
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

pub(super) fn skipped(release: &Release, code: SkipCode, message: String) -> Skipped {
    Skipped { sha: release.sha.clone(), code, message }
}
