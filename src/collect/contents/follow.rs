//! Reads manifests, then what they refer to, until nothing new comes up. Each digest is read once;
//! a manifest cannot refer to itself, and what was met before is not followed again.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use super::super::reader::{ContentReader, ReadManifest};
use super::super::{AT_ONCE, Collector};
use super::holding::Holding;
use super::named::NamedBy;
use crate::model::{
    Claim, Digest, Doubt, Links, Manifest, ManifestRead, RepositoryPath, Unread, UnreadCause,
};
use crate::registry::RegistryError;

/// A repository, to be asked.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) collector: Collector<'a>,
    pub(super) reader: ContentReader<'a>,
    pub(super) path: &'a RepositoryPath,
}

/// How it is known that a manifest which nobody listed is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proof {
    /// It was there when it was read, perhaps in another run. For children that only their index
    /// names this saves a request each: whoever deletes one is told if it is gone already.
    CacheWillDo,
    /// The registry is asked.
    Asked,
}

/// What came of looking for a manifest; of its bytes only this is kept.
enum Found {
    Read { links: Links, bytes: u64, doubt: Option<String>, named: NamedBy },
    NotJson,
    Gone,
    Unread(Unread),
}

/// Reads every record that is there, and follows.
pub(super) async fn listed(place: Place<'_>, holding: &mut Holding, proof: Proof) {
    let listed: BTreeMap<Digest, Proof> =
        holding.records.keys().map(|digest| (digest.clone(), Proof::CacheWillDo)).collect();
    let mut next = BTreeMap::new();
    for (digest, found) in look(place, listed).await {
        let found = match found {
            Found::Gone => Found::Unread(contradiction(place.path, &digest)),
            found => found,
        };
        keep(holding, &mut next, &digest, found);
    }
    walk(place, holding, next, proof).await;
}

/// Reads manifests that nobody listed, and follows. Says what became of them: those that are there
/// are in the records, the others are not.
pub(super) async fn unlisted(
    place: Place<'_>,
    holding: &mut Holding,
    digests: impl IntoIterator<Item = Digest>,
) {
    let wanted: BTreeMap<Digest, Proof> = digests
        .into_iter()
        .filter(|digest| !holding.records.contains_key(digest))
        .map(|digest| (digest, Proof::Asked))
        .collect();
    let mut next = BTreeMap::new();
    for (digest, found) in look(place, wanted).await {
        if !matches!(found, Found::Gone) {
            keep(holding, &mut next, &digest, found);
        }
    }
    walk(place, holding, next, Proof::Asked).await;
}

/// Follows from wave to wave. Children are proved as the caller wants, subjects always: a cached
/// subject that is gone would be deleted again each night.
async fn walk(
    place: Place<'_>,
    holding: &mut Holding,
    mut next: BTreeMap<Digest, Proof>,
    children: Proof,
) {
    loop {
        next.retain(|digest, _| !holding.knows(digest));
        if next.is_empty() {
            return;
        }
        for proof in next.values_mut() {
            *proof = (*proof).max(children);
        }
        let wave = std::mem::take(&mut next);
        for (digest, found) in look(place, wave).await {
            keep(holding, &mut next, &digest, found);
        }
    }
}

async fn look(place: Place<'_>, digests: BTreeMap<Digest, Proof>) -> Vec<(Digest, Found)> {
    place.collector.progress.expect(digests.len(), "manifests");
    stream::iter(digests)
        .map(|(digest, proof)| async move {
            let found = match read(place, &digest, proof).await {
                Ok(Some(ReadManifest::Json { read, bytes })) => Found::Read {
                    links: Links::of(&read.manifest),
                    bytes: size(&read, bytes),
                    named: NamedBy::new(&read.manifest),
                    doubt: read.doubt,
                },
                Ok(Some(ReadManifest::NotJson)) => Found::NotJson,
                Ok(None) => Found::Gone,
                Err(error) => Found::Unread(error.to_unread()),
            };
            place.collector.progress.advance();
            (digest, found)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

async fn read(
    place: Place<'_>,
    digest: &Digest,
    proof: Proof,
) -> Result<Option<ReadManifest>, RegistryError> {
    if proof == Proof::Asked && !place.reader.manifest_is_there(place.path, digest).await? {
        return Ok(None);
    }
    place.reader.manifest_read(place.path, digest).await
}

/// Notes what was found, and what it leads to.
fn keep(holding: &mut Holding, next: &mut BTreeMap<Digest, Proof>, digest: &Digest, found: Found) {
    match found {
        Found::Gone => {
            holding.gone.insert(digest.clone());
        }
        Found::Unread(why) => {
            holding.gone.remove(digest);
            holding.record(digest).links = Links::Unread;
            holding.unread(why);
        }
        Found::NotJson => {
            holding.gone.remove(digest);
            holding.record(digest).links = Links::NotJson;
            holding.doubt(Doubt::NotJson(digest.clone()));
        }
        Found::Read { links, bytes, doubt, named } => {
            holding.gone.remove(digest);
            holding.names(digest, named);
            for child in links.children() {
                next.entry(child.clone()).or_insert(Proof::CacheWillDo);
            }
            next.extend(links.subject().map(|subject| (subject.clone(), Proof::Asked)));
            let record = holding.record(digest);
            record.links = links;
            record.bytes = record.bytes.or(Some(bytes));
            if let Some(how) = doubt {
                record.claim = Claim::Misdeclared;
                holding.doubt(Doubt::Shape(digest.clone(), how));
            }
        }
    }
}

/// The size of a manifest with its config and layers; children have records of their own. Sizes
/// are the publisher's word, so they may be anything.
fn size(read: &ManifestRead, bytes: u64) -> u64 {
    match &read.manifest {
        Manifest::Index(_) => bytes,
        Manifest::Image(_) => {
            read.manifest.blobs().fold(bytes, |sum, blob| sum.saturating_add(blob.size))
        }
    }
}

/// Listed, and not there when it is read: nobody knows who is right.
pub(super) fn contradiction(path: &RepositoryPath, digest: &Digest) -> Unread {
    Unread {
        cause: UnreadCause::Unreachable,
        message: format!("{path}: {} is listed, and the registry does not have it", digest.short()),
        hint: Some("try again when nobody pushes or deletes".to_owned()),
    }
}
