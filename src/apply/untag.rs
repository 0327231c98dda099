//! Tags taken off a manifest that stays. Some servers delete the manifest along with a tag: it is
//! looked after, and put back.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::deletion::{Pointed, failed, undeletable};
use super::journal::{Action, Step};
use super::repository::Run;
use super::site::{Failure, Replaced};
use super::spare::{Became, skipped};
use super::{ApplyResult, FailureCause};
use crate::model::TagName;
use crate::registry::{Delete, Deletion, RegistryError};
use crate::retention::PlanEntry;

impl Run<'_> {
    /// Takes tags off a manifest; none when it was not begun.
    pub(super) async fn untagging(&self, entry: &PlanEntry, tags: &[TagName]) -> Option<Became> {
        if self.tags_take_manifests.load(Ordering::SeqCst) {
            let message = "not tried: this registry deletes the manifest along with a tag";
            return Some((ApplyResult::Failed(FailureCause::Registry), message.to_owned()));
        }
        let standing = match self.standing(entry, tags).await {
            Ok(Ok(standing)) => standing,
            Ok(Err(became)) => return Some(became),
            Err(error) => return Some(failed(error.into())),
        };
        let Some(delete) = self.task.site.delete else {
            return Some(failed(undeletable()));
        };
        let step = self.step(entry, Action::Untag(standing.clone()))?;
        if !self.task.ledger.step(&step) {
            return None;
        }
        let mut became = (ApplyResult::Untagged, "untagged".to_owned());
        for tag in &standing {
            if let Some(other) = self.tag_off(delete, &step, tag).await {
                became = other;
                break;
            }
        }
        Some(self.recorded(entry, became))
    }

    /// The tags that are still to be taken off, or what became of the entry without a try.
    async fn standing(
        &self,
        entry: &PlanEntry,
        tags: &[TagName],
    ) -> Result<Result<Vec<TagName>, Became>, RegistryError> {
        let mut standing = Vec::new();
        for tag in tags {
            match self.pointed(tag, &entry.digest).await? {
                Pointed::Here => standing.push(tag.clone()),
                Pointed::Elsewhere(now) => {
                    let why = format!("its tag {tag} points to {} now", now.short());
                    return Ok(Err(skipped(why)));
                }
                Pointed::Nowhere => {}
            }
        }
        if standing.is_empty() {
            return Ok(Err((ApplyResult::AlreadyGone, "its tags had gone already".to_owned())));
        }
        Ok(Ok(standing))
    }

    /// Takes one tag off; none when that is all there is to say.
    async fn tag_off(&self, delete: &dyn Delete, step: &Step, tag: &TagName) -> Option<Became> {
        let answer = delete.tag_delete(&step.repository.path, tag).await;
        let became = match answer {
            Ok(Deletion::Done) => None,
            Ok(Deletion::NotFound) => self.tag_not_found(step, tag).await,
            Ok(Deletion::Retained(words) | Deletion::Unsupported(words)) => {
                Some((ApplyResult::Retained, words))
            }
            // Whether it was done or not, the tag may have taken the manifest along.
            Err(error) => Some(failed(error.into())),
        };
        let refused = matches!(became, Some((ApplyResult::Retained, _)));
        if refused || self.task.site.manifest_list.is_some() {
            return became;
        }
        self.looked_after(step).await.or(became)
    }

    async fn tag_not_found(&self, step: &Step, tag: &TagName) -> Option<Became> {
        match self.pointed(tag, &step.digest).await {
            Ok(Pointed::Here) => {
                let message = format!(
                    "the registry says 404 to {tag}, yet still has it: \
                     the token lacks the permission to delete"
                );
                Some((ApplyResult::Failed(FailureCause::Rights), message))
            }
            Ok(_) => None,
            Err(error) => Some(failed(error.into())),
        }
    }

    /// Whether the manifest is still there; else it is put back with the tags that it was to keep.
    async fn looked_after(&self, step: &Step) -> Option<Became> {
        match self.is_there(&step.digest).await {
            Ok(true) => None,
            Ok(false) => {
                self.tags_take_manifests.store(true, Ordering::SeqCst);
                let said = match self.put_back(step).await {
                    Ok(()) => "it was put back".to_owned(),
                    Err(failure) => format!("it could not be put back: {}", failure.message),
                };
                let message = format!("the registry deleted the manifest along with a tag; {said}");
                Some((ApplyResult::Failed(FailureCause::Registry), message))
            }
            Err(error) => Some(failed(error.into())),
        }
    }

    async fn put_back(&self, step: &Step) -> Result<(), Failure> {
        let nowhere = || Failure {
            cause: FailureCause::Registry,
            message: "there is no way to push to this registry".to_owned(),
        };
        let put = self.task.site.put.ok_or_else(nowhere)?;
        let path = &step.repository.path;
        let replaced = |tag| Replaced { media_type: &step.media_type, text: &step.manifest, tag };
        let refused = |error: super::site::PutError| Failure {
            cause: FailureCause::Registry,
            message: error.message,
        };
        put.manifest_put(path, replaced(None)).await.map_err(refused)?;
        let going: BTreeSet<&TagName> = step.going().iter().collect();
        for tag in step.tags.iter().filter(|tag| !going.contains(tag)) {
            // One that meanwhile stands elsewhere is somebody's newer will.
            if matches!(self.pointed(tag, &step.digest).await?, Pointed::Nowhere) {
                put.manifest_put(path, replaced(Some(tag))).await.map_err(refused)?;
            }
        }
        Ok(())
    }
}
