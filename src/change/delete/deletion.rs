//! Deletes one manifest: waits, checks, records, sends and interprets the answer, in this order.

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::attempt::{Attempt, AttemptError, Outcome};
use super::run::Run;
use super::tag_checks::{CHECK_VALID_FOR, LatestTagsCheck, OwnTags, Sharing, tags_find};
use crate::change::access::Failure;
use crate::change::journal::StepAction;
use crate::model::{Digest, TagName};
use crate::registry::{
    DeletionAnswer, DeletionTarget, ErrorKind, ManifestToDelete, ReadyDeletion, RequestError,
    VersionManifest,
};
use crate::retention::PlanEntry;

/// The result of the checks right before a deletion.
enum Checked {
    /// Everything was as planned at this time.
    AsPlanned(Instant, LatestTagsCheck),
    /// It must not be deleted.
    NotDeleted(Outcome),
}

/// The request for a manifest's own tags, if the registry can return them by version number.
type OwnTagsQuestion<'a> = Option<BoxFuture<'a, Result<VersionManifest, RequestError>>>;

impl Run<'_> {
    /// Deletes a manifest; none if it was not started.
    pub(super) async fn delete(&self, entry: &PlanEntry, sharing: Sharing) -> Option<Outcome> {
        let mut attempt = Attempt::new(entry.tags.clone());
        let outcome = loop {
            let tried = self.delete_once(entry, sharing, &mut attempt).await;
            match attempt.after(self.task.waits, tried).await {
                Err(AttemptError::Again) => {}
                ended => break ended,
            }
        };
        if let Some(step) = attempt.step {
            self.latest_tags.answered.end(step);
        }
        match outcome {
            Ok(outcome) => Some(self.seen_after(entry, outcome, attempt).await),
            Err(error) => self.ended_early(&error),
        }
    }

    /// One attempt.
    async fn delete_once(
        &self,
        entry: &PlanEntry,
        sharing: Sharing,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        // 1. The repository as it is now, or was within the last minute.
        let snapshot = self.snapshot().await?;
        if let Some(outcome) = self.objection(entry, &snapshot) {
            return Ok(if outcome.is_gone() { attempt.over(|| outcome) } else { outcome });
        }
        // 2. All waiting: for a token, for a slot at the host, for the end of a rate limit.
        let version = snapshot.state.present.get(&entry.digest).copied().flatten();
        let target = DeletionTarget::Manifest(ManifestToDelete { digest: &entry.digest, version });
        let prepare = self.task.access.registry.deletion_prepare(&entry.repository.path, target);
        let ReadyDeletion { tags, send } = self.task.waits.within(prepare).await??;
        // 3. What the latest tags and the manifest's own tags point to, read at the same time.
        let check = Box::pin(self.check(entry, (tags, sharing), attempt));
        let (checked_at, latest) = match self.task.waits.within(check).await?? {
            Checked::AsPlanned(at, latest) => (at, latest),
            Checked::NotDeleted(outcome) => return Ok(outcome),
        };
        // 4. The journal line with the manifest's bytes, on disk before anything is sent.
        self.record(entry, StepAction::Delete, (attempt, &snapshot, latest))?;
        // 5. The request, unless the checks are too old by now.
        if checked_at.elapsed() > CHECK_VALID_FOR || snapshot.is_old() {
            return attempt.stale();
        }
        let answer = send.await;
        // 6. The answer. The result is confirmed after the wave.
        self.answered(entry, answer, attempt).await
    }

    /// Checks the latest tags and the manifest's own.
    async fn check(
        &self,
        entry: &PlanEntry,
        (tags, sharing): (OwnTagsQuestion<'_>, Sharing),
        attempt: &mut Attempt,
    ) -> Result<Checked, RequestError> {
        let own = async {
            if let Some(tags) = tags {
                let asked = Instant::now();
                Ok(own_tags_by_number(entry, &tags.await?, asked))
            } else {
                let path = &entry.repository.path;
                let (found, at) = tags_find(self.task.access, path, &attempt.tags).await?;
                Ok(OwnTags::of(&entry.digest, &found, at))
            }
        };
        let (own, latest) = tokio::join!(own, self.latest_tags.check(sharing));
        let (own, latest) = (own?, latest?);
        if let Some(reason) = self.latest_tags.moved(&latest.seen) {
            return Ok(Checked::NotDeleted(Outcome::skipped(self.stop_here(reason))));
        }
        Ok(match own {
            OwnTags::AsPlanned(at) => Checked::AsPlanned(at.min(latest.at), latest),
            OwnTags::Changed(reason) => Checked::NotDeleted(Outcome::skipped(reason)),
            // Its tags are gone, but it has still expired.
            OwnTags::Gone if self.is_there(&entry.digest).await? => {
                Checked::AsPlanned(latest.at, latest)
            }
            OwnTags::Gone => Checked::NotDeleted(attempt.over(Outcome::gone_already)),
        })
    }

    /// What the answer to the request means.
    async fn answered(
        &self,
        entry: &PlanEntry,
        answer: Result<DeletionAnswer, RequestError>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        if !matches!(&answer, Err(error) if error.kind() == ErrorKind::RateLimited) {
            self.task.waits.progress();
        }
        match answer {
            Ok(DeletionAnswer::Accepted) => Ok(Outcome::Accepted),
            Ok(DeletionAnswer::NotFound) => Ok(self.not_found(&entry.digest, attempt).await),
            Ok(DeletionAnswer::Retained(words) | DeletionAnswer::Unsupported(words)) => {
                Ok(Outcome::retained(words))
            }
            Ok(DeletionAnswer::Refused(error)) => Ok(Outcome::Refused(error.into())),
            Ok(DeletionAnswer::Renewed) => attempt.renewed(),
            Err(error) => {
                if let Some(left) = self.tags_left(entry, &error, attempt).await {
                    return Err(attempt.partly_done(left));
                }
                attempt.failed(self.task.waits, error).await
            }
        }
    }

    /// The remaining tags, if some were deleted before an error.
    async fn tags_left(
        &self,
        entry: &PlanEntry,
        error: &RequestError,
        attempt: &Attempt,
    ) -> Option<Vec<TagName>> {
        if attempt.tags.is_empty() || error.kind() != ErrorKind::Status {
            return None;
        }
        let path = &entry.repository.path;
        let (found, _) = tags_find(self.task.access, path, &attempt.tags).await.ok()?;
        let on_it = |(tag, now): (TagName, Option<Digest>)| {
            (now.as_ref() == Some(&entry.digest)).then_some(tag)
        };
        let left: Vec<TagName> = found.into_iter().filter_map(on_it).collect();
        let fewer = left.len() < attempt.tags.len();
        (fewer && self.task.access.has(path, &entry.digest).await.ok()?).then_some(left)
    }

    /// After a 404: the manifest does not exist, or the token lacks the permission.
    async fn not_found(&self, digest: &Digest, attempt: &mut Attempt) -> Outcome {
        match self.is_there(digest).await {
            Ok(false) => attempt.over(Outcome::gone_already),
            Ok(true) => Outcome::failed(Failure::rights(
                "the registry answers 404, but still has it: the token lacks the permission to delete",
            )),
            Err(error) => Outcome::failed(error),
        }
    }
}

/// A manifest's tags by its version number.
fn own_tags_by_number(entry: &PlanEntry, found: &VersionManifest, asked: Instant) -> OwnTags {
    match found {
        VersionManifest::NotFound => OwnTags::Gone,
        VersionManifest::Found { digest, .. } if *digest != entry.digest => {
            OwnTags::Changed(format!("its version number now belongs to {}", digest.short()))
        }
        VersionManifest::Found { tags, .. } => {
            if let Some(new) = tags.iter().find(|tag| !entry.tags.contains(tag)) {
                return OwnTags::Changed(format!("the tag {new} points to it now"));
            }
            // The tag may have moved to another manifest, which this answer does not show.
            match entry.tags.iter().find(|tag| !tags.contains(tag)) {
                Some(gone) => OwnTags::Changed(format!("its tag {gone} no longer points to it")),
                None => OwnTags::AsPlanned(asked),
            }
        }
    }
}
