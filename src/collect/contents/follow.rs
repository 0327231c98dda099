//! Reads manifests, then what they refer to, until nothing is left to read. Each digest is read once.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use super::super::reader::{ContentReader, ReadManifest};
use super::super::{AT_ONCE, Collector, Stage};
use super::builder::RepositoryBuilder;
use super::named::ManifestNames;
use crate::model::{
    Digest, Inconsistency, Manifest, ManifestRead, References, RepositoryPath, TagAgreement,
    Unread, UnreadCause,
};
use crate::registry::RequestError;

/// Access to one repository.
#[derive(Clone, Copy)]
pub(super) struct RepositoryAccess<'a> {
    pub(super) collector: Collector<'a>,
    pub(super) reader: ContentReader<'a>,
    pub(super) path: &'a RepositoryPath,
}

/// How the existence of a manifest that is not listed is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ExistenceCheck {
    /// It exists if it is cached, perhaps by another run. This saves a request for each child that only its
    /// index references; deleting one that no longer exists is harmless.
    Cache,
    /// A request to the registry.
    Registry,
}

/// The result of reading a manifest; its bytes are not kept.
enum ManifestLookup {
    Read { read: Box<ManifestRead>, bytes: u64 },
    NotJson,
    Missing,
    Unread(Unread),
}

/// Reads every listed manifest, and what it refers to.
pub(super) async fn read_listed(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    check: ExistenceCheck,
) {
    let listed: BTreeMap<Digest, ExistenceCheck> =
        builder.records.keys().map(|digest| (digest.clone(), ExistenceCheck::Cache)).collect();
    let mut next = BTreeMap::new();
    read_each(access, listed, |digest, found| {
        let found = match found {
            ManifestLookup::Missing => ManifestLookup::Unread(contradiction(access.path, digest)),
            found => found,
        };
        record(builder, &mut next, digest, found);
    })
    .await;
    walk(access, builder, next, check).await;
}

/// Reads manifests that are not listed, and what they refer to. Those that exist are added to the
/// records.
pub(super) async fn read_unlisted(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    digests: impl IntoIterator<Item = Digest>,
) {
    let wanted: BTreeMap<Digest, ExistenceCheck> = digests
        .into_iter()
        .filter(|digest| !builder.records.contains_key(digest))
        .map(|digest| (digest, ExistenceCheck::Registry))
        .collect();
    let mut next = BTreeMap::new();
    read_each(access, wanted, |digest, found| {
        if !matches!(found, ManifestLookup::Missing) {
            record(builder, &mut next, digest, found);
        }
    })
    .await;
    walk(access, builder, next, ExistenceCheck::Registry).await;
}

/// Reads the references, level by level. Subjects are always checked at the registry: a cached subject
/// that no longer exists would be deleted again in each run.
async fn walk(
    access: RepositoryAccess<'_>,
    builder: &mut RepositoryBuilder,
    mut next: BTreeMap<Digest, ExistenceCheck>,
    children: ExistenceCheck,
) {
    loop {
        next.retain(|digest, _| !builder.knows(digest));
        if next.is_empty() {
            return;
        }
        for check in next.values_mut() {
            *check = (*check).max(children);
        }
        let level = std::mem::take(&mut next);
        read_each(access, level, |digest, found| record(builder, &mut next, digest, found)).await;
    }
}

/// Reads manifests and passes each on, so that only what is needed of it stays in memory.
async fn read_each(
    access: RepositoryAccess<'_>,
    digests: BTreeMap<Digest, ExistenceCheck>,
    mut then: impl FnMut(&Digest, ManifestLookup),
) {
    access.collector.progress.expect(digests.len(), Stage::Manifests);
    let mut answers = stream::iter(digests)
        .map(|(digest, check)| async move {
            let found = match read(access, &digest, check).await {
                Ok(Some(ReadManifest::Json { read, bytes })) => {
                    ManifestLookup::Read { read, bytes }
                }
                Ok(Some(ReadManifest::NotJson)) => ManifestLookup::NotJson,
                Ok(None) => ManifestLookup::Missing,
                Err(error) => ManifestLookup::Unread(error.to_unread()),
            };
            access.collector.progress.advance(Stage::Manifests);
            (digest, found)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((digest, found)) = answers.next().await {
        then(&digest, found);
    }
}

async fn read(
    access: RepositoryAccess<'_>,
    digest: &Digest,
    check: ExistenceCheck,
) -> Result<Option<ReadManifest>, RequestError> {
    if check == ExistenceCheck::Registry
        && !access.reader.manifest_still_exists(access.path, digest).await?
    {
        return Ok(None);
    }
    access.reader.manifest_read(access.path, digest).await
}

/// Adds what was read, and the references to read next.
fn record(
    builder: &mut RepositoryBuilder,
    next: &mut BTreeMap<Digest, ExistenceCheck>,
    digest: &Digest,
    found: ManifestLookup,
) {
    match found {
        ManifestLookup::Missing => {
            builder.missing.insert(digest.clone());
        }
        ManifestLookup::Unread(why) => {
            builder.missing.remove(digest);
            builder.record(digest).references = References::Unread;
            builder.unread(why);
        }
        ManifestLookup::NotJson => {
            builder.missing.remove(digest);
            builder.record(digest).references = References::NotJson;
            builder.add_inconsistency(Inconsistency::NotJson(digest.clone()));
        }
        ManifestLookup::Read { read, bytes } => {
            builder.missing.remove(digest);
            builder.add_named(digest, ManifestNames::new(&read.manifest));
            let references = References::of(&read.manifest);
            let stored = builder.numbers.of(digest, bytes, &read.manifest);
            for child in references.children() {
                next.entry(child.clone()).or_insert(ExistenceCheck::Cache);
            }
            next.extend(
                references.subject().map(|subject| (subject.clone(), ExistenceCheck::Registry)),
            );
            let record = builder.record(digest);
            record.references = references;
            record.bytes = record.bytes.or(Some(size(&read, bytes)));
            record.stored = stored;
            if let Some(how) = read.inconsistency {
                record.agreement = TagAgreement::Misdeclared;
                builder.add_inconsistency(Inconsistency::Misdeclared(digest.clone(), how));
            }
        }
    }
}

/// The size of a manifest with its config and layers; children have their own records. The publisher
/// writes these sizes, so they may be any number.
fn size(read: &ManifestRead, bytes: u64) -> u64 {
    match &read.manifest {
        Manifest::Index(_) => bytes,
        Manifest::Image(_) => {
            read.manifest.blobs().fold(bytes, |sum, blob| sum.saturating_add(blob.size))
        }
    }
}

/// A manifest that is listed, but missing when it is read.
pub(super) fn contradiction(path: &RepositoryPath, digest: &Digest) -> Unread {
    Unread {
        cause: UnreadCause::Unreachable,
        message: format!("{path}: {} is listed, but the registry does not have it", digest.short()),
        hint: Some("try again when no push or deletion is running".to_owned()),
    }
}
