//! What refers to manifests that would go or went before, by the referrers API: it goes with them,
//! or says that nothing may go.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::AT_ONCE;
use super::builder::RepositoryBuilder;
use super::completion::Completion;
use super::follow::{self, RepositoryAccess};
use crate::model::{Descriptor, Digest};
use crate::registry::RegistryError;

type Answer = Result<Option<Vec<Descriptor>>, RegistryError>;

/// Asks what refers to each manifest, once; true if that told anything new.
///
/// A referrer that is there has the links that its own bytes say. One that is listed and gone is
/// gone: such lists are kept in a hurry.
pub(super) async fn ask(
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

/// The first is asked alone: where there is no such API, that was the last question.
async fn answers(access: RepositoryAccess<'_>, wanted: BTreeSet<Digest>) -> Vec<Answer> {
    let (registry, mut rest) = (access.reader.registry, wanted.into_iter());
    let Some(first) = rest.next() else {
        return Vec::new();
    };
    let first = registry.referrer_list(access.path, &first).await;
    if matches!(first, Ok(None)) {
        return vec![first];
    }
    access.collector.progress.expect(rest.len(), "referrers");
    let asked = stream::iter(rest).map(|digest| async move {
        let answer = registry.referrer_list(access.path, &digest).await;
        access.collector.progress.advance();
        answer
    });
    let mut answers: Vec<Answer> = asked.buffer_unordered(AT_ONCE).collect().await;
    answers.push(first);
    answers
}
