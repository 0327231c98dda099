//! Reads what a plan depends on: what the tags of deletion candidates point to by the OCI API, and the
//! referrers of the candidates.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector, Stage};
use super::builder::RepositoryBuilder;
use super::completion::Completion;
use super::follow::RepositoryAccess;
use super::{latest, referrers};
use crate::model::{
    Capabilities, Contents, Contradiction, Digest, Repository, StatementSource, TagName,
    TagReference, TagStatement,
};
use crate::registry::tag_digest;

/// A manifest that would be deleted.
#[derive(Debug, Clone, Copy)]
pub struct DeletionCandidate<'a> {
    /// Where it is.
    pub repository: &'a Repository,
    /// Its digest.
    pub digest: &'a Digest,
    /// Its tags.
    pub tags: &'a [TagName],
}

/// Reads what a plan depends on. In a repository of DOCR or GHCR with deletions: what each tag points
/// to by the OCI API. In registries with a referrers API: the referrers of each deletion candidate,
/// and of each manifest that an interrupted run deleted. Returns whether the contents changed, so
/// that the plan must be made again.
///
/// Call it again with each new plan until nothing changes.
pub async fn complete(
    collector: Collector<'_>,
    completion: &mut Completion,
    contents: &mut Contents,
    candidates: &[DeletionCandidate<'_>],
) -> bool {
    let mut changed = false;
    for repository in std::mem::take(&mut contents.repositories) {
        let at = repository.repository.clone();
        let candidates: Vec<&DeletionCandidate<'_>> =
            candidates.iter().filter(|candidate| *candidate.repository == at).collect();
        let mut builder = RepositoryBuilder::new(repository);
        // Referrers of manifests that an earlier run deleted are deleted too; only this request finds them.
        let subjects: BTreeSet<Digest> = candidates
            .iter()
            .map(|candidate| candidate.digest)
            .chain(&builder.deleted_earlier)
            .cloned()
            .collect();
        match collector.reader(&at.registry) {
            _ if subjects.is_empty() => {}
            Ok(reader) => {
                let access = RepositoryAccess { collector, reader, path: &at.path };
                changed |= tags(access, completion, &mut builder, &candidates).await;
                changed |= referrers::read(access, completion, &mut builder, subjects).await;
            }
            Err(error) => {
                builder.unread(error.to_unread());
                changed = true;
            }
        }
        contents.repositories.push(builder.into_contents());
    }
    changed
}

/// Reads each tag once, also tags that are kept: a management API deletes a manifest with every tag that
/// it has, also those that its listing lacks.
async fn tags(
    access: RepositoryAccess<'_>,
    completion: &mut Completion,
    builder: &mut RepositoryBuilder,
    candidates: &[&DeletionCandidate<'_>],
) -> bool {
    let Capabilities { lists_manifests, listing: source, .. } = builder.contents().capabilities;
    // Without a management API each tag was resolved by the OCI API in the first place.
    if !lists_manifests {
        return false;
    }
    let repository = builder.contents().repository.clone();
    let mut wanted: Vec<(TagName, Digest)> = Vec::new();
    let mut want = |tag: &TagName, digest: &Digest| {
        let reference = TagReference { repository: repository.clone(), tag: tag.clone() };
        if completion.tags.insert(reference) {
            wanted.push((tag.clone(), digest.clone()));
        }
    };
    for candidate in candidates {
        candidate.tags.iter().for_each(|tag| want(tag, candidate.digest));
    }
    for record in builder.records.values() {
        record.tags.iter().for_each(|tag| want(&tag.name, &record.digest));
    }
    access.collector.progress.expect(wanted.len(), Stage::DeletedTags);
    let answers: Vec<_> = stream::iter(wanted)
        .map(|(tag, listed)| async move {
            let answer = tag_digest(access.reader.registry, access.path, &tag).await;
            access.collector.progress.advance(Stage::DeletedTags);
            (tag, listed, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut changed = false;
    for (tag, listed, answer) in answers {
        match answer {
            Ok(Some(found)) if found == listed => continue,
            Ok(found) => {
                let mut statements = vec![
                    (source, TagStatement::PointsTo(listed)),
                    (StatementSource::Head, TagStatement::of(found.as_ref())),
                ];
                statements.extend(
                    found.is_none().then_some((StatementSource::Get, TagStatement::Missing)),
                );
                latest::contradict(access, builder, Contradiction { tag, statements }).await;
            }
            Err(error) => builder.unread(error.to_unread()),
        }
        changed = true;
    }
    changed
}
