//! What interrupted runs left behind: manifests whose index was deleted already, and which no listing
//! of tags contains.

use std::collections::BTreeSet;

use super::builder::RepositoryBuilder;
use super::follow::{self, RepositoryAccess};
use crate::model::{Digest, Unfinished};

/// Reads what those runs deleted, and what it referred to.
///
/// A manifest that was pushed again is a normal record, and keeps what it refers to.
pub(super) async fn read(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    unfinished: &[Unfinished],
) {
    let here: Vec<&Unfinished> = unfinished
        .iter()
        .filter(|entry| entry.repository == builder.contents().repository)
        .collect();
    let deleted: BTreeSet<Digest> = here.iter().map(|entry| entry.digest.clone()).collect();
    let left: BTreeSet<Digest> = here.iter().flat_map(|entry| entry.refers_to.clone()).collect();
    follow::read_unlisted(access, builder, deleted.union(&left).cloned()).await;
    for digest in deleted {
        if !builder.records.contains_key(&digest) {
            builder.deleted_earlier.insert(digest);
        }
    }
    for entry in here {
        if builder.deleted_earlier.contains(&entry.digest) {
            let there =
                entry.refers_to.iter().filter(|digest| builder.records.contains_key(*digest));
            let there: Vec<Digest> = there.cloned().collect();
            builder.orphaned.extend(there);
        }
    }
}
