//! Checks that the running images are of this release, by SHA tag or digest, and were not started by a
//! moving tag.

use std::collections::BTreeMap;

use super::{Finding, FindingCode};
use crate::model::{Digest, Place, PlaceObservation, Sha, TagKind, TagName, TagObservation};
use crate::policy::Environment;
use crate::running::{Running, RunningImage};

pub(super) fn judge(
    environment: &Environment,
    sha: &Sha,
    observations: &BTreeMap<Place, PlaceObservation>,
    running: &Running,
) -> Vec<Finding> {
    let judge = |image: &RunningImage| {
        let (code, message) = match (&image.digest, &image.tag) {
            (Some(digest), _) => by_digest(sha, observations, image, digest)?,
            (None, Some(tag)) => by_tag(environment, sha, image, tag)?,
            (None, None) => return None,
        };
        let mut finding = Finding::at(code, &image.place, message);
        finding.tag = image.tag.as_ref().map_or_else(String::new, ToString::to_string);
        let expected = environment.scheme.sha.render(sha);
        Some(finding.hint(format!("deploy {}:{expected}", image.repository)))
    };
    let images = running.images.iter().filter_map(judge);
    images.chain(running.unknown.iter().map(Finding::unknown)).collect()
}

type Found = Option<(FindingCode, String)>;

fn by_digest(
    sha: &Sha,
    observations: &BTreeMap<Place, PlaceObservation>,
    image: &RunningImage,
    digest: &Digest,
) -> Found {
    let mut copies =
        observations.iter().filter(|(place, _)| place.image == image.place.image).map(|(_, o)| o);
    let is_release = |observation: &PlaceObservation| {
        let tree = observation.content.as_ref().and_then(|content| content.tree.as_ref());
        observation.sha_tag.digest() == Some(digest) || tree.is_some_and(|t| t.contains(digest))
    };
    // If a SHA tag could not be read, the digest may be its digest.
    if copies.any(|copy| is_release(copy) || matches!(copy.sha_tag, TagObservation::Unread(_))) {
        return None;
    }
    let message = format!("{} is running, but is not release {}", image.text, sha.short());
    Some((FindingCode::RunningElsewhere, message))
}

fn by_tag(environment: &Environment, sha: &Sha, image: &RunningImage, tag: &TagName) -> Found {
    match environment.scheme.classify(tag) {
        TagKind::Sha(other) if other == *sha => None,
        TagKind::Sha(other) => {
            let message = format!(
                "{} runs release {} instead of {}",
                image.place,
                other.short(),
                sha.short()
            );
            Some((FindingCode::RunningElsewhere, message))
        }
        TagKind::Foreign if !is_moving(tag) => {
            let message =
                format!("{} is running, but is not a tag of release {}", image.text, sha.short());
            Some((FindingCode::RunningElsewhere, message))
        }
        _ => {
            let message = format!(
                "{} was started by a moving tag, which does not tell which build is running",
                image.text
            );
            Some((FindingCode::RunningUnpinned, message))
        }
    }
}

fn is_moving(tag: &TagName) -> bool {
    tag.as_str() == "latest" || tag.as_str().ends_with("-latest")
}
