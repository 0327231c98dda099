//! Tags taken off a manifest that stays. Some servers delete the manifest along with a tag: it is
//! looked after, and put back.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::ApplyResult;
use super::access::Failure;
use super::attempt::{Attempt, AttemptError};
use super::entry_outcome::Outcome;
use super::journal::{Action, Step};
use super::latest_tags::{CHECK_VALID_FOR, Sharing, tags_find};
use super::preflight::rights;
use super::repository::Run;
use crate::model::TagName;
use crate::registry::{
    DeletionAnswer, DeletionTarget, ErrorKind, PushError, ReadyDeletion, RegistryError,
};
use crate::retention::PlanEntry;

/// What becomes of the manifest that a tag comes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifest {
    /// It is kept, and must still be there afterwards.
    Stays,
    /// It is to go as well, and is on record.
    Goes,
    /// It is gone already, and the tag points to nothing.
    Gone,
}

/// A tag that is to come off, with the way to do it and what it is a part of.
#[derive(Clone, Copy)]
pub(super) struct TagRemoval<'a> {
    pub(super) entry: &'a PlanEntry,
    /// The tags that come off with it.
    pub(super) all: &'a [TagName],
    pub(super) tag: &'a TagName,
    pub(super) manifest: Manifest,
}

impl Run<'_> {
    /// Takes tags off a manifest; none when it was not begun.
    pub(super) async fn untagging(&self, entry: &PlanEntry, tags: &[TagName]) -> Option<Outcome> {
        if self.tags_take_manifests.load(Ordering::SeqCst) {
            let message = "not tried: this registry deletes the manifest along with a tag";
            return Some(Outcome::failed(Failure::registry(message)));
        }
        let standing = match self.standing(entry, tags).await {
            Ok(standing) => standing,
            Err(outcome) => return outcome,
        };
        let mut outcome =
            Outcome::Known(ApplyResult::AlreadyGone, "its tags had gone already".to_owned());
        let mut attempt = Attempt::new(entry.tags.clone());
        for tag in &standing {
            let manifest = Manifest::Stays;
            let one = TagRemoval { entry, all: &standing, tag, manifest };
            match self.untag_one(one, &mut attempt).await {
                Ok(Outcome::Known(ApplyResult::AlreadyGone, _)) => {}
                Ok(Outcome::Known(ApplyResult::Untagged, message)) => {
                    outcome = Outcome::Known(ApplyResult::Untagged, message);
                }
                Ok(other) => {
                    outcome = other;
                    break;
                }
                Err(turn) => return self.halted(&turn),
            }
        }
        if let Some(step) = attempt.step {
            self.latest.answered.end(step);
        }
        Some(outcome)
    }

    /// Those of the tags that are on it: the others are not ours to put back.
    async fn standing(
        &self,
        entry: &PlanEntry,
        tags: &[TagName],
    ) -> Result<Vec<TagName>, Option<Outcome>> {
        let path = &entry.repository.path;
        let found = self.task.pace.within(tags_find(self.task.access, path, tags)).await;
        match found {
            Err(halt) => Err(self.halted(&halt.into())),
            Ok(Err(error)) => Err(Some(Outcome::failed(error))),
            Ok(Ok((found, _))) => {
                Ok(found.into_iter().filter(|(_, now)| now.is_some()).map(|(tag, _)| tag).collect())
            }
        }
    }

    /// Takes one tag off.
    pub(super) async fn untag_one(
        &self,
        one: TagRemoval<'_>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        loop {
            match self.tag_round(one, attempt).await {
                Err(AttemptError::Again) => {}
                ended => return ended,
            }
        }
    }

    async fn tag_round(
        &self,
        one: TagRemoval<'_>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        let TagRemoval { entry, all, tag, manifest } = one;
        let (pace, path) = (&self.task.pace, &entry.repository.path);
        let live = match self.live_state().await? {
            Ok(live) => live,
            Err(error) => return attempt.unread(pace, error).await,
        };
        if let Some(outcome) = self.objection(entry, &live)
            && manifest == Manifest::Stays
        {
            return Ok(outcome);
        }
        let registry = self.task.access.registry;
        let prepare = registry.deletion_prepare(path, DeletionTarget::Tag(tag));
        let ReadyDeletion { send, .. } = match pace.within(prepare).await? {
            Ok(ready) => ready,
            Err(error) => return attempt.unread(pace, error).await,
        };
        let look = async {
            let own = tags_find(self.task.access, path, std::slice::from_ref(tag));
            let there = self.task.access.has(path, &entry.digest);
            let (own, there, latest) = tokio::join!(own, there, self.latest.look(Sharing::Own));
            Ok::<_, RegistryError>((own?, there?, latest?))
        };
        let ((found, at), there, latest) = match pace.within(look).await? {
            Ok(looked) => looked,
            Err(error) => return attempt.unread(pace, error).await,
        };
        if let Some(why) = self.latest.moved(&latest.seen) {
            return Ok(Outcome::skipped(self.stop_here(why)));
        }
        match found.first().and_then(|(_, now)| now.as_ref()) {
            Some(_) if there && manifest == Manifest::Gone => {
                return Ok(Outcome::skipped(format!("the manifest of its tag {tag} is back")));
            }
            Some(now) if *now == entry.digest => {}
            Some(now) => {
                let why = format!("its tag {tag} points to {} now", now.short());
                return Ok(Outcome::skipped(why));
            }
            None if attempt.unclear.take().is_some() => return Ok(untagged()),
            None => return Ok(Outcome::gone_already()),
        }
        let at = at.min(latest.at);
        if manifest == Manifest::Stays {
            self.record(entry, Action::Untag(all.to_vec()), (attempt, &live, latest))?;
        }
        if at.elapsed() > CHECK_VALID_FOR || live.is_old() {
            return attempt.stale();
        }
        let answer = send.await;
        self.tag_answered(one, answer, attempt).await
    }

    async fn tag_answered(
        &self,
        one: TagRemoval<'_>,
        answer: Result<DeletionAnswer, RegistryError>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        let pace = &self.task.pace;
        if !matches!(&answer, Err(error) if error.kind() == ErrorKind::RateLimited) {
            pace.progress();
        }
        match answer {
            Ok(DeletionAnswer::Renewed) => attempt.renewed(),
            Ok(DeletionAnswer::Retained(words) | DeletionAnswer::Unsupported(words)) => {
                Ok(Outcome::retained(words))
            }
            Ok(DeletionAnswer::Refused(error)) => Ok(Outcome::Refused(error.into())),
            Ok(DeletionAnswer::Done | DeletionAnswer::NotFound) => {
                let says_404 = matches!(answer, Ok(DeletionAnswer::NotFound));
                match self.looked_after(one).await {
                    Some(outcome) => Ok(outcome),
                    None => Ok(self.verify_tag_removed(one, says_404).await),
                }
            }
            // Whether it was done or not, the tag may have taken the manifest along.
            Err(error) => match self.looked_after(one).await {
                Some(outcome) => Ok(outcome),
                None => attempt.failed(pace, error).await,
            },
        }
    }

    /// Whether a tag that the registry took off, or did not find, is gone.
    async fn verify_tag_removed(&self, one: TagRemoval<'_>, says_404: bool) -> Outcome {
        let TagRemoval { entry, tag, .. } = one;
        match self.task.access.tag_find(&entry.repository.path, tag).await {
            Ok(Some(now)) if now == entry.digest && says_404 => Outcome::failed(rights(format!(
                "the registry says 404 to {tag}, yet still has it: \
                 the token lacks the permission to delete"
            ))),
            Ok(Some(now)) if now == entry.digest => Outcome::failed(Failure::registry(format!(
                "the deletion of the tag {tag} was accepted, but it is still there"
            ))),
            Ok(_) => untagged(),
            Err(error) => Outcome::failed(error),
        }
    }

    /// Whether the manifest is still there; else it is put back with the tags that it was to keep.
    async fn looked_after(&self, one: TagRemoval<'_>) -> Option<Outcome> {
        let TagRemoval { entry, manifest, .. } = one;
        if self.task.access.lists_manifests() || manifest != Manifest::Stays {
            return None;
        }
        match self.task.access.has(&entry.repository.path, &entry.digest).await {
            Ok(true) => None,
            Ok(false) => {
                self.tags_take_manifests.store(true, Ordering::SeqCst);
                let said = match self.put_back(entry).await {
                    Ok(_) => "it was put back".to_owned(),
                    Err(failure) => format!("it could not be put back: {}", failure.message),
                };
                let message = format!("the registry deleted the manifest along with a tag; {said}");
                Some(Outcome::failed(Failure::registry(message)))
            }
            Err(error) => Some(Outcome::failed(error)),
        }
    }

    async fn put_back(&self, entry: &PlanEntry) -> Result<bool, Failure> {
        let Some(step) = self.untag_step(&entry.digest) else {
            return Err(Failure::registry("there is no record of it"));
        };
        kept_put_back(self.task.access, &step).await
    }
}

