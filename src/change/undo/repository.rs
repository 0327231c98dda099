//! Restores one repository: what a manifest needs before the manifest, then the tags. Everything that
//! is reported as restored was read again.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::outcome::{Restoration, TagSetter, UndoneManifest, UndoneTag, joined};
use crate::change::access::{Failure, RegistryAccess};
use crate::change::journal::JournalStep;
use crate::change::order::Order;
use crate::change::result::FailureCause;
use crate::change::stop::Stop;
use crate::collect::{Progress, Stage};
use crate::model::{Digest, References, Repository, TagName};
use crate::registry::{PushError, PushRefusal};

/// How many manifests are restored at once.
const AT_ONCE: usize = 4;

/// How long running work may take after a requested stop.
const GRACE: Duration = Duration::from_secs(5);

/// The input for one repository.
pub(super) struct RepositoryUndo<'a> {
    pub(super) access: RegistryAccess<'a>,
    pub(super) repository: &'a Repository,
    pub(super) steps: &'a [&'a JournalStep],
    /// Latest tags that may have been deleted, each with the manifests that it may have pointed to.
    pub(super) lost: &'a BTreeMap<TagName, Vec<Digest>>,
    pub(super) stop: &'a Stop,
    pub(super) progress: &'a dyn Progress,
}

type RestorationMessage = (Restoration, String);

/// Restores the manifests and tags of a repository; returns whether everything was reached. What was not
/// reached is missing in the result.
pub(super) async fn repository_undo(undoing: &RepositoryUndo<'_>) -> (Vec<UndoneManifest>, bool) {
    let joined = joined(undoing.steps);
    undoing.progress.expect(joined.len(), Stage::Restorations);
    let mut back: BTreeMap<Digest, RestorationMessage> = BTreeMap::new();
    for wave in waves(&joined) {
        let wave = wave.iter().filter_map(|digest| joined.get(digest));
        let restored: Vec<_> =
            stream::iter(wave)
                .map(|(step, _)| async move {
                    Some((step.digest.clone(), undoing.manifest(step).await?))
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
        back.extend(restored.into_iter().flatten());
    }
    let expected: usize = joined.values().map(|(_, tags)| 1 + tags.len()).sum();
    let mut undone: Vec<UndoneManifest> = stream::iter(joined.values())
        .map(|(step, tags)| (*step, tags, back.remove(&step.digest)))
        .map(|(step, tags, result)| async move { Some(undoing.tags(step, tags, result?).await) })
        .buffered(AT_ONCE)
        .filter_map(ready)
        .collect()
        .await;
    let reached: usize = undone.iter().map(|manifest| 1 + manifest.tags.len()).sum();
    let all = reached == expected;
    if all {
        undoing.restore_latest_tags(&joined, &mut undone).await;
    }
    (undone, all)
}

/// The digests in waves: children before their index, and a subject before its referrers. Some registries
/// accept no other order.
fn waves(joined: &BTreeMap<&Digest, (&JournalStep, Vec<&TagName>)>) -> Vec<Vec<Digest>> {
    let mut order = Order::default();
    for (digest, (step, _)) in joined {
        if let Some(manifest) = step.parsed() {
            order.add_needs(digest, &References::of(&manifest));
        }
    }
    let going: BTreeSet<Digest> = joined.keys().map(|digest| (*digest).clone()).collect();
    order.waves(&going)
}

impl RepositoryUndo<'_> {
    /// Restores one manifest; none if it was not started, or did not end in time.
    async fn manifest(&self, step: &JournalStep) -> Option<RestorationMessage> {
        if self.stop.is_requested() {
            return None;
        }
        let result = self.in_time(self.restore(step)).await?;
        self.progress.advance(Stage::Restorations);
        Some(result)
    }

    /// Restores the tags of a manifest; those that were not started are missing.
    async fn tags(
        &self,
        step: &JournalStep,
        tags: &[&TagName],
        result: RestorationMessage,
    ) -> UndoneManifest {
        let (result, message) = result;
        let mut undone = Vec::new();
        for tag in tags.iter().copied() {
            if self.stop.is_requested() {
                break;
            }
            undone.push(match result {
                Restoration::Lost | Restoration::Failed(_) => {
                    tag_not_pushed(tag, (result, message.clone()))
                }
                _ => match self.in_time(self.tag(step, tag, result)).await {
                    Some(tag) => tag,
                    None => break,
                },
            });
        }
        let (repository, digest) = (self.repository.clone(), step.digest.clone());
        UndoneManifest { repository, digest, result, message, tags: undone }
    }

    /// Runs something to its end, unless it takes too long after a requested stop.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let out_of_time = async {
            self.stop.requested().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => Some(done),
            () = out_of_time => None,
        }
    }

    async fn restore(&self, step: &JournalStep) -> RestorationMessage {
        match self.is_there(step).await {
            Ok(true) => return (Restoration::AlreadyThere, "it exists already".to_owned()),
            Ok(false) => {}
            Err(failure) => return failed(failure),
        }
        match self.version_restored(step).await {
            Ok(true) => return (Restoration::Restored, "restored".to_owned()),
            Ok(false) => {}
            Err(failure) => return failed(failure),
        }
        if let Err(result) = self.push(step, None).await {
            return result;
        }
        match self.is_there(step).await {
            Ok(true) => (Restoration::Restored, "pushed again".to_owned()),
            Ok(false) => failed(Failure::registry(
                "the registry accepted the manifest, but does not have it when asked again",
            )),
            Err(failure) => failed(failure),
        }
    }

    /// Lets the registry restore the version, if it can.
    async fn version_restored(&self, step: &JournalStep) -> Result<bool, Failure> {
        let Some(version) = step.version else {
            return Ok(false);
        };
        Ok(self.access.registry.version_restore(&self.repository.path, version).await?
            && self.is_there(step).await?)
    }

    async fn is_there(&self, step: &JournalStep) -> Result<bool, Failure> {
        Ok(self.access.has(&self.repository.path, &step.digest).await?)
    }

    async fn tag(&self, step: &JournalStep, tag: &TagName, manifest: Restoration) -> UndoneTag {
        let result = match self.tag_target(tag).await {
            Ok(Some(now)) if now == step.digest && manifest == Restoration::Restored => {
                (Restoration::Restored, "it was restored with its manifest".to_owned())
            }
            Ok(Some(now)) if now == step.digest => {
                (Restoration::AlreadyThere, "it exists already".to_owned())
            }
            Ok(Some(now)) => tag_elsewhere(&now),
            Ok(None) => return self.tag_put(step, tag).await,
            Err(failure) => failed(failure),
        };
        tag_not_pushed(tag, result)
    }

    /// Sets a tag that does not exist, and reads it again.
    async fn tag_put(&self, step: &JournalStep, tag: &TagName) -> UndoneTag {
        if let Err(result) = self.push(step, Some(tag)).await {
            return tag_not_pushed(tag, result);
        }
        let result = match self.tag_target(tag).await {
            Ok(Some(now)) if now == step.digest => {
                let result = (Restoration::Restored, "pushed again".to_owned());
                return UndoneTag { setter: TagSetter::Push, ..tag_not_pushed(tag, result) };
            }
            Ok(Some(now)) => tag_elsewhere(&now),
            Ok(None) => failed(Failure::registry(
                "the registry accepted the tag, but does not have it when asked again",
            )),
            Err(failure) => failed(failure),
        };
        tag_not_pushed(tag, result)
    }

    async fn tag_target(&self, tag: &TagName) -> Result<Option<Digest>, Failure> {
        Ok(self.access.tag_find(&self.repository.path, tag).await?)
    }

    /// Restores latest tags that someone had moved to a manifest just before it was deleted. A tag that exists
    /// by now is not changed. If several manifests may have had it, it is not restored.
    async fn restore_latest_tags(
        &self,
        joined: &BTreeMap<&Digest, (&JournalStep, Vec<&TagName>)>,
        undone: &mut [UndoneManifest],
    ) {
        for (tag, with) in self.lost {
            let found = undone.iter_mut().find(|manifest| with.first() == Some(&manifest.digest));
            let Some(manifest) = found else { continue };
            if manifest.tags.iter().any(|undone| undone.tag == *tag) {
                continue;
            }
            let step = joined.get(&manifest.digest).map(|(step, _)| *step);
            let result = match (self.tag_target(tag).await, with.as_slice(), step) {
                (Ok(Some(_)), ..) => continue,
                (Err(failure), ..) => tag_not_pushed(tag, failed(failure)),
                (Ok(None), [_], Some(step)) => match manifest.result {
                    Restoration::Lost | Restoration::Failed(_) => {
                        tag_not_pushed(tag, (manifest.result, manifest.message.clone()))
                    }
                    _ => self.tag_put(step, tag).await,
                },
                (Ok(None), several, _) => tag_not_pushed(tag, failed(unknown_target(several))),
            };
            manifest.tags.push(result);
        }
    }

    async fn push(
        &self,
        step: &JournalStep,
        tag: Option<&TagName>,
    ) -> Result<(), RestorationMessage> {
        self.access.push(step, tag).await.map_err(|error| refused(&error))
    }
}

