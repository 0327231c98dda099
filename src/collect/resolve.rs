//! Small questions on the way: which SHAs begin with a prefix, what a tag points to.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::{Collector, observe::ask, places};
use crate::model::{Repository, Sha, TagKind, TagName, TagObservation, Unread};
use crate::policy::Environment;

/// The SHAs of an environment that begin with a prefix, in all repositories that could be listed,
/// and what could not be listed.
pub async fn shas_matching(
    collector: Collector<'_>,
    environment: &Environment,
    prefix: &Sha,
) -> (BTreeSet<Sha>, Vec<Unread>) {
    let repositories: BTreeSet<&Repository> = places(environment).map(|(_, r)| r).collect();
    let listings = repositories.into_iter().map(|repository| async move {
        match collector.registry(&repository.registry) {
            Ok(registry) => Ok(registry.tag_list(&repository.path).await),
            Err(error) => Err(error.to_unread()),
        }
    });
    let (mut shas, mut unread) = (BTreeSet::new(), Vec::new());
    for listing in join_all(listings).await {
        match listing {
            Err(why) => unread.push(why),
            Ok(listing) => {
                unread.extend(listing.broken.map(|error| error.to_unread()));
                shas.extend(listing.tags.iter().filter_map(|listed| {
                    match environment.scheme.classify(&listed.tag) {
                        TagKind::Sha(sha) if prefix.is_prefix_of(&sha) => Some(sha),
                        _ => None,
                    }
                }));
            }
        }
    }
    (shas, unread)
}

/// What a tag points to now.
pub async fn digest_of_tag(
    collector: Collector<'_>,
    repository: &Repository,
    tag: &TagName,
) -> TagObservation {
    ask(collector, repository, tag).await
}
