//! Reads what interrupted runs left behind: manifests whose index they deleted already, and which no
//! listing of tags contains.

use std::collections::BTreeSet;

use super::builder::RepositoryBuilder;
use super::follow::{self, RepositoryAccess};
use crate::model::{Digest, Unfinished};

/// Reads the manifests that those runs deleted, and the manifests that these listed.
///
/// A manifest that was pushed again is a normal record, and keeps its children.
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
    let children: BTreeSet<Digest> = here.iter().flat_map(|entry| entry.children.clone()).collect();
    follow::read_unlisted(access, builder, deleted.union(&children).cloned()).await;
    for digest in deleted {
        if !builder.records.contains_key(&digest) {
            builder.deleted_earlier.insert(digest);
        }
    }
    for entry in here {
        if builder.deleted_earlier.contains(&entry.digest) {
            let existing =
                entry.children.iter().filter(|digest| builder.records.contains_key(*digest));
            let existing: Vec<Digest> = existing.cloned().collect();
            builder.orphaned.extend(existing);
        }
    }
}
