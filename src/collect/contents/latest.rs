//! What each environment's latest tags point to by the OCI side, compared with the listing.
//!
//! They are what must never be lost, and a listing that does not know them is wrong about more.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::AT_ONCE;
use super::follow::{self, Place};
use super::holding::Holding;
use super::listing::Listed;
use crate::model::{Contradiction, Digest, Repository, Said, Source, TagName, Unread, UnreadCause};
use crate::policy::{Policy, RegistryKind};
use crate::registry::{ErrorKind, tag_digest};

/// Asks for the latest tags, and keeps what they and the listing name where the two differ.
pub(super) async fn compare(
    place: Place<'_>,
    holding: &mut Holding,
    policy: &Policy,
    listed: &Listed,
) {
    let repository = holding.frame().repository.clone();
    let uses = policy.environments.values().filter(|environment| environment.uses(&repository));
    let latest: BTreeSet<TagName> =
        uses.map(|environment| environment.scheme.latest.clone()).collect();
    let wanted: Vec<TagName> = latest.into_iter().filter(|tag| !listed.was_asked(tag)).collect();
    let answers: Vec<_> = stream::iter(wanted)
        .map(|tag| async move {
            let answer = tag_digest(place.reader.registry.as_ref(), place.path, &tag).await;
            (tag, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let source = source(policy, &repository, listed);
    for (tag, answer) in answers {
        match answer {
            Ok(found) => one(place, holding, (source, &tag), found).await,
            Err(error) => holding.unread(error.to_unread()),
        }
    }
    if holding.is_listed() && !holding.has_tags() && !holding.records.is_empty() {
        without_tags(place, holding).await;
    }
}

async fn one(
    place: Place<'_>,
    holding: &mut Holding,
    (source, tag): (Source, &TagName),
    found: Option<Digest>,
) {
    let listed = holding.tagged(tag);
    if found.iter().eq(&listed) {
        return;
    }
    if let Some(digest) = &found
        && !holding.has_tags()
    {
        holding.unlisted(empty(&holding.frame().repository, tag, digest));
        return;
    }
    let mut said: Vec<(Source, Said)> =
        listed.iter().map(|digest| (source, Said::of(Some(digest)))).collect();
    if said.is_empty() {
        said.push((source, Said::Missing));
    }
    said.push((Source::Head, Said::of(found.as_ref())));
    if found.is_none() {
        said.push((Source::Get, Said::Missing));
    }
    contradict(place, holding, Contradiction { tag: tag.clone(), said }).await;
}

/// Keeps what a contradiction names; what the listing does not have is read first.
pub(super) async fn contradict(
    place: Place<'_>,
    holding: &mut Holding,
    contradiction: Contradiction,
) {
    let digests: Vec<Digest> = contradiction.digests().cloned().collect();
    follow::unlisted(place, holding, digests.clone()).await;
    for digest in digests {
        if !holding.records.contains_key(&digest) {
            // It is named and not there; what a source names for a tag is never taken for deleted.
            holding.gone.insert(digest);
        }
    }
    holding.contradict(contradiction);
}

/// A management API may leave all tags out. Where it has manifests and no tag at all, the
/// registry's own list of tags tells.
async fn without_tags(place: Place<'_>, holding: &mut Holding) {
    let Some(list) = place.collector.connections.oci_tags(&holding.frame().repository.registry)
    else {
        return;
    };
    let listing = list.tag_list(place.path).await;
    if let Some(error) = listing.broken {
        if error.kind() != ErrorKind::NotFound {
            holding.unlisted(error.to_unread());
        }
    } else if let Some(listed) = listing.tags.first() {
        let repository = &holding.frame().repository;
        let message = format!(
            "{repository}: the management API lists manifests and no tag, the registry's own list has {}",
            listed.tag
        );
        holding.unlisted(unlisted(message));
    }
}

fn empty(repository: &Repository, tag: &TagName, digest: &Digest) -> Unread {
    unlisted(format!(
        "{repository} lists no tag, but HEAD of {tag} says {}: the listing is not whole",
        digest.short()
    ))
}

fn unlisted(message: String) -> Unread {
    let hint = "nothing is deleted there; try again later, and look at the registry's status page";
    Unread { cause: UnreadCause::Unreachable, message, hint: Some(hint.to_owned()) }
}

fn source(policy: &Policy, repository: &Repository, listed: &Listed) -> Source {
    let kind = policy.registries.get(&repository.registry).map(|registry| registry.kind);
    match (listed, kind) {
        (Listed::Tags { .. }, _) => Source::TagsList,
        (Listed::Manifests, Some(RegistryKind::Docr)) => Source::DocrTags,
        (Listed::Manifests, Some(RegistryKind::Ghcr)) => Source::GhcrVersions,
        (Listed::Manifests, _) => Source::Listing,
    }
}
