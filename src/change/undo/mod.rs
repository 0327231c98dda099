//! Puts back what a journal says was deleted: what is listed before what lists it, then the tags.
//!
//! What is there already is left as it is, and a tag that points elsewhere by now stays there, so
//! that undoing twice is harmless.

mod outcome;
mod repository;

use std::collections::BTreeMap;

use super::access::RegistryAccess;
use super::journal::{JournalRecords, JournalStep};
use super::stop::Stop;
use crate::collect::Collector;
use crate::model::Repository;
use crate::policy::Policy;

pub use outcome::{Restoration, TagSetter, Undone, UndoneManifest, UndoneTag};

use repository::{RepositoryUndo, repository_undo};

/// What undoing needs.
#[derive(Clone, Copy)]
pub struct UndoJob<'a> {
    /// The registries, and who is told how far it is.
    pub collector: Collector<'a>,
    /// The policy: nothing is pushed to a repository that it does not have.
    pub policy: &'a Policy,
    /// What was deleted.
    pub journal: &'a JournalRecords,
    /// Once it is set nothing new is begun.
    pub stop: &'a Stop,
}

/// Puts back what a journal says was deleted.
pub async fn undo(job: &UndoJob<'_>) -> Undone {
    let mut places: BTreeMap<&Repository, Vec<&JournalStep>> = BTreeMap::new();
    for step in &job.journal.steps {
        places.entry(&step.repository).or_default().push(step);
    }
    let mut undone = Undone::default();
    for (written, steps) in places {
        // What a registry wants to be waited for is not waited for once somebody asked to stop.
        let (manifests, all) = tokio::select! {
            biased;
            done = one(job, written, &steps) => done,
            () = job.stop.grace_over() => (Vec::new(), false),
        };
        undone.manifests.extend(manifests);
        undone.interrupted |= !all;
    }
    undone
}

/// One repository, and whether everything in it was reached.
async fn one(
    job: &UndoJob<'_>,
    written: &Repository,
    steps: &[&JournalStep],
) -> (Vec<UndoneManifest>, bool) {
    let failed = |why: &str| (outcome::all_failed(written, steps, why), true);
    // The policy may call the registry otherwise by now; what counts is where it is.
    let same = |known: &&Repository| known.host == written.host && known.path == written.path;
    let Some(repository) = job.policy.repositories.keys().find(same) else {
        return failed(&format!("{written} is in no image of the policy"));
    };
    let connections = job.collector.connections;
    let Some(access) = RegistryAccess::of(connections, &repository.registry) else {
        return failed("the policy has no such registry");
    };
    let (stop, progress) = (job.stop, job.collector.progress);
    let lost = job.journal.lost_latest_tags(written);
    repository_undo(&RepositoryUndo { access, repository, steps, lost: &lost, stop, progress })
        .await
}
