//! Tags that were listed and that the registry then says it does not have, by HEAD and by GET.
//!
//! Such a tag was deleted in between, or the registry contradicts itself: another listing tells.

use std::collections::BTreeSet;

use super::Collector;
use crate::model::{Contradiction, Repository, StatementSource, TagName, TagStatement, Unread};

/// What is known of a tag that may have gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Vanished {
    /// It is listed all the same.
    StillListed(Contradiction),
    /// The second listing broke, so nobody knows.
    Unread(Unread),
}

/// Lists a repository once more, if anything is missing; those that are listed no more are gone.
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
