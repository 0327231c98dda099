//! Searches back from the current release for a release with all its content.
//!
//! `releases` decides which releases are candidates. This checks the content of each candidate in
//! the registries, newest first, and stops at the first that is complete.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::records::moved;
use crate::collect::{Collector, Depth, tag_with_content};
use crate::model::{
    ContentReport, ContentRole, Contradiction, Digest, ImageName, MissingContent, Place,
    RegistryName, Release, ReleaseCopy, Sha, StatementSource, TagObservation, TagReference,
    TagStatement, Unread,
};
use crate::pipeline::Records;
use crate::policy::Environment;
use crate::releases::{SkipCode, Skipped, Step, Timeline, steps_back};
use crate::report::{CurrentRelease, RollbackTarget, Target, TargetImage};

/// The search for a release to roll back to.
#[derive(Clone, Copy)]
pub struct RollbackSearch<'a> {
    /// Asks the registries.
    pub collector: Collector<'a>,
    /// The environment.
    pub environment: &'a Environment,
    /// Its releases, in order.
    pub timeline: &'a Timeline,
    /// How many good releases to go back; 1 is the one before the current.
    pub steps: usize,
    /// Whether the content of each candidate is checked.
    pub depth: Depth,
    /// The time that counts as now.
    pub now: DateTime<Utc>,
    /// The records of the environment's releases.
    pub records: &'a Records,
}

impl RollbackSearch<'_> {
    /// Searches back from the current release for a release with all its content.
    pub async fn run(&self, from: CurrentRelease) -> RollbackTarget {
        match self.search(from, &mut BTreeMap::new()).await {
            Searched::Ended(rollback) | Searched::DeploymentsUnread(rollback) => rollback,
        }
    }

    /// The same. `examined` holds what is known of candidates from a search that knew less.
    pub(super) async fn search(
        &self,
        from: CurrentRelease,
        examined: &mut BTreeMap<Sha, Examined>,
    ) -> Searched {
        let mut rollback = RollbackTarget::of(self.environment, self.now);
        let mut left = self.steps.max(1);
        for step in steps_back(self.environment, self.timeline, from.current.index) {
            let release = match step {
                Step::Skip(skipped) => {
                    rollback.skipped.push(skipped);
                    continue;
                }
                Step::Candidate(release) => release,
                Step::Unread(release) => {
                    rollback.message = Some(unread_release(release));
                    break;
                }
                Step::DeploymentsUnread => {
                    rollback.current = Some(from);
                    return Searched::DeploymentsUnread(rollback);
                }
            };
            if !examined.contains_key(&release.sha) {
                examined.insert(release.sha.clone(), self.examine(release).await);
            }
            let Some((found, unread)) = examined.get(&release.sha).cloned() else { break };
            for (name, why) in unread {
                rollback.unread.entry(name).or_insert(why);
            }
            match found {
                Content::Damaged(skipped) => rollback.skipped.push(skipped),
                Content::Unread => {
                    rollback.message = Some(unread_release(release));
                    break;
                }
                Content::Whole(target) => {
                    left -= 1;
                    if left == 0 {
                        rollback.target = Some(target);
                        break;
                    }
                }
            }
        }
        rollback.current = Some(from);
        Searched::Ended(rollback)
    }

    async fn examine(&self, release: &Release) -> Examined {
        let mut unread = BTreeMap::new();
        let content = examine(self.collector, release, self.depth, &mut unread).await;
        let content = match content {
            Content::Whole(target) => match self.moved(&target).await {
                Some(skipped) => Content::Damaged(skipped),
                None => Content::Whole(target),
            },
            other => other,
        };
        (content, unread)
    }

    /// Why a release is skipped whose SHA tags point to something else than when it was recorded.
    async fn moved(&self, target: &Target) -> Option<Skipped> {
        let tags = target.images.iter();
        let tags = tags.map(|copy| (&copy.place, &copy.reference, &copy.digest));
        let moved = moved(self.collector, self.records, (&target.sha, tags)).await;
        let message = moved.first()?.to_string();
        Some(Skipped { sha: target.sha.clone(), code: SkipCode::ShaTagMoved, message })
    }
}

fn unread_release(release: &Release) -> String {
    format!(
        "{} is the next candidate, but not enough of it could be read to know whether it is complete",
        release.sha
    )
}

/// What a search came to.
pub(super) enum Searched {
    /// The answer.
    Ended(RollbackTarget),
    /// It depends on deployments that were not read; what is known so far.
    DeploymentsUnread(RollbackTarget),
}

/// What is known of the content of a candidate, and what could not be read of it.
pub(super) type Examined = (Content, BTreeMap<RegistryName, Unread>);

/// The content of a candidate.
#[derive(Clone)]
pub(super) enum Content {
    Whole(Target),
    Damaged(Skipped),
    Unread,
}

async fn examine(
    collector: Collector<'_>,
    release: &Release,
    depth: Depth,
    unread: &mut BTreeMap<RegistryName, Unread>,
) -> Content {
    let copies: Vec<TargetImage> = release.copies.iter().filter_map(target_image).collect();
    let mut target = Target { sha: release.sha.clone(), time: release.time(), images: Vec::new() };
    if depth == Depth::Tags {
        target.images = copies;
        return Content::Whole(target);
    }
    let checks = copies.into_iter().map(|copy| async move {
        // The tag is read again: what it points to now is what would be pulled.
        let TagReference { repository, tag } = &copy.reference;
        let report = match tag_with_content(collector, repository, tag).await {
            (TagObservation::Found(digest), report) if digest == copy.digest => {
                report.unwrap_or_default()
            }
            (TagObservation::Found(digest), _) => ContentReport {
                unread: vec![contradicted(&copy, digest)],
                ..ContentReport::default()
            },
            (TagObservation::Missing, _) => {
                let digest = copy.digest.clone();
                let missing = vec![MissingContent { role: ContentRole::Manifest, digest }];
                ContentReport { missing, ..ContentReport::default() }
            }
            (TagObservation::Unread(why), _) => {
                ContentReport { unread: vec![why], ..ContentReport::default() }
            }
        };
        (copy, report)
    });
    for (copy, report) in join_all(checks).await {
        if let Some(skipped) = damage(release, &copy, &report) {
            return Content::Damaged(skipped);
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
    if images.into_iter().all(sure) { Content::Whole(target) } else { Content::Unread }
}

/// A SHA tag that was read twice, and pointed to two digests: none of them is trusted.
fn contradicted(copy: &TargetImage, digest: Digest) -> Unread {
    let TagReference { repository, tag } = &copy.reference;
    let listed = TagStatement::PointsTo(copy.digest.clone());
    let statements = vec![
        (StatementSource::Earlier, listed),
        (StatementSource::Get, TagStatement::PointsTo(digest)),
    ];
    Contradiction { tag: tag.clone(), statements }.to_unread(&repository.path)
}

fn target_image((place, copy): (&Place, &ReleaseCopy)) -> Option<TargetImage> {
    let digest = copy.digest()?.clone();
    Some(TargetImage { place: place.clone(), reference: copy.reference().clone(), digest })
}

fn damage(release: &Release, copy: &TargetImage, report: &ContentReport) -> Option<Skipped> {
    let message = match report.missing.first() {
        Some(first) => format!("{}: {first} is missing", copy.place),
        None if report.is_empty_index() => {
            format!("{}: the index has no runnable image", copy.place)
        }
        None => return None,
    };
    Some(Skipped { sha: release.sha.clone(), code: SkipCode::ContentMissing, message })
}
