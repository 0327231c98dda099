//! Compares what each environment's latest tags point to by the OCI API with the listing.
//!
//! Latest tags must never be lost, and a listing that is wrong about them may be wrong about other tags.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::AT_ONCE;
use super::builder::RepositoryBuilder;
use super::follow::{self, RepositoryAccess};
use super::listing::ListingSource;
use crate::model::{
    Contradiction, Digest, Repository, StatementSource, TagName, TagStatement, Unread, UnreadCause,
};
use crate::policy::Policy;
use crate::registry::{ErrorKind, tag_digest};

/// Reads the latest tags; where they differ from the listing, both digests are kept.
pub(super) async fn compare(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    policy: &Policy,
    listed: &ListingSource,
) {
    let repository = builder.contents().repository.clone();
    let uses = policy.environments.values().filter(|environment| environment.uses(&repository));
    let latest: BTreeSet<TagName> =
        uses.map(|environment| environment.scheme.latest.clone()).collect();
    let wanted: Vec<TagName> = latest.into_iter().filter(|tag| !listed.was_read(tag)).collect();
    let answers: Vec<_> = stream::iter(wanted)
        .map(|tag| async move {
            let answer = tag_digest(access.reader.registry, access.path, &tag).await;
            (tag, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let source = match listed {
        ListingSource::Tags { .. } => StatementSource::TagsList,
        ListingSource::Manifests => builder.contents().capabilities.listing,
    };
    for (tag, answer) in answers {
        match answer {
            Ok(found) => compare_one(access, builder, (source, &tag), found).await,
            Err(error) => builder.unread(error.to_unread()),
        }
    }
    if builder.is_listed() && !builder.has_tags() && !builder.records.is_empty() {
        without_tags(access, builder).await;
    }
}

async fn compare_one(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    (source, tag): (StatementSource, &TagName),
    found: Option<Digest>,
) {
    let listed = builder.tagged(tag);
    if found.iter().eq(&listed) {
        return;
    }
    if let Some(digest) = &found
        && listed.is_empty()
    {
        // Whatever else the list leaves out is not known.
        let what = if builder.has_tags() { "other tags" } else { "no tag" };
        builder.unlisted(tag_not_listed((&builder.contents().repository, tag), digest, what));
        if !builder.has_tags() {
            return;
        }
    }
    let mut statements: Vec<(StatementSource, TagStatement)> =
        listed.iter().map(|digest| (source, TagStatement::of(Some(digest)))).collect();
    if statements.is_empty() {
        statements.push((source, TagStatement::Missing));
    }
    statements.push((StatementSource::Head, TagStatement::of(found.as_ref())));
    if found.is_none() {
        statements.push((StatementSource::Get, TagStatement::Missing));
    }
    contradict(access, builder, Contradiction { tag: tag.clone(), statements }).await;
}

/// Adds a contradiction, after reading the manifests of it that are not listed.
pub(super) async fn contradict(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    contradiction: Contradiction,
) {
    let digests: Vec<Digest> = contradiction.digests().cloned().collect();
    follow::read_unlisted(access, builder, digests.clone()).await;
    for digest in digests {
        if !builder.records.contains_key(&digest) {
            // A source names it, but it does not exist: it is missing, not deleted by an earlier run.
            builder.missing.insert(digest);
        }
    }
    builder.contradict(contradiction);
}

/// A management API may leave out all tags. If it lists manifests and no tag at all, the registry's own
/// list of tags is compared.
async fn without_tags(access: RepositoryAccess<'_>, builder: &mut RepositoryBuilder) {
    if !access.reader.registry.capabilities().lists_manifests {
        return;
    }
    let listing = access.reader.registry.oci_tag_list(access.path).await;
    if let Some(error) = listing.broken {
        if error.kind() != ErrorKind::NotFound {
            builder.unlisted(error.to_unread());
        }
    } else if let Some(listed) = listing.tags.first() {
        let repository = &builder.contents().repository;
        let message = format!(
            "{repository}: the management API lists manifests and no tag, but the registry's own list has the tag {}",
            listed.tag
        );
        builder.unlisted(unlisted(message));
    }
}

fn tag_not_listed(
    (repository, tag): (&Repository, &TagName),
    digest: &Digest,
    what: &str,
) -> Unread {
    unlisted(format!(
        "{repository} lists {what}, but HEAD of {tag} says {}: the listing is incomplete",
        digest.short()
    ))
}

fn unlisted(message: String) -> Unread {
    let hint = "nothing is deleted there; try again later, and look at the registry's status page";
    Unread { cause: UnreadCause::Unreachable, message, hint: Some(hint.to_owned()) }
}
