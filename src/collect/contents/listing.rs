//! Lists a repository: its manifests by the management API where there is one, else its tags, with a
//! HEAD request each.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};

use super::super::vanished::{self, Vanished};
use super::super::{AT_ONCE, Collector, Stage};
use super::builder::RepositoryBuilder;
use crate::model::{Digest, Repository, TagName, TagPush};
use crate::registry::{ListedTag, ManifestListing, RequestError, TagListing, tag_digest};

/// Where the listing came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ListingSource {
    /// A listing of all manifests.
    Manifests,
    /// A listing of the tags: manifests without a tag were not listed.
    Tags {
        /// The tags that were read by HEAD.
        by_head: BTreeSet<TagName>,
    },
}

impl ListingSource {
    /// Whether a tag was read by HEAD already.
    pub(super) fn was_read(&self, tag: &TagName) -> bool {
        matches!(self, Self::Tags { by_head } if by_head.contains(tag))
    }
}

/// Lists a repository.
pub(super) async fn read(
    collector: Collector<'_>,
    builder: &mut RepositoryBuilder,
) -> ListingSource {
    let repository = builder.contents().repository.clone();
    let registry = match collector.registry(&repository.registry) {
        Ok(registry) => registry,
        Err(error) => {
            builder.unlisted(error.to_unread());
            return ListingSource::Tags { by_head: BTreeSet::new() };
        }
    };
    if let Some(listing) = registry.manifest_list(&repository.path).await {
        manifests(builder, listing);
        return ListingSource::Manifests;
    }
    let listing = registry.tag_list(&repository.path).await;
    ListingSource::Tags { by_head: tags(collector, builder, &repository, listing).await }
}

fn manifests(builder: &mut RepositoryBuilder, listing: ManifestListing) {
    for listed in listing.manifests {
        builder.tag(&listed.digest, listed.tags);
        let record = builder.record(&listed.digest);
        record.pushed = record.pushed.max(listed.pushed);
        record.bytes = listed.bytes.or(record.bytes);
    }
    builder.dispute_shared_tags();
    for contradiction in listing.contradictions {
        builder.contradict(contradiction);
    }
    if let Some(error) = listing.broken {
        builder.unlisted(error.to_unread());
    }
}

/// Adds the listed tags, and returns those that were read by HEAD. After a failed listing none is read,
/// since nothing will be deleted there; tags that were listed with a digest are still reported.
async fn tags(
    collector: Collector<'_>,
    builder: &mut RepositoryBuilder,
    repository: &Repository,
    listing: TagListing,
) -> BTreeSet<TagName> {
    let (mut by_head, mut missing) = (BTreeSet::new(), Vec::new());
    let mut by_digest: BTreeMap<Digest, Vec<TagPush>> = BTreeMap::new();
    let mut add = |digest: Digest, listed: ListedTag| {
        let tag = TagPush { name: listed.tag, pushed: listed.pushed };
        by_digest.entry(digest).or_default().push(tag);
    };
    if let Some(error) = listing.broken {
        builder.unlisted(error.to_unread());
        for listed in listing.tags {
            if let Some(digest) = listed.digest.clone() {
                add(digest, listed);
            }
        }
    } else {
        for (listed, answer) in resolved(collector, repository, listing.tags).await {
            if listed.digest.is_none() {
                by_head.insert(listed.tag.clone());
            }
            match answer {
                Ok(Some(digest)) => add(digest, listed),
                Ok(None) => missing.push(listed.tag),
                // The tag may be on any manifest: not all tags are known.
                Err(error) => builder.unlisted(error.to_unread()),
            }
        }
    }
    for (digest, tags) in by_digest {
        builder.record(&digest).tags = tags.into();
    }
    for contradiction in listing.contradictions {
        builder.contradict(contradiction);
    }
    for vanished in vanished::check(collector, repository, missing).await {
        match vanished {
            Vanished::StillListed(contradiction) => builder.contradict(contradiction),
            Vanished::Unread(why) => builder.unlisted(why),
        }
    }
    by_head
}

type Resolved = (ListedTag, Result<Option<Digest>, RequestError>);

/// What each tag points to.
async fn resolved(
    collector: Collector<'_>,
    repository: &Repository,
    tags: Vec<ListedTag>,
) -> Vec<Resolved> {
    collector.progress.expect(tags.len(), Stage::Tags);
    stream::iter(tags)
        .map(|listed| async move {
            let answer = match &listed.digest {
                Some(digest) => Ok(Some(digest.clone())),
                None => tag_read(collector, repository, &listed.tag).await,
            };
            collector.progress.advance(Stage::Tags);
            (listed, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

async fn tag_read(
    collector: Collector<'_>,
    repository: &Repository,
    tag: &TagName,
) -> Result<Option<Digest>, RequestError> {
    let registry = collector.registry(&repository.registry)?;
    tag_digest(registry, &repository.path, tag).await
}
