//! Tags that were listed, but are missing by HEAD and by GET.
//!
//! Such a tag was deleted after the listing, or the registry contradicts itself. A second listing shows
//! which.

use std::collections::BTreeSet;

use super::Collector;
use crate::model::{Contradiction, Repository, StatementSource, TagName, TagStatement, Unread};

/// A missing tag that was perhaps not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Vanished {
    /// It is still listed.
    StillListed(Contradiction),
    /// The second listing failed.
    Unread(Unread),
}

/// Lists a repository again, if tags are missing. Those that are no longer listed were deleted.
pub(super) async fn check(
    collector: Collector<'_>,
    repository: &Repository,
    missing: Vec<TagName>,
) -> Vec<Vanished> {
    if missing.is_empty() {
        return Vec::new();
    }
    let listing = match collector.registry(&repository.registry) {
        Ok(registry) => registry.tag_list(&repository.path).await,
        Err(error) => return vec![Vanished::Unread(error.to_unread())],
    };
    if let Some(error) = listing.broken {
        return vec![Vanished::Unread(error.to_unread())];
    }
    let missing: BTreeSet<TagName> = missing.into_iter().collect();
    let still = listing.tags.into_iter().filter(|listed| missing.contains(&listed.tag));
    let contradiction = |tag: TagName, by: TagStatement| Contradiction {
        tag,
        statements: vec![
            (StatementSource::TagsList, by),
            (StatementSource::Head, TagStatement::Missing),
            (StatementSource::Get, TagStatement::Missing),
        ],
    };
    still
        .map(|listed| {
            let by = listed.digest.map_or(TagStatement::Exists, TagStatement::PointsTo);
            Vanished::StillListed(contradiction(listed.tag, by))
        })
        .collect()
}
