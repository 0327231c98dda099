//! One manifest: prepared, looked at, recorded, deleted at once, and the answer understood.

use super::attempt::{Attempt, AttemptError};
use super::entry_outcome::Outcome;
use super::journal::Action;
use super::latest_tags::{CHECK_VALID_FOR, LatestTagsCheck, OwnTags, Sharing, tags_find};
use super::preflight::rights;
use super::repository::Run;
use crate::model::{Digest, TagName};
use crate::registry::{
    DeletionAnswer, DeletionTarget, ErrorKind, ManifestToDelete, ReadyDeletion, RegistryError,
    VersionManifest,
};
use crate::retention::PlanEntry;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// What a look before a deletion found.
enum Look {
    /// All is as planned, since this time.
    AsPlanned(Instant, LatestTagsCheck),
    /// It is not to be deleted.
    Not(Outcome),
}

type TagsOfOne<'a> = Option<BoxFuture<'a, Result<VersionManifest, RegistryError>>>;

impl Run<'_> {
    /// Deletes a manifest; none when it was not begun.
    pub(super) async fn deletion(&self, entry: &PlanEntry, sharing: Sharing) -> Option<Outcome> {
        let mut attempt = Attempt::new(entry.tags.clone());
        let outcome = loop {
            match self.round(entry, sharing, &mut attempt).await {
                Err(AttemptError::Again) => {}
                ended => break ended,
            }
        };
        if let Some(step) = attempt.step {
            self.latest.answered.end(step);
        }
        match outcome {
            Ok(outcome) => Some(self.seen_after(entry, outcome, attempt).await),
            Err(turn) => self.halted(&turn),
        }
    }

    /// One round: everything is waited for, then looked at, then sent at once.
    async fn round(
        &self,
        entry: &PlanEntry,
        sharing: Sharing,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        let live = match self.live_state().await? {
            Ok(live) => live,
            Err(error) => return attempt.unread(self.task.pace, error).await,
        };
        if let Some(outcome) = self.objection(entry, &live) {
            return Ok(if outcome.is_gone() { attempt.over(|| outcome) } else { outcome });
        }
        let version = live.state.present.get(&entry.digest).copied().flatten();
        let target = DeletionTarget::Manifest(ManifestToDelete { digest: &entry.digest, version });
        let registry = self.task.access.registry;
        let prepare = registry.deletion_prepare(&entry.repository.path, target);
        let ReadyDeletion { tags, send } = match self.task.pace.within(prepare).await? {
            Ok(ready) => ready,
            Err(error) => return attempt.unread(self.task.pace, error).await,
        };
        let look = self.look(entry, (tags, sharing), attempt);
        let (at, latest) = match self.task.pace.within(look).await? {
            Ok(Look::AsPlanned(at, latest)) => (at, latest),
            Ok(Look::Not(outcome)) => return Ok(outcome),
            Err(error) => return attempt.unread(self.task.pace, error).await,
        };
        self.record(entry, Action::Delete, (attempt, &live, latest))?;
        if at.elapsed() > CHECK_VALID_FOR || live.is_old() {
            return attempt.stale();
        }
        let answer = send.await;
        self.understood(entry, answer, attempt).await
    }

    /// Looks at the latest tags and at the manifest's own.
    async fn look(
        &self,
        entry: &PlanEntry,
        (tags, sharing): (TagsOfOne<'_>, Sharing),
        attempt: &mut Attempt,
    ) -> Result<Look, RegistryError> {
        let own = async {
            if let Some(tags) = tags {
                let asked = Instant::now();
                Ok(numbered(entry, &tags.await?, asked))
            } else {
                let path = &entry.repository.path;
                let (found, at) = tags_find(self.task.access, path, &attempt.tags).await?;
                Ok(OwnTags::of(&entry.digest, &found, at))
            }
        };
        let (own, latest) = tokio::join!(own, self.latest.look(sharing));
        let (own, latest) = (own?, latest?);
        if let Some(why) = self.latest.moved(&latest.seen) {
            return Ok(Look::Not(Outcome::skipped(self.stop_here(why))));
        }
        Ok(match own {
            OwnTags::AsPlanned(at) => Look::AsPlanned(at.min(latest.at), latest),
            OwnTags::Changed(why) => Look::Not(Outcome::skipped(why)),
            // Without its tags it is as expired as with them.
            OwnTags::Gone if self.is_there(&entry.digest).await? => {
                Look::AsPlanned(latest.at, latest)
            }
            OwnTags::Gone => Look::Not(attempt.over(Outcome::gone_already)),
        })
    }

    async fn understood(
        &self,
        entry: &PlanEntry,
        answer: Result<DeletionAnswer, RegistryError>,
        attempt: &mut Attempt,
    ) -> Result<Outcome, AttemptError> {
        if !matches!(&answer, Err(error) if error.kind() == ErrorKind::RateLimited) {
            self.task.pace.progress();
        }
        match answer {
            Ok(DeletionAnswer::Done) => Ok(Outcome::Accepted),
            Ok(DeletionAnswer::NotFound) => Ok(self.not_found(&entry.digest, attempt).await),
            Ok(DeletionAnswer::Retained(words) | DeletionAnswer::Unsupported(words)) => {
                Ok(Outcome::retained(words))
            }
            Ok(DeletionAnswer::Refused(error)) => Ok(Outcome::Refused(error.into())),
            Ok(DeletionAnswer::Renewed) => attempt.renewed(),
            Err(error) => {
                if let Some(left) = self.tags_left(entry, &error, attempt).await {
                    return Err(attempt.partly(left));
                }
                attempt.failed(self.task.pace, error).await
            }
        }
    }

    /// The tags that are still on it, if an error came after some of them had gone.
    async fn tags_left(
        &self,
        entry: &PlanEntry,
        error: &RegistryError,
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

    /// A 404 is proof of nothing: a token without the right gets one too.
    async fn not_found(&self, digest: &Digest, attempt: &mut Attempt) -> Outcome {
        match self.is_there(digest).await {
            Ok(false) => attempt.over(Outcome::gone_already),
            Ok(true) => Outcome::failed(rights(
                "the registry says 404, yet still has it: the token lacks the permission to delete",
            )),
            Err(error) => Outcome::failed(error),
        }
    }
}

/// What a registry says of a manifest by its number.
fn numbered(entry: &PlanEntry, found: &VersionManifest, asked: Instant) -> OwnTags {
    match found {
        VersionManifest::NotFound => OwnTags::Gone,
        VersionManifest::Found { digest, .. } if *digest != entry.digest => {
            OwnTags::Changed(format!("its number is that of {} now", digest.short()))
        }
        VersionManifest::Found { tags, .. } => {
            if let Some(new) = tags.iter().find(|tag| !entry.tags.contains(tag)) {
                return OwnTags::Changed(format!("the tag {new} points to it now"));
            }
            match entry.tags.iter().find(|tag| !tags.contains(tag)) {
                Some(gone) if !tags.is_empty() => {
                    OwnTags::Changed(format!("its tag {gone} is gone, and others stand"))
                }
                _ => OwnTags::AsPlanned(asked),
            }
        }
    }
}
