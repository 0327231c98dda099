//! What runs that broke off left behind: manifests whose index was deleted already, and which no
//! listing of tags shows.

use std::collections::BTreeSet;

use super::follow::{self, Place};
use super::holding::Holding;
use crate::model::{Digest, Unfinished};

/// Looks for what those runs deleted, and for what it referred to.
///
/// A manifest that is back is a record like others, so that what it refers to is its again.
pub(super) async fn look(place: Place<'_>, holding: &mut Holding, unfinished: &[Unfinished]) {
    let here: Vec<&Unfinished> =
        unfinished.iter().filter(|entry| entry.repository == holding.frame().repository).collect();
    let deleted: BTreeSet<Digest> = here.iter().map(|entry| entry.digest.clone()).collect();
    let left: BTreeSet<Digest> = here.iter().flat_map(|entry| entry.refers_to.clone()).collect();
    follow::unlisted(place, holding, deleted.union(&left).cloned()).await;
    for digest in deleted {
        if !holding.records.contains_key(&digest) {
            holding.deleted_before.insert(digest);
        }
    }
    for entry in here {
        if holding.deleted_before.contains(&entry.digest) {
            let there =
                entry.refers_to.iter().filter(|digest| holding.records.contains_key(*digest));
            let there: Vec<Digest> = there.cloned().collect();
            holding.abandoned.extend(there);
        }
    }
}
