//! Confirms deletions by reading again: a registry that accepts a deletion may keep the manifest, and one
//! that answers with an error may have deleted it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::attempt::{Attempt, Outcome};
use super::run::Run;
use super::tag_checks::tags_find;
use super::untag::{ManifestFate, TagRemoval};
use crate::change::access::Failure;
use crate::change::result::{ApplyResult, FailureCause};
use crate::model::Digest;
use crate::registry::{ManifestListing, RequestError};
use crate::retention::PlanEntry;

/// How many requests are sent at once.
const AT_ONCE: usize = 16;

/// How long a final check may take after a requested stop.
pub(super) const FINAL_CHECK_TIMEOUT: Duration = Duration::from_secs(8);

impl Run<'_> {
    /// Reads the results of a wave, and records them.
    pub(super) async fn confirm(&self, wave: &[&PlanEntry]) {
        let open = |entry: &&&PlanEntry| {
            let outcomes = self.outcomes();
            let outcome = outcomes.get(&entry.digest);
            outcome.is_some_and(Outcome::is_open)
        };
        let open: Vec<&PlanEntry> = wave.iter().filter(open).copied().collect();
        let there = self.presence(&open).await;
        for entry in open {
            let Some(outcome) = self.outcomes().remove(&entry.digest) else { continue };
            let outcome = match there.get(&entry.digest) {
                Some(Ok(false)) => deleted(&outcome),
                Some(Ok(true)) => self.still_there(entry, outcome).await,
                Some(Err(failure)) => unseen(outcome, failure),
                None => outcome,
            };
            self.outcomes().insert(entry.digest.clone(), outcome);
        }
        self.record_results(wave.iter().map(|entry| &entry.digest));
    }

    /// Checks whether an earlier, unclear attempt deleted the manifest, if the last one ended otherwise.
    pub(super) async fn seen_after(
        &self,
        entry: &PlanEntry,
        outcome: Outcome,
        mut attempt: Attempt,
    ) -> Outcome {
        match attempt.unclear.take() {
            Some(failure) if !outcome.is_open() => {
                match self.by_digest(&entry.digest, self.task.journal.is_stopping()).await {
                    Ok(false) => deleted(&Outcome::Unclear(failure)),
                    Ok(true) | Err(_) => outcome,
                }
            }
            _ => outcome,
        }
    }

    /// Which of these still exist: by a listing of the repository, else by their digests.
    async fn presence(&self, open: &[&PlanEntry]) -> BTreeMap<Digest, Result<bool, Failure>> {
        if open.is_empty() {
            return BTreeMap::new();
        }
        let (access, path) = (self.task.access, &self.task.repository.path);
        let listing = self.task.waits.unless_stopped(access.registry.manifest_list(path));
        let listing = listing.await.ok().flatten();
        let unlisted = self.unlisted().await;
        let gone = |entry: &PlanEntry| match &listing {
            Some(ManifestListing { manifests, contradictions, broken: None }) => {
                contradictions.is_empty()
                    && !unlisted.contains(&entry.digest)
                    && !manifests.iter().any(|listed| listed.digest == entry.digest)
            }
            _ => false,
        };
        let stopping = self.task.journal.is_stopping();
        stream::iter(open.iter().copied())
            .map(|entry| async move {
                let there = if gone(entry) {
                    Ok(false)
                } else {
                    self.by_digest(&entry.digest, stopping).await
                };
                (entry.digest.clone(), there)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    }

    async fn by_digest(&self, digest: &Digest, stopping: bool) -> Result<bool, Failure> {
        let has = self.task.access.has(&self.task.repository.path, digest);
        if !stopping {
            return has.await.map_err(Failure::from);
        }
        match tokio::time::timeout(FINAL_CHECK_TIMEOUT, has).await {
            Ok(there) => there.map_err(Failure::from),
            Err(_) => Err(Failure::registry("there was no time left to check")),
        }
    }

    /// The outcome of a manifest that still exists after its deletion.
    async fn still_there(&self, entry: &PlanEntry, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Accepted => self.delete_by_tags(entry).await,
            Outcome::Unclear(failure) => self.after_failed_deletion(entry, failure).await,
            other => other,
        }
    }

    /// The registry accepted the deletion and still has the manifest: deletes its tags one by one.
    async fn delete_by_tags(&self, entry: &PlanEntry) -> Outcome {
        const STILL: &str = "the deletion was accepted, but it is still there";
        let failed = |why: String| Outcome::failed(Failure::registry(why));
        let (all, manifest) = (entry.tags.as_slice(), ManifestFate::Goes);
        for tag in all {
            let one = TagRemoval { entry, all, tag, manifest };
            match self.untag_one(one, &mut Attempt::new(Vec::new())).await {
                Ok(Outcome::Known(ApplyResult::Untagged | ApplyResult::AlreadyGone, _)) => {}
                Ok(other) => {
                    return failed(format!("{STILL}; its tags: {}", other.into_result(false).1));
                }
                Err(_) => return failed(STILL.to_owned()),
            }
        }
        match self.by_digest(&entry.digest, false).await {
            Ok(false) => {
                let message = "deleted tag by tag, since the registry had accepted the deletion \
                               of the manifest without doing it";
                Outcome::Known(ApplyResult::Deleted, message.to_owned())
            }
            Ok(true) if all.is_empty() => failed(STILL.to_owned()),
            Ok(true) => {
                Outcome::Known(ApplyResult::Untagged, format!("{STILL}; its tags were deleted"))
            }
            Err(failure) => failed(format!("{STILL}: {}", failure.message)),
        }
    }

    /// The deletion failed and the manifest exists: reads whether its tags were deleted.
    async fn after_failed_deletion(&self, entry: &PlanEntry, failure: Failure) -> Outcome {
        let path = &self.task.repository.path;
        let Ok((found, _)) = tags_find(self.task.access, path, &entry.tags).await else {
            return Outcome::failed(failure);
        };
        let gone: Vec<&str> =
            found.iter().filter(|(_, now)| now.is_none()).map(|(tag, _)| tag.as_str()).collect();
        if gone.is_empty() {
            return Outcome::failed(failure);
        }
        let Failure { cause, message } = failure;
        let message = format!("{message}; its tags were deleted: {}", gone.join(", "));
        if gone.len() == found.len() {
            return Outcome::Known(ApplyResult::Untagged, message);
        }
        Outcome::failed(Failure { cause, message })
    }

    /// Records the known results of recorded steps.
    fn record_results<'d>(&self, digests: impl Iterator<Item = &'d Digest>) {
        let recorded = self.recorded();
        let outcomes = self.outcomes();
        for digest in digests.filter(|digest| recorded.contains(*digest)) {
            if let Some(Outcome::Known(result, message)) = outcomes.get(digest) {
                self.task.journal.result(self.task.repository, digest, (*result, message));
            }
        }
    }

    async fn unlisted(&self) -> BTreeSet<Digest> {
        let snapshot = self.snapshot().await;
        snapshot.map(|snapshot| snapshot.state.unlisted.clone()).unwrap_or_default()
    }

    /// Whether a manifest exists: by the management API's listing, or by its digest.
    pub(super) async fn is_there(&self, digest: &Digest) -> Result<bool, RequestError> {
        let (access, path) = (self.task.access, &self.task.repository.path);
        let listing = if self.unlisted().await.contains(digest) {
            None
        } else {
            access.registry.manifest_list(path).await
        };
        let Some(listing) = listing else {
            return access.has(path, digest).await;
        };
        if listing.manifests.iter().any(|manifest| manifest.digest == *digest) {
            return Ok(true);
        }
        listing.broken.map_or(Ok(false), Err)
    }
}

/// The outcome of a manifest that no longer exists.
fn deleted(outcome: &Outcome) -> Outcome {
    let message = match outcome {
        Outcome::Unclear(failure) | Outcome::Refused(failure) => {
            format!("deleted, although the answer was: {}", failure.message)
        }
        _ => "deleted".to_owned(),
    };
    Outcome::Known(ApplyResult::Deleted, message)
}

/// The outcome of a manifest that could not be checked.
fn unseen(outcome: Outcome, failure: &Failure) -> Outcome {
    match outcome {
        Outcome::Unclear(first) => Outcome::failed(first),
        Outcome::Refused(_) => outcome,
        _ => Outcome::Known(
            ApplyResult::Failed(FailureCause::Registry),
            format!("accepted, but it is unknown whether it was deleted: {}", failure.message),
        ),
    }
}
