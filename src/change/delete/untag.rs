//! Deletes single tags. Some servers delete the manifest together with a tag; if it was to be kept, its
//! existence is checked afterwards and it is restored.

use std::sync::atomic::Ordering;

use super::attempt::{Attempt, AttemptError, Outcome};
use super::lost_by_untag::restore_kept;
use super::run::Run;
use super::tag_checks::{CHECK_VALID_FOR, Sharing, tags_find};
use crate::change::access::Failure;
use crate::change::journal::StepAction;
use crate::change::result::ApplyResult;
use crate::model::{Digest, TagName};
use crate::registry::{DeletionAnswer, DeletionTarget, ErrorKind, ReadyDeletion, RequestError};
use crate::retention::PlanEntry;

/// What happens to the manifest of a tag that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifestFate {
    /// It is kept, and must still be there afterwards.
    Stays,
    /// It is to be deleted too, and is recorded in the journal.
    Goes,
    /// It was deleted already, and the tag points to nothing.
    Gone,
}

/// A tag to delete, with its entry.
#[derive(Clone, Copy)]
pub(super) struct TagRemoval<'a> {
    pub(super) entry: &'a PlanEntry,
    /// All tags of the entry that are to be deleted.
    pub(super) all: &'a [TagName],
    pub(super) tag: &'a TagName,
    pub(super) manifest: ManifestFate,
}

