//! Where a release is, and which latest tags are to point to it: the tags of a move, before and
//! after they were read.

use futures_util::future::join_all;

use crate::collect::{Collector, Stage, observe_tag};
use crate::model::{Place, Repository, Sha, TagObservation, TagReference};
use crate::policy::Environment;

/// One place of a move: the release's tag, and the latest tag that is to point to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::command) struct MoveTags {
    pub(in crate::command) place: Place,
    /// The SHA tag that names the release.
    pub(in crate::command) source: TagReference,
    /// The latest tag.
    pub(in crate::command) latest: TagReference,
    /// The SHA tag that a promotion gives the release.
    pub(in crate::command) sha_tag: Option<TagReference>,
}

/// What the tags of one place point to.
#[derive(Debug, Clone)]
pub(in crate::command) struct TagsSeen {
    pub(in crate::command) tags: MoveTags,
    pub(in crate::command) source: TagObservation,
    pub(in crate::command) latest: TagObservation,
    pub(in crate::command) sha_tag: Option<TagObservation>,
}

/// The places of an environment with their repositories.
pub(in crate::command) fn places(
    environment: &Environment,
) -> impl Iterator<Item = (Place, &Repository)> {
    environment.images.iter().flat_map(|(image, settings)| {
        settings.repositories.iter().map(move |(registry, repository)| {
            (Place { image: image.clone(), registry: registry.clone() }, repository)
        })
    })
}

/// The tags of a release in its own environment.
pub(in crate::command) fn own_tags(environment: &Environment, sha: &Sha) -> Vec<MoveTags> {
    let scheme = &environment.scheme;
    let each = places(environment).map(|(place, repository)| {
        let tag = |tag| TagReference { repository: repository.clone(), tag };
        let (source, latest) = (tag(scheme.sha.render(sha)), tag(scheme.latest.clone()));
        MoveTags { place, source, latest, sha_tag: None }
    });
    each.collect()
}

/// Reads the tags of all places at once, each with one HEAD.
pub(in crate::command) async fn tags_seen(
    collector: Collector<'_>,
    tags: Vec<MoveTags>,
) -> Vec<TagsSeen> {
    collector.progress.expect(tags.len(), Stage::Places);
    let seen = tags.into_iter().map(|tags| async move {
        let look = |tag: &TagReference| {
            let tag = tag.clone();
            async move { observe_tag(collector, &tag.repository, &tag.tag).await }
        };
        let sha_tag = async {
            match &tags.sha_tag {
                Some(tag) => Some(look(tag).await),
                None => None,
            }
        };
        let (source, latest, sha_tag) =
            futures_util::join!(look(&tags.source), look(&tags.latest), sha_tag);
        collector.progress.advance(Stage::Places);
        TagsSeen { tags, source, latest, sha_tag }
    });
    join_all(seen).await
}
