//! Walks back from the current release until one is found whose content is all there.
//!
//! The decision which releases come into question is `releases`'; this only asks the registries
//! about each candidate, newest first, and stops at the first that holds.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::collect::{Collector, Depth, content_check, tag_observe};
use crate::model::{
    ContentReport, ContentRole, Digest, EnvironmentName, ImageName, MissingContent, Moment, Place,
    RegistryName, Release, ReleaseCopy, ReleaseOrder, Sha, TagObservation, TagReference, Unread,
    UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{Current, SkipCode, Skipped, Step, Timeline, steps_back};

/// What is asked for.
#[derive(Debug, Clone, std::marker::Copy)]
pub struct RollbackOptions {
    /// How many good releases to go back; 1 is the one before the current.
    pub steps: usize,
    /// Whether the content of each candidate is checked.
    pub depth: Depth,
}

/// One image of the target, in one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetImage {
    /// Which.
    pub place: Place,
    /// Its tag.
    pub reference: TagReference,
    /// Its digest.
    pub digest: Digest,
}

/// The release to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The release.
    pub sha: Sha,
    /// Its time.
    pub time: Option<Moment>,
    /// Every copy that can surely be pulled.
    pub images: Vec<TargetImage>,
}

/// The answer, and all that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The environment.
    pub environment: EnvironmentName,
    /// What "previous" means there.
    pub order: ReleaseOrder,
    /// What could not be read, by registry.
    pub unread: BTreeMap<RegistryName, Unread>,
    /// The current release, if it is known.
    pub current: Option<CurrentRelease>,
    /// The target, if there is one.
    pub target: Option<Target>,
    /// Every release passed over on the way, in that order.
    pub skipped: Vec<Skipped>,
    /// Why there is no current release, if there is none.
    pub trouble: Option<String>,
    /// What kind of doubt that is, where it is one and not an answer.
    pub doubt: Option<UnreadCause>,
}

/// The current release as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRelease {
    /// The release.
    pub sha: Sha,
    /// Its time.
    pub time: Option<Moment>,
    /// How it is known to be current, and what to know about that.
    pub current: Current,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackVerdict {
    /// There is a target.
    Found,
    /// There is none.
    None,
    /// There may be one, but a registry could not be read.
    Unknown(UnreadCause),
}

impl Rollback {
    /// What came of it.
    #[must_use]
    pub fn verdict(&self) -> RollbackVerdict {
        if self.target.is_some() {
            return RollbackVerdict::Found;
        }
        match self.unread.values().map(|why| why.cause).chain(self.doubt).min() {
            Some(cause) => RollbackVerdict::Unknown(cause),
            None => RollbackVerdict::None,
        }
    }
}

/// Finds the release to go back to from the current one.
pub async fn rollback_target(
    collector: Collector<'_>,
    environment: &Environment,
    timeline: &Timeline,
    from: CurrentRelease,
    options: RollbackOptions,
) -> Rollback {
    let mut rollback = Rollback {
        environment: environment.name.clone(),
        order: environment.order,
        unread: BTreeMap::new(),
        current: None,
        target: None,
        skipped: Vec::new(),
        trouble: None,
        doubt: None,
    };
    let mut left = options.steps.max(1);
    for step in steps_back(environment, timeline, from.current.index) {
        let release = match step {
            Step::Skip(skipped) => {
                rollback.skipped.push(skipped);
                continue;
            }
            Step::Candidate(release) => release,
            Step::Unread(release) => {
                rollback.trouble = Some(unread_release(release));
                break;
            }
        };
        match examine(collector, release, options.depth, &mut rollback.unread).await {
            Examined::Damaged(skipped) => rollback.skipped.push(skipped),
            Examined::Unread => {
                rollback.trouble = Some(unread_release(release));
                break;
            }
            Examined::Whole(target) => {
                left -= 1;
                if left == 0 {
                    rollback.target = Some(target);
                    break;
                }
            }
        }
    }
    rollback.current = Some(from);
    rollback
}

fn unread_release(release: &Release) -> String {
    format!("{} is next, but too little of it could be read", release.sha)
}

enum Examined {
    Whole(Target),
    Damaged(Skipped),
    Unread,
}

async fn examine(
    collector: Collector<'_>,
    release: &Release,
    depth: Depth,
    unread: &mut BTreeMap<RegistryName, Unread>,
) -> Examined {
    let copies: Vec<TargetImage> = release.copies.iter().filter_map(target_image).collect();
    let mut target = Target { sha: release.sha.clone(), time: release.time(), images: Vec::new() };
    if depth == Depth::Tags {
        target.images = copies;
        return Examined::Whole(target);
    }
    let checks = copies.into_iter().map(|mut copy| async move {
        // The tag is asked once more: what it points to now is what will be pulled.
        let reference = &copy.reference;
        let report = match tag_observe(collector, &reference.repository, &reference.tag).await {
            TagObservation::Found(digest) => {
                let report = content_check(collector, &reference.repository, &digest).await;
                copy.digest = digest;
                report
            }
            TagObservation::Missing => {
                let digest = copy.digest.clone();
                let missing = vec![MissingContent { role: ContentRole::Manifest, digest }];
                ContentReport { missing, ..ContentReport::default() }
            }
            TagObservation::Unread(why) => {
                ContentReport { unread: vec![why], ..ContentReport::default() }
            }
        };
        (copy, report)
    });
    for (copy, report) in join_all(checks).await {
        if let Some(skipped) = damage(release, &copy, &report) {
            return Examined::Damaged(skipped);
        }
        match report.unread.into_iter().next() {
            Some(why) => {
                unread.entry(copy.place.registry.clone()).or_insert(why);
            }
            None => target.images.push(copy),
        }
    }
    let images = release.copies.keys().map(|place| &place.image);
    let sure = |image: &ImageName| target.images.iter().any(|copy| copy.place.image == *image);
    if images.into_iter().all(sure) { Examined::Whole(target) } else { Examined::Unread }
}

fn target_image((place, copy): (&Place, &ReleaseCopy)) -> Option<TargetImage> {
    let digest = copy.digest()?.clone();
    Some(TargetImage { place: place.clone(), reference: copy.reference().clone(), digest })
}

fn damage(release: &Release, copy: &TargetImage, report: &ContentReport) -> Option<Skipped> {
    let message = match report.missing.first() {
        Some(first) => format!("{}: {first} is not there", copy.place),
        None if report.is_empty_index() => format!("{}: nothing in it can run", copy.place),
        None => return None,
    };
    Some(Skipped { sha: release.sha.clone(), code: SkipCode::ContentMissing, message })
}
