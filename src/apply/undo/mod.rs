//! Puts back what a journal says was deleted: what is listed before what lists it, then the tags.
//!
//! What is there already is left as it is, and a tag that points elsewhere by now stays there, so
//! that undoing twice is harmless.

mod outcome;
mod repository;

use std::collections::BTreeMap;

use super::journal::{Recorded, Step};
use super::site::Site;
use super::{FailureCause, Stop};
use crate::collect::Collector;
use crate::model::Repository;
use crate::policy::Policy;

pub use outcome::{Restoration, Undone, UndoneManifest, UndoneTag};

use repository::{Undoing, repository_undo};

/// What undoing needs.
#[derive(Clone, Copy)]
pub struct UndoJob<'a> {
    /// The registries, and who is told how far it is.
    pub collector: Collector<'a>,
    /// The policy: nothing is pushed to a repository that it does not have.
    pub policy: &'a Policy,
    /// What was deleted.
    pub journal: &'a Recorded,
    /// Once it is set nothing new is begun.
    pub stop: &'a Stop,
}

/// Puts back what a journal says was deleted.
pub async fn undo(job: &UndoJob<'_>) -> Undone {
    let mut places: BTreeMap<&Repository, Vec<&Step>> = BTreeMap::new();
    for step in &job.journal.steps {
        places.entry(&step.repository).or_default().push(step);
    }
    let mut undone = Undone::default();
    for (written, steps) in places {
        undone.manifests.extend(one(job, written, &steps).await);
    }
    let expected: usize = {
        let digests: std::collections::BTreeSet<_> =
            job.journal.steps.iter().map(|step| (&step.repository, &step.digest)).collect();
        digests.len()
    };
    undone.interrupted = undone.manifests.len() < expected;
    undone
}

async fn one(job: &UndoJob<'_>, written: &Repository, steps: &[&Step]) -> Vec<UndoneManifest> {
    // The policy may call the registry otherwise by now; what counts is where it is.
    let same = |known: &&Repository| known.host == written.host && known.path == written.path;
    let Some(repository) = job.policy.repositories.keys().find(same) else {
        let why = format!("{written} is in no image of the policy");
        return outcome::all_failed(written, steps, FailureCause::Registry, &why);
    };
    let connections = job.collector.connections;
    let push = match connections.push(&repository.registry) {
        Ok(push) => push,
        Err(error) => {
            let cause = FailureCause::Registry;
            return outcome::all_failed(repository, steps, cause, &error.to_string());
        }
    };
    let Some(site) = Site::of(connections, &repository.registry, push.as_ref()) else {
        let why = "the policy has no such registry";
        return outcome::all_failed(repository, steps, FailureCause::Registry, why);
    };
    let progress = job.collector.progress;
    repository_undo(&Undoing { site, repository, steps, stop: job.stop, progress }).await
}

#[cfg(test)]
pub(super) async fn repository_undo_for_tests(
    site: Site<'_>,
    repository: &Repository,
    recorded: &Recorded,
    stop: &Stop,
) -> Vec<UndoneManifest> {
    let steps: Vec<&Step> = recorded.steps.iter().collect();
    let progress = &crate::collect::NoProgress;
    repository_undo(&Undoing { site, repository, steps: &steps, stop, progress }).await
}
