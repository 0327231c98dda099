//! Finds the SHAs of an environment that may name the same commit as a shorter or longer SHA.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::{Collector, places};
use crate::model::{Place, Sha, TagKind, Unread};
use crate::policy::Environment;

/// The SHAs of an environment that may name the same commit as `asked`, and the places that could not be
/// listed.
pub async fn find_agreeing_shas(
    collector: Collector<'_>,
    environment: &Environment,
    asked: &Sha,
) -> (BTreeSet<Sha>, Vec<(Place, Unread)>) {
    let listings = places(environment).map(|(place, repository)| async move {
        let listing = match collector.registry(&repository.registry) {
            Ok(registry) => Ok(registry.tag_list(&repository.path).await),
            Err(error) => Err(error.to_unread()),
        };
        (place, listing)
    });
    let (mut shas, mut unread) = (BTreeSet::new(), Vec::new());
    for (place, listing) in join_all(listings).await {
        match listing {
            Err(why) => unread.push((place, why)),
            Ok(listing) => {
                unread.extend(listing.broken.map(|error| (place, error.to_unread())));
                shas.extend(listing.tags.iter().filter_map(|listed| {
                    match environment.scheme.classify(&listed.tag) {
                        TagKind::Sha(sha) if asked.agrees_with(&sha) => Some(sha),
                        _ => None,
                    }
                }));
            }
        }
    }
    (shas, unread)
}
