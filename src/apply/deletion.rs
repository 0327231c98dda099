//! One manifest: its tags asked for again, recorded, deleted, and the answer understood.

use super::journal::Action;
use super::repository::Run;
use super::site::Failure;
use super::spare::{Became, skipped};
use super::{ApplyResult, FailureCause};
use crate::model::{Digest, TagName};
use crate::registry::{Deletion, DoomedManifest, ErrorKind, ManifestSelector, RegistryError};
use crate::retention::PlanEntry;

/// Where a tag points to.
pub(super) enum Pointed {
    /// Where it was planned to.
    Here,
    /// To another digest.
    Elsewhere(Digest),
    /// It is gone.
    Nowhere,
}

pub(super) fn failed(failure: Failure) -> Became {
    (ApplyResult::Failed(failure.cause), failure.message)
}

impl Run<'_> {
    /// Deletes a manifest; none when it was not begun.
    pub(super) async fn deletion(&self, entry: &PlanEntry) -> Option<Became> {
        match self.tags_stand(entry).await {
            Ok(None) => {}
            Ok(Some(became)) => return Some(became),
            Err(error) => return Some(failed(error.into())),
        }
        let Some(delete) = self.task.site.delete else {
            return Some(failed(undeletable()));
        };
        let step = self.step(entry, Action::Delete)?;
        if !self.task.ledger.step(&step) {
            return None;
        }
        let manifest = DoomedManifest { digest: &entry.digest, version: step.version };
        let answer = delete.manifest_delete(&entry.repository.path, manifest).await;
        let became = self.understood(&entry.digest, answer).await;
        Some(self.recorded(entry, became))
    }

    /// Asks for the entry's own tags again; none when the deletion may go on.
    async fn tags_stand(&self, entry: &PlanEntry) -> Result<Option<Became>, RegistryError> {
        let mut gone = Vec::new();
        for tag in &entry.tags {
            match self.pointed(tag, &entry.digest).await? {
                Pointed::Here => {}
                Pointed::Elsewhere(now) => {
                    let why = format!("its tag {tag} points to {} now", now.short());
                    return Ok(Some(skipped(why)));
                }
                Pointed::Nowhere => gone.push(tag),
            }
        }
        let Some(first) = gone.first() else {
            return Ok(None);
        };
        if gone.len() < entry.tags.len() {
            return Ok(Some(skipped(format!("its tag {first} is gone, and others stand"))));
        }
        if self.is_there(&entry.digest).await? {
            return Ok(None);
        }
        Ok(Some((ApplyResult::AlreadyGone, "it had gone already".to_owned())))
    }

    pub(super) async fn pointed(
        &self,
        tag: &TagName,
        digest: &Digest,
    ) -> Result<Pointed, RegistryError> {
        let (site, path) = (self.task.site, &self.task.repository.path);
        let now = site.registry.manifest_head(path, ManifestSelector::Tag(tag)).await?;
        Ok(match now {
            Some(now) if now == *digest => Pointed::Here,
            Some(now) => Pointed::Elsewhere(now),
            None => Pointed::Nowhere,
        })
    }

    async fn understood(&self, digest: &Digest, answer: Result<Deletion, RegistryError>) -> Became {
        match answer {
            Ok(Deletion::Done) => (ApplyResult::Deleted, "deleted".to_owned()),
            Ok(Deletion::NotFound) => self.not_found(digest).await,
            Ok(Deletion::Retained(words) | Deletion::Unsupported(words)) => {
                (ApplyResult::Retained, words)
            }
            Err(error) if is_uncertain(&error) && self.is_surely_gone(digest).await => {
                let message = format!("deleted, as a look showed after: {error}");
                (ApplyResult::Deleted, message)
            }
            Err(error) => failed(error.into()),
        }
    }

    /// A 404 is proof of nothing: a token without the right gets one too.
    async fn not_found(&self, digest: &Digest) -> Became {
        match self.is_there(digest).await {
            Ok(false) => (ApplyResult::AlreadyGone, "it had gone already".to_owned()),
            Ok(true) => {
                let message = "the registry says 404, yet still has it: \
                               the token lacks the permission to delete";
                (ApplyResult::Failed(FailureCause::Rights), message.to_owned())
            }
            Err(error) => failed(error.into()),
        }
    }

    async fn is_surely_gone(&self, digest: &Digest) -> bool {
        matches!(self.is_there(digest).await, Ok(false))
    }

    /// Looks whether a manifest is there: in the management API's listing, or by its digest.
    pub(super) async fn is_there(&self, digest: &Digest) -> Result<bool, RegistryError> {
        let (site, path) = (self.task.site, &self.task.repository.path);
        let listing = match site.manifest_list {
            Some(list) if !self.fresh.unlisted.contains(digest) => list.manifest_list(path).await,
            _ => None,
        };
        let Some(listing) = listing else {
            let selector = ManifestSelector::Digest(digest);
            return Ok(site.registry.manifest_head(path, selector).await?.is_some());
        };
        if listing.manifests.iter().any(|manifest| manifest.digest == *digest) {
            return Ok(true);
        }
        listing.broken.map_or(Ok(false), Err)
    }
}

/// Whether the registry may have done it all the same.
fn is_uncertain(error: &RegistryError) -> bool {
    match error.kind() {
        // Behind the last of several tries: an earlier one may have arrived.
        ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Connect | ErrorKind::BadAnswer => {
            true
        }
        ErrorKind::Status => error.status().is_some_and(|status| status >= 500),
        _ => false,
    }
}

pub(super) fn undeletable() -> Failure {
    Failure {
        cause: FailureCause::Registry,
        message: "there is no way to delete from this registry".to_owned(),
    }
}
