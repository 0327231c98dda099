//! Processes one repository: reads it again, leaves out what changed, deletes wave after wave, and makes a
//! final check.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};

use super::attempt::{Attempt, Outcome};
use super::confirm::FINAL_CHECK_TIMEOUT;
use super::run::{PrepareError, Run, STALLED, Task};
use super::tag_checks::Sharing;
use super::untag::{ManifestFate, TagRemoval};
use super::waits::RunEnd;
use crate::change::result::{AppliedEntry, ApplyResult};
use crate::collect::Stage;
use crate::model::{Digest, TagName};
use crate::retention::{Decision, PlanEntry};

/// How many manifests of one repository are processed at once; the transport also limits the requests.
const AT_ONCE: usize = 8;

/// Up to this many tagged manifests are deleted one after the other, each after its own checks, so that it
/// is known with which of them a latest tag was deleted. More are deleted in parallel.
const ONE_BY_ONE: usize = 64;

/// Carries out the entries of a repository; those that were not started are missing in the result.
pub(super) async fn repository_apply(task: &Task<'_>) -> Vec<AppliedEntry> {
    let changed: Vec<&PlanEntry> =
        task.entries.iter().filter(|entry| entry.decision != Decision::Keep).collect();
    if changed.is_empty() || !task.journal.may_begin() {
        return Vec::new();
    }
    let mut results = match Run::prepare(task, &changed).await {
        Ok(run) => run.carry_out().await,
        Err(PrepareError::Ended(RunEnd::Stopped)) => {
            task.journal.may_begin();
            return Vec::new();
        }
        Err(PrepareError::Ended(RunEnd::Stalled)) => {
            let skipped = |entry: &&PlanEntry| {
                (entry.digest.clone(), (ApplyResult::Skipped, STALLED.to_owned()))
            };
            changed.iter().map(skipped).collect()
        }
        Err(PrepareError::Failed(failure)) => changed
            .iter()
            .map(|entry| {
                let message = format!("nothing is deleted here: {}", failure.message);
                (entry.digest.clone(), (ApplyResult::Failed(failure.cause), message))
            })
            .collect(),
    };
    let applied = |entry: &PlanEntry, (result, message): (ApplyResult, String)| AppliedEntry {
        repository: entry.repository.clone(),
        digest: entry.digest.clone(),
        result,
        message,
    };
    changed
        .into_iter()
        .filter_map(|entry| Some(applied(entry, results.remove(&entry.digest)?)))
        .collect()
}

