//! Reads everything in the repositories of a policy: the manifests, their tags and their references.
//! Nothing is decided here: what could not be read is part of the result.
//!
//! `listing` lists tags and manifests, `latest` compares the listing with the latest tags, `builder`
//! collects the records, `follow` reads manifests and their references, `named` finds manifests that
//! others reference as a wrong type, `times` reads build times, and `earlier` reads what interrupted
//! runs left. Once there is a plan, `complete` (with `referrers`) reads what it depends on, and `confirm`
//! checks that what a rollback needs exists.

mod builder;
mod complete;
mod completion;
mod confirm;
mod earlier;
mod follow;
mod latest;
mod listing;
mod named;
mod referrers;
mod stored;
mod times;

use futures_util::{StreamExt as _, stream};

use super::Collector;
use crate::model::{
    Contents, ContentsCoverage, ImageName, PushTimes, Repository, RepositoryContents,
    StoredContent, Unfinished,
};
use crate::policy::Policy;
use crate::registry::Backend;

pub use complete::{DeletionCandidate, complete};
pub use completion::Completion;
pub use confirm::confirm;

use builder::RepositoryBuilder;

/// How many repositories are read at once; requests within each are limited too.
const REPOSITORIES_AT_ONCE: usize = 8;

/// The policy to read the contents for, and what earlier runs left unfinished.
#[derive(Debug, Clone, Copy)]
pub struct ContentsQuestion<'a> {
    /// The policy whose repositories are read.
    pub policy: &'a Policy,
    /// From journals of interrupted runs: manifests that they deleted, with the children of these.
    pub unfinished: &'a [Unfinished],
}

/// Reads every repository of a policy. The result does not depend on the order of answers.
pub async fn contents(collector: Collector<'_>, question: &ContentsQuestion<'_>) -> Contents {
    let policy = question.policy;
    let reads: Vec<_> = policy
        .repositories
        .iter()
        .map(|(repository, image)| read(collector, question, repository, image))
        .collect();
    let mut repositories: Vec<RepositoryContents> =
        stream::iter(reads).buffer_unordered(REPOSITORIES_AT_ONCE).collect().await;
    repositories.sort_by(|a, b| a.repository.cmp(&b.repository));
    Contents { repositories }
}

async fn read(
    collector: Collector<'_>,
    question: &ContentsQuestion<'_>,
    repository: &Repository,
    image: &ImageName,
) -> RepositoryContents {
    let backend = collector.connections.registry(&repository.registry);
    let capabilities = backend.map(Backend::capabilities).unwrap_or_default();
    let mut builder = RepositoryBuilder::new(RepositoryContents {
        repository: repository.clone(),
        image: image.clone(),
        capabilities,
        coverage: ContentsCoverage::Complete,
        push_times: PushTimes::Unknown,
        manifests: Vec::new(),
        missing: Vec::new(),
        deleted_earlier: Vec::new(),
        orphaned: Vec::new(),
        inconsistencies: Vec::new(),
        stored: StoredContent::default(),
    });
    let listed = listing::read(collector, &mut builder).await;
    if matches!(listed, listing::ListingSource::Manifests) {
        builder.set_push_times(capabilities.push_times);
    }
    let reader = match collector.reader(&repository.registry) {
        Ok(reader) => reader,
        Err(error) => {
            builder.unlisted(error.to_unread());
            return builder.into_contents();
        }
    };
    let access = follow::RepositoryAccess { collector, reader, path: &repository.path };
    if builder.is_listed() {
        latest::compare(access, &mut builder, question.policy, &listed).await;
    }
    if builder.is_listed() {
        let check = match listed {
            listing::ListingSource::Manifests => follow::ExistenceCheck::Registry,
            listing::ListingSource::Tags { .. } => follow::ExistenceCheck::Cache,
        };
        follow::read_listed(access, &mut builder, check).await;
        earlier::read(access, &mut builder, question.unfinished).await;
        let wanted = times::wanted(question.policy, repository);
        times::read(access, &mut builder, wanted).await;
    }
    builder.into_contents()
}
