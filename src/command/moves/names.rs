//! Names the release that the latest tags point to, by the label of its image and one HEAD for each
//! image and digest.

use std::collections::{BTreeMap, BTreeSet};

use super::places::TagsSeen;
use crate::collect::{Collector, find_latest_releases};
use crate::model::{Digest, ImageName, Place, PlaceObservation, Sha, TagScheme};

/// The release that all latest tags point to; none where they do not agree, or it is not known.
pub(in crate::command) async fn current_name(
    collector: Collector<'_>,
    scheme: &TagScheme,
    (sha, seen): (&Sha, &[TagsSeen]),
) -> Option<Sha> {
    let mut asked: BTreeMap<Place, PlaceObservation> = BTreeMap::new();
    let mut digests: BTreeSet<(&ImageName, &Digest)> = BTreeSet::new();
    let mut is_target = false;
    for place in seen {
        let Some(latest) = place.latest.digest() else { continue };
        if place.source.digest() == Some(latest) {
            is_target = true;
        } else if digests.insert((&place.tags.place.image, latest)) {
            asked.insert(place.tags.place.clone(), observation(place));
        }
    }
    find_latest_releases(collector, scheme, &mut asked).await;
    let mut names = asked.into_values().map(|place| place.latest_release);
    let first = if is_target { Some(sha.clone()) } else { names.next()? };
    names.all(|name| name == first).then_some(first)?
}

fn observation(place: &TagsSeen) -> PlaceObservation {
    PlaceObservation {
        sha_reference: place.tags.source.clone(),
        sha_tag: place.source.clone(),
        latest_reference: place.tags.latest.clone(),
        latest_tag: place.latest.clone(),
        latest_release: None,
        content: None,
    }
}