impl Run<'_> {
    /// Deletes manifests in waves, then single tags.
    async fn carry_out(self) -> BTreeMap<Digest, (ApplyResult, String)> {
        let (deletes, untags): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .task
            .entries
            .iter()
            .filter(|entry| entry.decision != Decision::Keep)
            .map(|entry| (entry.digest.clone(), entry))
            .partition(|(_, entry)| entry.decision == Decision::Delete);
        self.task.progress.expect(deletes.len() + untags.len(), Stage::Deletions);
        for wave in self.order.waves(&deletes.keys().cloned().collect()) {
            let wave: Vec<&PlanEntry> =
                wave.iter().filter_map(|digest| deletes.get(digest).copied()).collect();
            self.wave(&wave).await;
        }
        // One by one, so that no further tag is deleted after a manifest was lost with its tag.
        for entry in untags.values() {
            let outcome = self.entry(entry, Sharing::Own).await;
            self.note(entry, outcome);
        }
        self.finish().await
    }

    /// Deletes manifests without tags in parallel, then those with tags, then confirms the results.
    async fn wave(&self, wave: &[&PlanEntry]) {
        let (tagged, untagged): (Vec<&PlanEntry>, Vec<&PlanEntry>) =
            wave.iter().partition(|entry| !entry.tags.is_empty());
        let (at_once, sharing) =
            if tagged.len() <= ONE_BY_ONE { (1, Sharing::Own) } else { (AT_ONCE, Sharing::Shared) };
        self.in_parallel(&untagged, (AT_ONCE, Sharing::Shared)).await;
        self.in_parallel(&tagged, (at_once, sharing)).await;
        self.confirm(wave).await;
    }

    async fn in_parallel(&self, entries: &[&PlanEntry], (at_once, sharing): (usize, Sharing)) {
        self.latest_tags.forget().await;
        stream::iter(entries)
            .for_each_concurrent(at_once, |entry| async move {
                let outcome = self.entry(entry, sharing).await;
                self.note(entry, outcome);
            })
            .await;
    }

    /// Carries out one entry; none if it was not started.
    async fn entry(&self, entry: &PlanEntry, sharing: Sharing) -> Option<Outcome> {
        if !self.task.journal.may_begin() {
            return None;
        }
        let outcome = match self.not_tried_because_of_others(entry) {
            Some(outcome) => outcome,
            None => match &entry.decision {
                Decision::Keep => return None,
                Decision::Delete => self.delete(entry, sharing).await?,
                Decision::Untag(tags) => self.untag(entry, tags).await?,
            },
        };
        self.count(&outcome);
        self.task.progress.advance(Stage::Deletions);
        Some(outcome)
    }

    /// The end of a repository: the last check, tags that were left behind, and the results.
    async fn finish(self) -> BTreeMap<Digest, (ApplyResult, String)> {
        self.final_check().await;
        let left_behind = self.tags_left_behind().await;
        let others_deleted = self
            .outcomes()
            .values()
            .any(|outcome| matches!(outcome, Outcome::Known(ApplyResult::Deleted, _)));
        let outcomes = std::mem::take(&mut *self.outcomes());
        let recorded = self.recorded();
        let mut results = BTreeMap::new();
        for (digest, outcome) in outcomes {
            let was_open = !matches!(outcome, Outcome::Known(..));
            let (result, mut message) = outcome.into_result(others_deleted);
            if let Some(more) = left_behind.get(&digest) {
                message = format!("{message}; {more}");
            }
            let untag = self.untag_step(&digest);
            if recorded.contains(&digest) && (was_open || untag.is_some()) {
                self.task.journal.result(self.task.repository, &digest, (result, &message));
            }
            results.insert(digest, (result, message));
        }
        results
    }

    /// Records what the latest tags point to after the last deletion.
    async fn final_check(&self) {
        if self.recorded().is_empty() {
            return;
        }
        let look =
            tokio::time::timeout(FINAL_CHECK_TIMEOUT, self.latest_tags.check(Sharing::Own)).await;
        if let Ok(Ok(look)) = look {
            self.task.journal.latest(self.task.repository, &look.seen);
        }
    }

    /// Deletes tags that are still listed although their manifests were deleted, as on some servers. Returns
    /// a message for each such manifest.
    async fn tags_left_behind(&self) -> BTreeMap<Digest, String> {
        let (access, path) = (self.task.access, &self.task.repository.path);
        let gone: Vec<&PlanEntry> = self
            .task
            .entries
            .iter()
            .filter(|entry| !entry.tags.is_empty())
            .filter(|entry| self.outcomes().get(&entry.digest).is_some_and(Outcome::is_gone))
            .collect();
        if access.lists_manifests() || gone.is_empty() || self.task.waits.is_stalled() {
            return BTreeMap::new();
        }
        let Ok(listing) = self.task.waits.within(access.registry.tag_list(path)).await else {
            return BTreeMap::new();
        };
        let listed: BTreeSet<TagName> = listing.tags.into_iter().map(|tag| tag.tag).collect();
        let mut said = BTreeMap::new();
        for entry in gone {
            let all = entry.tags.as_slice();
            for tag in all.iter().filter(|tag| listed.contains(*tag)) {
                let one = TagRemoval { entry, all, tag, manifest: ManifestFate::Gone };
                let outcome = self.untag_one(one, &mut Attempt::new(Vec::new())).await;
                let what = match outcome {
                    Ok(Outcome::Known(ApplyResult::Untagged, _)) => "was deleted",
                    Ok(Outcome::Known(ApplyResult::AlreadyGone, _)) => continue,
                    _ => "could not be deleted: it points to nothing",
                };
                said.insert(
                    entry.digest.clone(),
                    format!("its tag {tag} was still listed and {what}"),
                );
            }
        }
        said
    }
}
