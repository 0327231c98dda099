//! The running images, for `verify` and `rollback-target`: parses the list, and finds the images of
//! IDs in the registries.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::{CommandError, Session};
use crate::collect::{Collector, Root, find_roots_by_id, observe_tag};
use crate::model::{
    ImageId, Inventory, Place, PlaceObservation, Sha, TagKind, TagName, TagObservation, TagState,
    Unread,
};
use crate::policy::Environment;
use crate::releases::RunningEvidence;
use crate::running::{self, Running, RunningImage};

/// Parses a list of running images.
pub(super) fn read_running(
    session: &Session,
    list: &str,
    environment: &Environment,
) -> Result<Running, CommandError> {
    let running = running::parse(list, environment)
        .map_err(|error| CommandError::usage(error.to_string()).hint(error.hint()))?;
    for warning in &running.warnings {
        session.warn(warning, None);
    }
    Ok(running)
}

/// The manifests that the SHA tags of one release point to.
pub(super) fn roots_of_release(seen: &BTreeMap<Place, PlaceObservation>) -> Vec<Root> {
    let root = |(place, observation): (&Place, &PlaceObservation)| {
        let digest = observation.sha_tag.digest()?.clone();
        let repository = observation.sha_reference.repository.clone();
        Some(Root { place: place.clone(), repository, digest })
    };
    seen.iter().filter_map(root).collect()
}

/// The manifests that the SHA tags of all releases point to, each with its release and tag.
fn roots_of_all(environment: &Environment, inventory: &Inventory) -> Vec<(Root, Sha, TagName)> {
    let of = inventory.repositories.iter().flat_map(|(place, at)| {
        at.tags.iter().filter_map(move |(tag, state)| {
            let (TagState::Read(record), TagKind::Sha(sha)) =
                (state, environment.scheme.classify(tag))
            else {
                return None;
            };
            let (repository, digest) = (at.repository.clone(), record.digest.clone());
            Some((Root { place: place.clone(), repository, digest }, sha, tag.clone()))
        })
    });
    of.collect()
}

/// Replaces the IDs of these manifests by their images.
pub(super) async fn named_by(
    collector: Collector<'_>,
    running: Running,
    roots: &[Root],
) -> Running {
    let found = find_roots_by_id(collector, roots, &running.ids).await;
    with_names(running, |id| found.get(id)?.first().map(|root| image(id.to_string(), root)))
}

/// Replaces the IDs that belong to a release of the environment by their images. All others are
/// unknown, and so is an ID that may belong to several releases.
pub(super) async fn named_by_all(
    collector: Collector<'_>,
    environment: &Environment,
    running: Running,
    inventory: &Inventory,
) -> Running {
    if running.ids.is_empty() {
        return running;
    }
    let all = roots_of_all(environment, inventory);
    let roots: Vec<Root> = all.iter().map(|(root, ..)| root.clone()).collect();
    let found = find_roots_by_id(collector, &roots, &running.ids).await;
    let named = |id: &ImageId| {
        let roots = found.get(id)?;
        let of: Vec<_> = all.iter().filter(|(root, ..)| roots.contains(root)).collect();
        let digests: BTreeSet<_> = roots.iter().map(|root| &root.digest).collect();
        let shas: BTreeSet<_> = of.iter().map(|(_, sha, _)| sha).collect();
        let (root, _, tag) = of.first()?;
        let is_clear = digests.len() == 1 || shas.len() == 1;
        is_clear.then(|| image(format!("{id} ({}:{tag})", root.repository), root))
    };
    let mut running = with_names(running, named);
    running.unknown.append(&mut running.ids);
    running
}

fn with_names(mut running: Running, named: impl Fn(&ImageId) -> Option<RunningImage>) -> Running {
    let ids = std::mem::take(&mut running.ids);
    for id in ids {
        match named(&id) {
            Some(image) => running.images.push(image),
            None => running.ids.push(id),
        }
    }
    running
}

fn image(text: String, root: &Root) -> RunningImage {
    RunningImage {
        text,
        place: root.place.clone(),
        repository: root.repository.clone(),
        tag: None,
        digest: Some(root.digest.clone()),
    }
}

/// Why the running images do not show which release is current.
pub(super) enum NoEvidence {
    /// A tag could not be resolved.
    Unread(Place, Unread),
    /// No release has these IDs, or several may.
    Unknown(Vec<ImageId>),
}

/// The running images with digests. An image that was listed by another tag than a SHA tag is
/// resolved, since only its digest shows its release.
pub(super) async fn evidence(
    collector: Collector<'_>,
    environment: &Environment,
    running: &Running,
) -> Result<Vec<RunningEvidence>, NoEvidence> {
    if !running.unknown.is_empty() {
        return Err(NoEvidence::Unknown(running.unknown.clone()));
    }
    let resolve = running.images.iter().map(async |image| {
        let is_moving =
            |tag: &&TagName| !matches!(environment.scheme.classify(tag), TagKind::Sha(_));
        let moving = image.tag.as_ref().filter(is_moving);
        let digest = match (&image.digest, moving) {
            (Some(digest), _) => Some(digest.clone()),
            (None, None) => None,
            (None, Some(tag)) => match observe_tag(collector, &image.repository, tag).await {
                TagObservation::Found(digest) => Some(digest),
                TagObservation::Missing => None,
                TagObservation::Unread(why) => {
                    return Err(NoEvidence::Unread(image.place.clone(), why));
                }
            },
        };
        Ok(RunningEvidence { image: image.clone(), digest })
    });
    join_all(resolve).await.into_iter().collect()
}
