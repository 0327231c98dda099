//! Reads the referrers of deletion candidates, and of manifests that an earlier run deleted, since they
//! are deleted too. If they cannot be read, nothing is deleted.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Stage};
use super::builder::RepositoryBuilder;
use super::completion::Completion;
use super::follow::{self, RepositoryAccess};
use crate::model::{Descriptor, Digest};
use crate::registry::RequestError;

type Answer = Result<Option<Vec<Descriptor>>, RequestError>;

/// Reads the referrers of each manifest, once; true if that changed anything.
///
/// The references of a referrer are read from its own bytes. One that is listed but missing is ignored:
/// such lists may be outdated.
pub(super) async fn read(
    access: RepositoryAccess<'_>,
    completion: &mut Completion,
    builder: &mut RepositoryBuilder,
    subjects: BTreeSet<Digest>,
) -> bool {
    let repository = builder.contents().repository.clone();
    if !access.reader.registry.capabilities().lists_referrers
        || completion.without_referrers.contains(&repository.registry)
    {
        return false;
    }
    let new = |digest: &Digest| completion.subjects.insert((repository.clone(), digest.clone()));
    let wanted: BTreeSet<Digest> = subjects.into_iter().filter(new).collect();
    let answers = answers(access, wanted).await;
    let known = builder.records.len();
    let mut failed = false;
    let mut found: BTreeSet<Digest> = BTreeSet::new();
    for answer in answers {
        match answer {
            Ok(Some(referrers)) => found.extend(referrers.into_iter().map(|one| one.digest)),
            Ok(None) => {
                completion.without_referrers.insert(repository.registry.clone());
            }
            Err(error) => {
                builder.unread(error.to_unread());
                failed = true;
            }
        }
    }
    follow::read_unlisted(access, builder, found).await;
    failed || builder.records.len() > known
}

/// The first request is sent alone: without a referrers API it is the only one.
async fn answers(access: RepositoryAccess<'_>, wanted: BTreeSet<Digest>) -> Vec<Answer> {
    let (registry, mut rest) = (access.reader.registry, wanted.into_iter());
    let Some(first) = rest.next() else {
        return Vec::new();
    };
    let first = registry.referrer_list(access.path, &first).await;
    if matches!(first, Ok(None)) {
        return vec![first];
    }
    access.collector.progress.expect(rest.len(), Stage::Referrers);
    let asked = stream::iter(rest).map(|digest| async move {
        let answer = registry.referrer_list(access.path, &digest).await;
        access.collector.progress.advance(Stage::Referrers);
        answer
    });
    let mut answers: Vec<Answer> = asked.buffer_unordered(AT_ONCE).collect().await;
    answers.push(first);
    answers
}
