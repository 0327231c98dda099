//! Asks what only a plan makes worth asking: what the tags of doomed manifests point to by the OCI
//! side, and what refers to doomed manifests.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector};
use super::follow::Place;
use super::holding::Holding;
use super::{latest, referrers};
use crate::model::{
    Contents, Contradiction, Digest, RegistryName, Repository, Said, SingleTags, Source, TagName,
    TagReference,
};
use crate::registry::tag_digest;

/// A manifest that would go.
#[derive(Debug, Clone, Copy)]
pub struct Doomed<'a> {
    /// Where it is.
    pub repository: &'a Repository,
    /// Its digest.
    pub digest: &'a Digest,
    /// Its tags.
    pub tags: &'a [TagName],
}

/// What was asked already, so that deciding again does not ask again.
#[derive(Debug, Default)]
pub struct Completion {
    tags: BTreeSet<TagReference>,
    pub(super) subjects: BTreeSet<(Repository, Digest)>,
    /// What was asked for by its digest.
    pub(super) proved: BTreeSet<(Repository, Digest)>,
    /// Registries that said that they have no referrers API.
    pub(super) without_referrers: BTreeSet<RegistryName>,
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
    doomed: &[Doomed<'_>],
) -> bool {
    let mut changed = false;
    for repository in std::mem::take(&mut contents.repositories) {
        let at = repository.repository.clone();
        let doomed: Vec<&Doomed<'_>> =
            doomed.iter().filter(|doomed| *doomed.repository == at).collect();
        let mut holding = Holding::new(repository);
        // What is about a manifest that an earlier run deleted goes as well, and only this tells.
        let subjects: BTreeSet<Digest> = doomed
            .iter()
            .map(|doomed| doomed.digest)
            .chain(&holding.deleted_before)
            .cloned()
            .collect();
        match collector.reader(&at.registry) {
            _ if subjects.is_empty() => {}
            Ok(reader) => {
                let place = Place { collector, reader, path: &at.path };
                changed |= tags(place, completion, &mut holding, &doomed).await;
                changed |= referrers::ask(place, completion, &mut holding, subjects).await;
            }
            Err(error) => {
                holding.unread(error.to_unread());
                changed = true;
            }
        }
        contents.repositories.push(holding.into_contents());
    }
    changed
}

/// Asks for each tag, once. These APIs delete a manifest with every tag that is really on it, whatever
/// their listings say, so the tags that stay are asked for as well.
async fn tags(
    place: Place<'_>,
    completion: &mut Completion,
    holding: &mut Holding,
    doomed: &[&Doomed<'_>],
) -> bool {
    let source = match holding.frame().abilities.single_tags {
        SingleTags::Deleted => Source::DocrTags,
        SingleTags::Kept => Source::GhcrVersions,
        // Without a management API each tag was resolved by the OCI side in the first place.
        SingleTags::Perhaps => return false,
    };
    let repository = holding.frame().repository.clone();
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
    for record in holding.records.values() {
        record.tags.iter().for_each(|tag| want(&tag.name, &record.digest));
    }
    place.collector.progress.expect(wanted.len(), "tags");
    let answers: Vec<_> = stream::iter(wanted)
        .map(|(tag, listed)| async move {
            let answer = tag_digest(place.reader.registry.as_ref(), place.path, &tag).await;
            place.collector.progress.advance();
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
                    (source, Said::PointsTo(listed)),
                    (Source::Head, Said::of(found.as_ref())),
                ];
                said.extend(found.is_none().then_some((Source::Get, Said::Missing)));
                latest::contradict(place, holding, Contradiction { tag, said }).await;
            }
            Err(error) => holding.unread(error.to_unread()),
        }
        changed = true;
    }
    changed
}
