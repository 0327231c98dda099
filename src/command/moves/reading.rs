//! Reads all that a move needs to know of its places: the content of the release as `verify` does,
//! and the manifests to push, those of the release and those that latest tags point to now.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::join_all;

use super::places::TagsSeen;
use crate::change::{MovedPlace, PlaceResult};
use crate::collect::{Collector, check_content, manifest_copy};
use crate::model::{
    ContentReport, Digest, ManifestCopy, Place, PlaceObservation, Sha, TagObservation,
    TagReference, Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::verify::{Finding, FindingCode, Severity, verify};

/// One place of a move, as it was read.
#[derive(Debug)]
pub(in crate::command) struct ReadPlace {
    pub(in crate::command) seen: TagsSeen,
    /// The content of the release.
    content: Option<ContentReport>,
    /// The manifest of the release.
    pub(in crate::command) after: Option<ManifestCopy>,
    /// The manifest that the latest tag points to.
    pub(in crate::command) before: Option<ManifestCopy>,
    /// Why something here could not be read.
    unread: Vec<Unread>,
}

/// All places of a move, as they were read.
#[derive(Debug)]
pub(in crate::command) struct Reading {
    pub(in crate::command) places: Vec<ReadPlace>,
    /// What is wrong with the release.
    pub(in crate::command) findings: Vec<Finding>,
}

/// Reads the manifests and the content of all places; the tags have been read before. `name` is asked
/// at the same time, once what the latest tags point to is in the cache.
pub(in crate::command) async fn read<T>(
    collector: Collector<'_>,
    (environment, sha): (&Environment, &Sha),
    (seen, name): (Vec<TagsSeen>, impl Future<Output = T>),
) -> (Reading, T) {
    let releases = join_all(seen.iter().map(|seen| release(collector, seen)));
    let latest = async {
        let manifests = join_all(seen.iter().map(|seen| latest_manifest(collector, seen))).await;
        (manifests, name.await)
    };
    let (releases, (latest, name)) = futures_util::join!(releases, latest);
    let read = seen.into_iter().zip(releases).zip(latest);
    let places = read.map(|((seen, release), latest)| ReadPlace::new(seen, release, latest));
    let places: Vec<ReadPlace> = places.collect();
    let observations: BTreeMap<Place, PlaceObservation> =
        places.iter().map(|place| (place.seen.tags.place.clone(), place.observation())).collect();
    let verification = verify(environment, sha, &observations, None);
    let is_about_the_release = |finding: &Finding| {
        finding.severity == Severity::Error
            && !matches!(
                finding.code,
                FindingCode::LatestTagMissing
                    | FindingCode::LatestTagElsewhere
                    | FindingCode::RegistryUnreadable
            )
    };
    let findings = verification.findings.into_iter().filter(is_about_the_release).collect();
    (Reading { places, findings }, name)
}

impl Reading {
    /// What could not be read, by place.
    pub(in crate::command) fn unread(&self) -> impl Iterator<Item = (&Place, &Unread)> {
        self.places.iter().flat_map(|place| {
            place.unread.iter().map(move |unread| (&place.seen.tags.place, unread))
        })
    }

    /// The latest tags that could be read, with what they point to.
    pub(in crate::command) fn latest(
        &self,
    ) -> impl Iterator<Item = (&TagReference, Option<&Digest>)> {
        let read = self
            .places
            .iter()
            .filter(|place| !matches!(place.seen.latest, TagObservation::Unread(_)));
        read.map(|place| (&place.seen.tags.latest, place.seen.latest.digest()))
    }

    /// Whether every latest tag that exists points to the release already: the move fills gaps only.
    pub(in crate::command) fn is_current(&self) -> bool {
        let latest = |place: &ReadPlace| place.seen.latest.digest().cloned();
        let is_there = |place: &ReadPlace| {
            latest(place).is_none_or(|latest| place.seen.source.digest() == Some(&latest))
        };
        let mut places = self.places.iter();
        places.clone().any(|place| latest(place).is_some()) && places.all(is_there)
    }

    /// The gravest cause for which something could not be read.
    pub(in crate::command) fn unread_cause(&self) -> Option<UnreadCause> {
        self.unread().map(|(_, unread)| unread.cause).min()
    }

    /// The places as they are reported when nothing can be planned.
    pub(in crate::command) fn reported(&self) -> Vec<MovedPlace> {
        self.places.iter().map(|place| place.reported(&self.findings)).collect()
    }
}

impl ReadPlace {
    fn new(
        seen: TagsSeen,
        (content, after): Release,
        before: Option<Result<ManifestCopy, Unread>>,
    ) -> Self {
        let tags = [Some(&seen.source), Some(&seen.latest), seen.sha_tag.as_ref()];
        let unread_tags = tags.into_iter().flatten().filter_map(|tag| match tag {
            TagObservation::Unread(unread) => Some(unread.clone()),
            _ => None,
        });
        let mut unread: Vec<Unread> = unread_tags.collect();
        unread.extend(content.iter().flat_map(|content| content.unread.clone()));
        let mut manifest = |copy: Option<Result<ManifestCopy, Unread>>| match copy? {
            Ok(copy) => Some(copy),
            Err(why) => {
                unread.push(why);
                None
            }
        };
        let after = manifest(after);
        // The same digest was read once.
        let before = match seen.latest.digest() {
            Some(latest) if Some(latest) == seen.source.digest() => after.clone(),
            _ => manifest(before),
        };
        Self { seen, content, after, before, unread }
    }

    fn observation(&self) -> PlaceObservation {
        PlaceObservation {
            sha_reference: self.seen.tags.source.clone(),
            sha_tag: self.seen.source.clone(),
            latest_reference: self.seen.tags.latest.clone(),
            latest_tag: self.seen.latest.clone(),
            latest_release: None,
            content: self.content.clone(),
        }
    }

    fn reported(&self, findings: &[Finding]) -> MovedPlace {
        let tags = &self.seen.tags;
        let unread = self.unread.first().map(|unread| unread.message.clone());
        let found = findings.iter().find(|finding| finding.place.as_ref() == Some(&tags.place));
        let trouble = unread.or_else(|| found.map(|finding| finding.message.clone()));
        let result = match trouble {
            Some(_) => PlaceResult::Failed,
            None => PlaceResult::Planned,
        };
        MovedPlace {
            place: tags.place.clone(),
            latest: tags.latest.clone(),
            before: (&self.seen.latest).into(),
            after: (&self.seen.source).into(),
            result,
            message: trouble.unwrap_or_default(),
        }
    }
}

type Release = (Option<ContentReport>, Option<Result<ManifestCopy, Unread>>);

/// The content of the release in one place, and its manifest.
async fn release(collector: Collector<'_>, seen: &TagsSeen) -> Release {
    let repository = &seen.tags.source.repository;
    let Some(digest) = seen.source.digest() else {
        return (None, None);
    };
    let content = check_content(collector, repository, digest).await;
    // What could not be read is said once.
    let copy = if content.unread.is_empty() {
        Some(manifest_copy(collector, repository, digest).await)
    } else {
        None
    };
    (Some(content), copy)
}

/// The manifest that the latest tag points to, unless that is the release's own.
async fn latest_manifest(
    collector: Collector<'_>,
    seen: &TagsSeen,
) -> Option<Result<ManifestCopy, Unread>> {
    let latest = seen.latest.digest()?;
    if Some(latest) == seen.source.digest() {
        return None;
    }
    Some(manifest_copy(collector, &seen.tags.latest.repository, latest).await)
}
