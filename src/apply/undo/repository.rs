//! One repository put back: manifests in the reverse order of deletion, then tags.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;

use futures_util::{StreamExt as _, stream};

use super::outcome::{Restoration, TagSetter, UndoneManifest, UndoneTag, joined};
use crate::apply::journal::Step;
use crate::apply::order::Order;
use crate::apply::site::{Failure, PutError, Replaced, Site};
use crate::apply::{FailureCause, Stop};
use crate::collect::Progress;
use crate::model::{Digest, Links, Repository, TagName};
use crate::registry::{ManifestSelector, PushRefusal};

/// How many manifests are under way at once.
const AT_ONCE: usize = 4;

/// What is to come back in one repository.
pub(super) struct Undoing<'a> {
    pub(super) site: Site<'a>,
    pub(super) repository: &'a Repository,
    pub(super) steps: &'a [&'a Step],
    pub(super) stop: &'a Stop,
    pub(super) progress: &'a dyn Progress,
}

type Said = (Restoration, String);

/// Puts back what is to come back, and says whether that was everything; what was not reached is
/// missing in the answer.
pub(super) async fn repository_undo(undoing: &Undoing<'_>) -> (Vec<UndoneManifest>, bool) {
    let joined = joined(undoing.steps);
    undoing.progress.expect(joined.len(), "manifests");
    let mut back: BTreeMap<Digest, Said> = BTreeMap::new();
    for wave in waves(&joined) {
        let wave = wave.iter().filter_map(|digest| joined.get(digest));
        let said: Vec<_> = stream::iter(wave)
            .map(|(step, _)| async move { Some((step.digest.clone(), undoing.one(step).await?)) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        back.extend(said.into_iter().flatten());
    }
    let expected: usize = joined.values().map(|(_, tags)| 1 + tags.len()).sum();
    let undone: Vec<UndoneManifest> = stream::iter(joined.into_values())
        .map(|(step, tags)| (step, tags, back.remove(&step.digest)))
        .map(|(step, tags, said)| async move { Some(undoing.tags(step, &tags, said?).await) })
        .buffered(AT_ONCE)
        .filter_map(ready)
        .collect()
        .await;
    let reached: usize = undone.iter().map(|manifest| 1 + manifest.tags.len()).sum();
    (undone, reached == expected)
}

/// The digests in waves, each after all that its manifests list.
fn waves(joined: &BTreeMap<&Digest, (&Step, Vec<&TagName>)>) -> Vec<Vec<Digest>> {
    let mut order = Order::default();
    for (digest, (step, _)) in joined {
        if let Some(manifest) = step.parsed() {
            order.add_parts(digest, &Links::of(&manifest));
        }
    }
    let going: BTreeSet<Digest> = joined.keys().map(|digest| (*digest).clone()).collect();
    order.waves(&going).into_iter().rev().collect()
}

impl Undoing<'_> {
    /// One manifest; none when it was not begun.
    async fn one(&self, step: &Step) -> Option<Said> {
        if self.stop.is_asked() {
            return None;
        }
        let said = self.manifest(step).await;
        self.progress.advance();
        Some(said)
    }

    /// The tags of a manifest; those that were not begun are missing.
    async fn tags(&self, step: &Step, tags: &[&TagName], said: Said) -> UndoneManifest {
        let (result, message) = said;
        let mut undone = Vec::new();
        for tag in tags.iter().copied() {
            if self.stop.is_asked() {
                break;
            }
            undone.push(match result {
                Restoration::Lost | Restoration::Failed(_) => unset(tag, (result, message.clone())),
                _ => self.tag(step, tag, result).await,
            });
        }
        let (repository, digest) = (self.repository.clone(), step.digest.clone());
        UndoneManifest { repository, digest, result, message, tags: undone }
    }

    async fn manifest(&self, step: &Step) -> Said {
        match self.is_there(&step.digest).await {
            Ok(true) => return (Restoration::AlreadyThere, "it is there".to_owned()),
            Ok(false) => {}
            Err(failure) => return failed(failure),
        }
        match self.version_restored(step).await {
            Ok(true) => return (Restoration::Restored, "restored".to_owned()),
            Ok(false) => {}
            Err(failure) => return failed(failure),
        }
        match self.put(step, None).await {
            Ok(()) => (Restoration::Restored, "pushed again".to_owned()),
            Err(said) => said,
        }
    }

    /// Has the registry itself bring it back, where it can.
    async fn version_restored(&self, step: &Step) -> Result<bool, Failure> {
        let (Some(restore), Some(version)) = (self.site.restore, step.version) else {
            return Ok(false);
        };
        Ok(restore.version_restore(&self.repository.path, version).await?
            && self.is_there(&step.digest).await?)
    }

    async fn is_there(&self, digest: &Digest) -> Result<bool, Failure> {
        let selector = ManifestSelector::Digest(digest);
        let found = self.site.registry.manifest_head(&self.repository.path, selector).await?;
        Ok(found.is_some())
    }

    async fn tag(&self, step: &Step, tag: &TagName, manifest: Restoration) -> UndoneTag {
        let selector = ManifestSelector::Tag(tag);
        let said = match self.site.registry.manifest_head(&self.repository.path, selector).await {
            Ok(Some(now)) if now == step.digest && manifest == Restoration::Restored => {
                (Restoration::Restored, "it came back with its manifest".to_owned())
            }
            Ok(Some(now)) if now == step.digest => {
                (Restoration::AlreadyThere, "it is there".to_owned())
            }
            Ok(Some(now)) => {
                let message = format!("it points to {} now, and stays there", now.short());
                (Restoration::TagElsewhere, message)
            }
            Ok(None) => match self.put(step, Some(tag)).await {
                Ok(()) => {
                    let said = (Restoration::Restored, "pushed again".to_owned());
                    return UndoneTag { setter: TagSetter::Push, ..unset(tag, said) };
                }
                Err(said) => said,
            },
            Err(error) => failed(error.into()),
        };
        unset(tag, said)
    }

    async fn put(&self, step: &Step, tag: Option<&TagName>) -> Result<(), Said> {
        let Some(put) = self.site.put else {
            let why = "there is no way to push to this registry".to_owned();
            return Err((Restoration::Failed(FailureCause::Registry), why));
        };
        let manifest = Replaced { media_type: &step.media_type, text: &step.manifest, tag };
        put.manifest_put(&self.repository.path, manifest).await.map_err(refused)
    }
}

/// A tag that this run did not set.
fn unset(tag: &TagName, (result, message): Said) -> UndoneTag {
    UndoneTag { tag: tag.clone(), result, setter: TagSetter::Other, message }
}

fn refused(error: PutError) -> Said {
    match error.refusal {
        PushRefusal::ContentMissing => {
            let message = format!("what it refers to is gone: {}", error.message);
            (Restoration::Lost, message)
        }
        PushRefusal::Rights => (Restoration::Failed(FailureCause::Rights), error.message),
        PushRefusal::Other => (Restoration::Failed(FailureCause::Registry), error.message),
    }
}

fn failed(failure: Failure) -> Said {
    (Restoration::Failed(failure.cause), failure.message)
}
