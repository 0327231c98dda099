//! Restores what a run deleted, from its journal: children before their index, then the tags.
//!
//! Existing manifests are not changed, and a tag that points elsewhere by now is not moved, so that a second
//! undo is harmless.

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

/// The input of an undo.
#[derive(Clone, Copy)]
pub struct UndoJob<'a> {
    /// The registries, and the receiver of the progress.
    pub collector: Collector<'a>,
    /// The policy: nothing is pushed to a repository that it does not have.
    pub policy: &'a Policy,
    /// The journal of the run.
    pub journal: &'a JournalRecords,
    /// After a requested stop nothing new is started.
    pub stop: &'a Stop,
}

/// Restores what a run deleted, from its journal.
pub async fn undo(job: &UndoJob<'_>) -> Undone {
    let mut places: BTreeMap<&Repository, Vec<&JournalStep>> = BTreeMap::new();
    for step in &job.journal.steps {
        places.entry(&step.repository).or_default().push(step);
    }
    let mut undone = Undone::default();
    for (written, steps) in places {
        // After a requested stop it does not wait as long as a registry asks.
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

/// Restores one repository; returns whether everything in it was reached.
async fn one(
    job: &UndoJob<'_>,
    written: &Repository,
    steps: &[&JournalStep],
) -> (Vec<UndoneManifest>, bool) {
    let failed = |why: &str| (outcome::all_failed(written, steps, why), true);
    // The registry may have another name in the policy by now, so its address is compared.
    let known = job.policy.repository_at(&written.host, written.path.as_str());
    let Some(repository) = &known else {
        return failed(&format!("no image of the policy has the repository {written}"));
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
