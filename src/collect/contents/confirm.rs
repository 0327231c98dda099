//! Confirms that the manifests that a rollback needs still exist: they may have been read from the cache,
//! and some registries keep the tags of deleted manifests.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector};
use super::builder::RepositoryBuilder;
use super::completion::Completion;
use super::follow::{RepositoryAccess, contradiction};
use crate::model::{Contents, Digest, PushTimes, References, Repository};

/// Checks that the manifests that a plan depends on, and all manifests below them, exist; each is checked
/// once. Returns whether the contents changed because something is missing or could not be checked: then
/// the plan must be made again.
pub async fn confirm(
    collector: Collector<'_>,
    completion: &mut Completion,
    contents: &mut Contents,
    needed: &BTreeSet<(&Repository, &Digest)>,
) -> bool {
    let mut changed = false;
    for repository in std::mem::take(&mut contents.repositories) {
        let at = repository.repository.clone();
        let mut builder = RepositoryBuilder::new(repository);
        let roots = needed.iter().filter(|(repository, _)| **repository == at);
        let roots: BTreeSet<Digest> = roots.map(|(_, digest)| (*digest).clone()).collect();
        let mut wanted = below(&builder, &roots);
        wanted.retain(|digest| completion.confirmed.insert((at.clone(), digest.clone())));
        if let Ok(reader) = collector.reader(&at.registry) {
            let access = RepositoryAccess { collector, reader, path: &at.path };
            changed |= check_each(access, &mut builder, wanted).await;
        }
        contents.repositories.push(builder.into_contents());
    }
    changed
}

/// These manifests, and all below them that have a record.
fn below(builder: &RepositoryBuilder, roots: &BTreeSet<Digest>) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Digest> = roots.iter().collect();
    while let Some(digest) = next.pop() {
        if let Some(record) = builder.records.get(digest)
            && found.insert(digest.clone())
        {
            next.extend(record.references.children());
        }
    }
    found
}

async fn check_each(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    wanted: BTreeSet<Digest>,
) -> bool {
    let answers: Vec<_> = stream::iter(wanted)
        .map(|digest| async move {
            let answer = access.reader.manifest_still_exists(access.path, &digest).await;
            (digest, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let is_plain = builder.contents().push_times == PushTimes::Unknown;
    let mut changed = false;
    for (digest, answer) in answers {
        match answer {
            Ok(true) => continue,
            // Only an index references it. A manifest that is listed does not count as deleted.
            Ok(false) if is_plain && builder.record(&digest).tags.is_empty() => {
                builder.records.remove(&digest);
                builder.missing.insert(digest);
            }
            Ok(false) => {
                builder.record(&digest).references = References::Unread;
                builder.unread(contradiction(access.path, &digest));
            }
            Err(error) => {
                builder.record(&digest).references = References::Unread;
                builder.unread(error.to_unread());
            }
        }
        changed = true;
    }
    changed
}