/// Puts a manifest back that went along with a tag, with the tags that it was to keep, and reads
/// all of it again. Says whether anything was missing.
///
/// # Errors
/// A failure when it is not there afterwards.
pub(super) async fn kept_put_back(
    access: super::access::RegistryAccess<'_>,
    step: &Step,
) -> Result<bool, Failure> {
    let path = &step.repository.path;
    let digest = &step.digest;
    let put = async |tag| {
        let refused = |error: PushError| Failure::registry(error.explanation());
        access.manifest_put(step, tag, path).await.map_err(refused)
    };
    let mut missing = !access.has(path, digest).await?;
    if missing {
        put(None).await?;
        if !access.has(path, digest).await? {
            return Err(Failure::registry("the registry accepted it, and does not have it"));
        }
    }
    for tag in kept(step) {
        // One that meanwhile stands elsewhere is somebody's newer will.
        if access.tag_find(path, tag).await?.is_none() {
            missing = true;
            put(Some(tag)).await?;
            if access.tag_find(path, tag).await?.as_ref() != Some(digest) {
                return Err(Failure::registry(format!(
                    "the tag {tag} was accepted, and is not set"
                )));
            }
        }
    }
    Ok(missing)
}

/// The tags that a manifest keeps.
pub(super) fn kept(step: &Step) -> impl Iterator<Item = &TagName> {
    let going: BTreeSet<&TagName> = step.going().iter().collect();
    step.tags.iter().filter(move |tag| !going.contains(tag))
}

fn untagged() -> Outcome {
    Outcome::Known(ApplyResult::Untagged, "untagged".to_owned())
}
