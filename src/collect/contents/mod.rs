//! Reads everything in the repositories of a policy: the manifests, their tags, and what they
//! refer to. Decides nothing: what could not be read is part of the value.
//!
//! `listing` says what there is, `latest` compares that with what the latest tags point to, `holding`
//! gathers it, `follow` reads manifests and whatever they lead to, `named` compares what they are
//! with what they are named as, `times` reads build times, `earlier` looks after runs that broke off,
//! and `complete` asks what only a plan makes worth asking (`referrers` for its part), as `prove`
//! does of what a rollback would need.

mod complete;
mod earlier;
mod follow;
mod holding;
mod latest;
mod listing;
mod named;
mod prove;
mod referrers;
mod times;

use futures_util::{StreamExt as _, stream};

use super::Collector;
use crate::model::{
    Abilities, Contents, ImageName, PushTimes, Reach, Repository, RepositoryContents, SingleTags,
    Unfinished,
};
use crate::policy::{Policy, RegistryKind};

pub use complete::{Completion, Doomed, complete};
pub use prove::prove;

use holding::Holding;

/// How many repositories are read at once; within each, questions are bounded too.
const REPOSITORIES_AT_ONCE: usize = 8;

/// What else collecting is told.
#[derive(Debug, Clone, Copy)]
pub struct ContentsQuestion<'a> {
    /// The policy whose repositories are read.
    pub policy: &'a Policy,
    /// From journals of runs that broke off: manifests they deleted, with what those referred to.
    pub unfinished: &'a [Unfinished],
}

/// Reads every repository of a policy. Input order does not change the value.
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
    let mut holding = Holding::new(RepositoryContents {
        repository: repository.clone(),
        image: image.clone(),
        abilities: abilities(question.policy, repository),
        reach: Reach::Whole,
        push_times: PushTimes::Untold,
        manifests: Vec::new(),
        gone: Vec::new(),
        deleted_before: Vec::new(),
        abandoned: Vec::new(),
        doubts: Vec::new(),
    });
    let listed = listing::read(collector, &mut holding).await;
    if matches!(listed, listing::Listed::Manifests) {
        holding.times_belong(collector.connections.push_times(&repository.registry));
    }
    let reader = match collector.reader(&repository.registry) {
        Ok(reader) => reader,
        Err(error) => {
            holding.unlisted(error.to_unread());
            return holding.into_contents();
        }
    };
    let place = follow::Place { collector, reader, path: &repository.path };
    if holding.is_listed() {
        latest::compare(place, &mut holding, question.policy, &listed).await;
    }
    if holding.is_listed() {
        let proof = match listed {
            listing::Listed::Manifests => follow::Proof::Asked,
            listing::Listed::Tags { .. } => follow::Proof::CacheWillDo,
        };
        follow::listed(place, &mut holding, proof).await;
        earlier::look(place, &mut holding, question.unfinished).await;
        let wanted = times::wanted(question.policy, repository);
        times::read(place, &mut holding, wanted).await;
    }
    holding.into_contents()
}

/// What a registry can take away, by its kind.
fn abilities(policy: &Policy, repository: &Repository) -> Abilities {
    let kind = policy.registries.get(&repository.registry).map(|registry| registry.kind);
    let single_tags = match kind {
        Some(RegistryKind::Docr) => SingleTags::Deleted,
        Some(RegistryKind::Ghcr) => SingleTags::Kept,
        Some(RegistryKind::Oci) | None => SingleTags::Perhaps,
    };
    Abilities { single_tags, keeps_last_tagged: kind == Some(RegistryKind::Ghcr) }
}
