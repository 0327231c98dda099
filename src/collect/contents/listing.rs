//! What there is in a repository: the manifests by the management API where there is one, else the
//! tags with a HEAD each.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector};
use super::holding::Holding;
use crate::model::{Digest, Repository, TagPush};
use crate::registry::{ListedTag, ManifestListing, ManifestSelector, RegistryError, TagListing};

/// Where the listing came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// From a listing of all manifests.
    Manifests,
    /// From the tags: manifests without one were not listed.
    Tags,
}

/// Lists a repository.
pub(super) async fn read(collector: Collector<'_>, holding: &mut Holding) -> Source {
    let repository = holding.frame().repository.clone();
    if let Some(list) = collector.connections.manifest_list(&repository.registry)
        && let Some(listing) = list.manifest_list(&repository.path).await
    {
        manifests(holding, listing);
        return Source::Manifests;
    }
    match collector.registry(&repository.registry) {
        Ok(registry) => {
            let listing = registry.tag_list(&repository.path).await;
            tags(collector, holding, &repository, listing).await;
        }
        Err(error) => holding.unlisted(error.to_unread()),
    }
    Source::Tags
}

fn manifests(holding: &mut Holding, listing: ManifestListing) {
    for listed in listing.manifests {
        holding.tag(&listed.digest, listed.tags);
        let record = holding.record(&listed.digest);
        record.pushed = record.pushed.max(listed.pushed);
        record.bytes = listed.bytes.or(record.bytes);
    }
    holding.dispute_shared_tags();
    if let Some(error) = listing.broken {
        holding.unlisted(error.to_unread());
    }
}

/// After a listing that broke no tag is asked for: nothing can be decided there, and what was
/// listed is shown as far as the listing names digests.
async fn tags(
    collector: Collector<'_>,
    holding: &mut Holding,
    repository: &Repository,
    listing: TagListing,
) {
    let mut by_digest: BTreeMap<Digest, Vec<TagPush>> = BTreeMap::new();
    let mut add = |digest: Digest, listed: ListedTag| {
        let tag = TagPush { name: listed.tag, pushed: listed.pushed };
        by_digest.entry(digest).or_default().push(tag);
    };
    if let Some(error) = listing.broken {
        holding.unlisted(error.to_unread());
        for listed in listing.tags {
            if let Some(digest) = listed.digest.clone() {
                add(digest, listed);
            }
        }
    } else {
        for (listed, answer) in resolved(collector, repository, listing.tags).await {
            match answer {
                Ok(Some(digest)) => add(digest, listed),
                // Listed, and gone when it was asked for: it is gone.
                Ok(None) => {}
                // A tag that stands on nobody knows what: not all tags are known.
                Err(error) => holding.unlisted(error.to_unread()),
            }
        }
    }
    for (digest, tags) in by_digest {
        holding.record(&digest).tags = tags.into();
    }
}

type Resolved = (ListedTag, Result<Option<Digest>, RegistryError>);

/// What each tag points to.
async fn resolved(
    collector: Collector<'_>,
    repository: &Repository,
    tags: Vec<ListedTag>,
) -> Vec<Resolved> {
    collector.progress.expect(tags.len(), "tags");
    stream::iter(tags)
        .map(|listed| async move {
            let answer = match &listed.digest {
                Some(digest) => Ok(Some(digest.clone())),
                None => head(collector, repository, &listed).await,
            };
            collector.progress.advance();
            (listed, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

async fn head(
    collector: Collector<'_>,
    repository: &Repository,
    listed: &ListedTag,
) -> Result<Option<Digest>, RegistryError> {
    let selector = ManifestSelector::Tag(&listed.tag);
    collector.registry(&repository.registry)?.manifest_head(&repository.path, selector).await
}