impl Run<'_> {
    /// Deletes tags of a manifest; none if it was not started.
    pub(super) async fn untag(&self, entry: &PlanEntry, tags: &[TagName]) -> Option<Outcome> {
        if self.tags_take_manifests.load(Ordering::SeqCst) {
            let message = "not tried: this registry deletes the manifest together with a tag";
            return Some(Outcome::failed(Failure::registry(message)));
        }
        let present = match self.present_tags(entry, tags).await {
            Ok(present) => present,
            Err(AttemptError::Unread(error)) => return Some(Outcome::failed(error)),
            Err(error) => return self.ended_early(&error),
        };
        let mut outcome =
            Outcome::Known(ApplyResult::AlreadyGone, "its tags were deleted already".to_owned());
        let mut attempt = Attempt::new(entry.tags.clone());
        for tag in &present {
            let manifest = ManifestFate::Stays;
            let one = TagRemoval { entry, all: &present, tag, manifest };
            match self.untag_one(one, &mut attempt).await {
                Ok(Outcome::Known(ApplyResult::AlreadyGone, _)) => {}
                Ok(Outcome::Known(ApplyResult::Untagged, message)) => {
                    outcome = Outcome::Known(ApplyResult::Untagged, message);
                }
                Ok(other) => {
                    outcome = other;
                    break;
                }
                Err(error) => return self.ended_early(&error),
            }
        }
        if let Some(step) = attempt.step {
            self.latest_tags.answered.end(step);
        }
        Some(outcome)
    }

    /// The existing ones of these tags: only these are in the journal, and restored by an undo.
    async fn present_tags(
        &self,
        entry: &PlanEntry,
        tags: &[TagName],
    ) -> Result<Vec<TagName>, AttemptError> {
        let find = tags_find(self.task.access, &entry.repository.path, tags);
        let (found, _) = self.task.waits.within(find).await??;
        Ok(found.into_iter().filter(|(_, now)| now.is_some()).map(|(tag, _)| tag).collect())
    }

    /// Deletes one tag.
    pub(super) async fn untag_one(
        &self,
        one: TagRemoval<'_>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        loop {
            let tried = self.untag_once(one, attempt).await;
            match attempt.after(self.task.waits, tried).await {
                Err(AttemptError::Again) => {}
                ended => return ended,
            }
        }
    }

    /// One attempt, in the same order as a deletion: waits, checks, the journal line, the request.
    async fn untag_once(
        &self,
        one: TagRemoval<'_>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        let TagRemoval { entry, all, tag, manifest } = one;
        let (waits, path) = (&self.task.waits, &entry.repository.path);
        let snapshot = self.snapshot().await?;
        if let Some(outcome) = self.objection(entry, &snapshot)
            && manifest == ManifestFate::Stays
        {
            return Ok(outcome);
        }
        let prepare = self.task.access.registry.deletion_prepare(path, DeletionTarget::Tag(tag));
        let ReadyDeletion { send, .. } = waits.within(prepare).await??;
        let check = async {
            let own = tags_find(self.task.access, path, std::slice::from_ref(tag));
            let there = self.task.access.has(path, &entry.digest);
            let latest = self.latest_tags.check(Sharing::Own);
            let (own, there, latest) = tokio::join!(own, there, latest);
            Ok::<_, RequestError>((own?, there?, latest?))
        };
        let ((found, at), there, latest) = waits.within(check).await??;
        if let Some(reason) = self.latest_tags.moved(&latest.seen) {
            return Ok(Outcome::skipped(self.stop_here(reason)));
        }
        let now = found.first().and_then(|(_, now)| now.as_ref());
        if let Some(outcome) = tag_objection(one, (now, there), attempt) {
            return Ok(outcome);
        }
        let at = at.min(latest.at);
        if manifest == ManifestFate::Stays {
            self.record(entry, StepAction::Untag(all.to_vec()), (attempt, &snapshot, latest))?;
        }
        if at.elapsed() > CHECK_VALID_FOR || snapshot.is_old() {
            return attempt.stale();
        }
        let answer = send.await;
        self.tag_answered(one, answer, attempt).await
    }

    async fn tag_answered(
        &self,
        one: TagRemoval<'_>,
        answer: Result<DeletionAnswer, RequestError>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        let waits = &self.task.waits;
        if !matches!(&answer, Err(error) if error.kind() == ErrorKind::RateLimited) {
            waits.progress();
        }
        match answer {
            Ok(DeletionAnswer::Renewed) => attempt.renewed(),
            Ok(DeletionAnswer::Retained(words) | DeletionAnswer::Unsupported(words)) => {
                Ok(Outcome::retained(words))
            }
            Ok(DeletionAnswer::Refused(error)) => Ok(Outcome::Refused(error.into())),
            Ok(DeletionAnswer::Accepted | DeletionAnswer::NotFound) => {
                let says_404 = matches!(answer, Ok(DeletionAnswer::NotFound));
                match self.manifest_lost(one).await {
                    Some(outcome) => Ok(outcome),
                    None => Ok(self.verify_tag_removed(one, says_404).await),
                }
            }
            // Even after an error the manifest may have been deleted together with the tag.
            Err(error) => match self.manifest_lost(one).await {
                Some(outcome) => Ok(outcome),
                None => attempt.failed(waits, error).await,
            },
        }
    }

    /// Checks that a tag no longer exists after the registry accepted its deletion or answered 404.
    async fn verify_tag_removed(&self, one: TagRemoval<'_>, says_404: bool) -> Outcome {
        let TagRemoval { entry, tag, .. } = one;
        match self.task.access.tag_find(&entry.repository.path, tag).await {
            Ok(Some(now)) if now == entry.digest && says_404 => {
                Outcome::failed(Failure::rights(format!(
                    "the registry answers 404 for {tag}, but still has it: \
                 the token lacks the permission to delete"
                )))
            }
            Ok(Some(now)) if now == entry.digest => Outcome::failed(Failure::registry(format!(
                "the deletion of the tag {tag} was accepted, but it is still there"
            ))),
            Ok(_) => untagged(),
            Err(error) => Outcome::failed(error),
        }
    }

    /// Checks that the manifest still exists; otherwise restores it with the tags that it was to keep.
    async fn manifest_lost(&self, one: TagRemoval<'_>) -> Option<Outcome> {
        let TagRemoval { entry, manifest, .. } = one;
        if self.task.access.lists_manifests() || manifest != ManifestFate::Stays {
            return None;
        }
        match self.task.access.has(&entry.repository.path, &entry.digest).await {
            Ok(true) => None,
            Ok(false) => {
                self.tags_take_manifests.store(true, Ordering::SeqCst);
                let restored = match self.restore(entry).await {
                    Ok(_) => "it was restored".to_owned(),
                    Err(failure) => format!("it could not be restored: {}", failure.message),
                };
                let message =
                    format!("the registry deleted the manifest together with a tag; {restored}");
                Some(Outcome::failed(Failure::registry(message)))
            }
            Err(error) => Some(Outcome::failed(error)),
        }
    }

    async fn restore(&self, entry: &PlanEntry) -> Result<bool, Failure> {
        let Some(step) = self.untag_step(&entry.digest) else {
            return Err(Failure::registry("there is no record of it"));
        };
        restore_kept(self.task.access, &step).await
    }
}

/// Why a tag is not deleted, given what it points to now and whether its manifest exists.
fn tag_objection(
    TagRemoval { entry, tag, manifest, .. }: TagRemoval<'_>,
    (now, there): (Option<&Digest>, bool),
    attempt: &mut Attempt,
) -> Option<Outcome> {
    match now {
        Some(_) if there && manifest == ManifestFate::Gone => {
            Some(Outcome::skipped(format!("the manifest of its tag {tag} exists again")))
        }
        Some(now) if *now == entry.digest => None,
        Some(now) => Some(Outcome::skipped(format!("its tag {tag} points to {} now", now.short()))),
        None if attempt.unclear.take().is_some() => Some(untagged()),
        None => Some(Outcome::gone_already()),
    }
}

fn untagged() -> Outcome {
    Outcome::Known(ApplyResult::Untagged, "untagged".to_owned())
}
