//! Asks what only a plan makes worth asking: what the tags of doomed manifests point to by the OCI
//! side, and what refers to doomed manifests.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector};
use super::builder::RepositoryBuilder;
use super::completion::Completion;
use super::follow::RepositoryAccess;
use super::{latest, referrers};
use crate::model::{
    Contents, Contradiction, Digest, Repository, SingleTags, StatementSource, TagName,
    TagReference, TagStatement,
};
use crate::registry::tag_digest;

/// A manifest that would go.
#[derive(Debug, Clone, Copy)]
pub struct DeletionCandidate<'a> {
    /// Where it is.
    pub repository: &'a Repository,
    /// Its digest.
    pub digest: &'a Digest,
    /// Its tags.
    pub tags: &'a [TagName],
}

/// Asks what the plan needs to know before anything may go: in a repository of DOCR or GHCR that
/// would lose something what each tag points to by the OCI side; on OCI registries with a referrers API what
/// refers to each deletion candidate, and to each manifest that a run that broke off had deleted. Changes the contents; true if something
/// changed, so that the decision has to be made again.
///
/// What comes up is to be asked about too: call again with the next plan, until nothing changes.
pub async fn complete(
    collector: Collector<'_>,
    completion: &mut Completion,
    contents: &mut Contents,
    doomed: &[DeletionCandidate<'_>],
) -> bool {
    let mut changed = false;
    for repository in std::mem::take(&mut contents.repositories) {
        let at = repository.repository.clone();
        let doomed: Vec<&DeletionCandidate<'_>> =
            doomed.iter().filter(|doomed| *doomed.repository == at).collect();
        let mut builder = RepositoryBuilder::new(repository);
        // What is about a manifest that an earlier run deleted goes as well, and only this tells.
        let subjects: BTreeSet<Digest> = doomed
            .iter()
            .map(|doomed| doomed.digest)
            .chain(&builder.deleted_before)
            .cloned()
            .collect();
        match collector.reader(&at.registry) {
            _ if subjects.is_empty() => {}
            Ok(reader) => {
                let access = RepositoryAccess { collector, reader, path: &at.path };
                changed |= tags(access, completion, &mut builder, &doomed).await;
                changed |= referrers::ask(access, completion, &mut builder, subjects).await;
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

/// Asks for each tag, once. These APIs delete a manifest with every tag that is really on it, whatever
/// their listings say, so the tags that stay are asked for as well.
async fn tags(
    access: RepositoryAccess<'_>,
    completion: &mut Completion,
    builder: &mut RepositoryBuilder,
    doomed: &[&DeletionCandidate<'_>],
) -> bool {
    let source = match builder.contents().capabilities.single_tags {
        SingleTags::Deleted => StatementSource::DocrTags,
        SingleTags::Kept => StatementSource::GhcrVersions,
        // Without a management API each tag was resolved by the OCI side in the first place.
        SingleTags::Perhaps => return false,
    };
    let repository = builder.contents().repository.clone();
    let mut wanted: Vec<(TagName, Digest)> = Vec::new();
    let mut want = |tag: &TagName, digest: &Digest| {
        let reference = TagReference { repository: repository.clone(), tag: tag.clone() };
        if completion.tags.insert(reference) {
            wanted.push((tag.clone(), digest.clone()));
        }
    };
    for doomed in doomed {
        doomed.tags.iter().for_each(|tag| want(tag, doomed.digest));
    }
    for record in builder.records.values() {
        record.tags.iter().for_each(|tag| want(&tag.name, &record.digest));
    }
    access.collector.progress.expect(wanted.len(), "tags");
    let answers: Vec<_> = stream::iter(wanted)
        .map(|(tag, listed)| async move {
            let answer = tag_digest(access.reader.registry, access.path, &tag).await;
            access.collector.progress.advance();
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
                let mut said = vec![
                    (source, TagStatement::PointsTo(listed)),
                    (StatementSource::Head, TagStatement::of(found.as_ref())),
                ];
                said.extend(
                    found.is_none().then_some((StatementSource::Get, TagStatement::Missing)),
                );
                latest::contradict(access, builder, Contradiction { tag, statements: said }).await;
            }
            Err(error) => builder.unread(error.to_unread()),
        }
        changed = true;
    }
    changed
}