fn tag_elsewhere(now: &Digest) -> RestorationMessage {
    let message = format!("it points to {} now, and was not moved", now.short());
    (Restoration::TagElsewhere, message)
}

/// The failure of a latest tag that was deleted while several manifests were being deleted.
fn unknown_target(with: &[Digest]) -> Failure {
    let names: Vec<String> = with.iter().map(Digest::short).collect();
    Failure::registry(format!(
        "it was deleted together with one of these manifests, and it is unknown which of them it pointed to: {}; \
         set it by hand",
        names.join(", ")
    ))
}

/// A tag that this run did not set.
fn tag_not_pushed(tag: &TagName, (result, message): RestorationMessage) -> UndoneTag {
    UndoneTag { tag: tag.clone(), result, setter: TagSetter::Other, message }
}

fn refused(error: &PushError) -> RestorationMessage {
    let message = error.explanation();
    match error.refusal() {
        PushRefusal::ContentMissing => {
            let message = format!("its content no longer exists: {message}");
            (Restoration::Lost, message)
        }
        PushRefusal::Rights => (Restoration::Failed(FailureCause::Rights), message),
        PushRefusal::Other => (Restoration::Failed(FailureCause::Registry), message),
    }
}

fn failed(failure: Failure) -> RestorationMessage {
    (Restoration::Failed(failure.cause), failure.message)
}
