//! Sets one tag to a manifest, only while it points to what is expected, and reads it again.
//!
//! Registries have no compare-and-swap: the tag is read right before it is set, and what a failed
//! or doubtful push left behind is read before anything is concluded from it.

use std::time::Duration;

use super::result::{MoveCause, MoveFailure};
use crate::change::access::{Failure, RegistryAccess};
use crate::model::{Digest, ManifestCopy, TagReference};
use crate::registry::{ManifestSelector, PushError, PushRefusal, PushedManifest};

/// How often a tag is set that still points to what is expected after a failure.
const TRIES: usize = 3;

/// The pause between two tries, and between two reads of a tag that does not show the push yet.
const PAUSE: Duration = Duration::from_millis(300);

/// How often a tag is read again that does not show yet what was pushed.
const READS: usize = 4;

/// A tag that is to point to another manifest.
#[derive(Clone, Copy)]
pub(super) struct TagMove<'a> {
    pub(super) access: RegistryAccess<'a>,
    pub(super) tag: &'a TagReference,
    /// What it points to now; none where there is no such tag.
    pub(super) from: Option<&'a Digest>,
    /// What it is to point to.
    pub(super) to: &'a ManifestCopy,
}

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TagMoved {
    /// This run set it.
    Set,
    /// It pointed there before this run set it.
    AlreadyThere,
    /// It points to something else, or is gone: somebody else changed it.
    Elsewhere(Option<Digest>),
    /// It could not be set, and points to what was expected.
    Refused(MoveFailure),
    /// Nobody can tell what it points to.
    Unknown(MoveFailure),
}

impl TagMove<'_> {
    /// Sets the tag. Whoever needs to be sure that it stays reads it again, with
    /// [`settled`](Self::settled).
    pub(super) async fn run(&self) -> TagMoved {
        let mut tried = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match self.read_digest().await {
                Err(failure) => {
                    return tried.map_or_else(
                        || TagMoved::Refused(failure.clone()),
                        |_| TagMoved::Unknown(failure.clone()),
                    );
                }
                Ok(now) if now.as_ref() == Some(&self.to.digest) => {
                    return if tried.is_some() { TagMoved::Set } else { TagMoved::AlreadyThere };
                }
                Ok(now) if now.as_ref() != self.from => return TagMoved::Elsewhere(now),
                Ok(_) => {}
            }
            match self.push().await {
                Ok(()) => return TagMoved::Set,
                Err(error) => {
                    let failure = of_push(&error);
                    let is_final = failure.cause != MoveCause::Registry;
                    tried = Some(failure.clone());
                    if is_final {
                        return self.refused(failure).await;
                    }
                }
            }
        }
        match tried {
            Some(failure) => self.refused(failure).await,
            None => TagMoved::Elsewhere(None),
        }
    }

    /// What the tag points to after a push failed for good.
    async fn refused(&self, failure: MoveFailure) -> TagMoved {
        match self.read_digest().await {
            Ok(now) if now.as_ref() == Some(&self.to.digest) => TagMoved::Set,
            Ok(now) if now.as_ref() == self.from => TagMoved::Refused(failure),
            Ok(now) => TagMoved::Elsewhere(now),
            Err(_) => TagMoved::Unknown(failure),
        }
    }

    /// What the tag points to, read until it shows the push or there was time enough for that.
    pub(super) async fn settled(&self) -> Result<Option<Digest>, MoveFailure> {
        for _ in 1..READS {
            let now = self.read_digest().await?;
            if now.as_ref() == Some(&self.to.digest) || now.as_ref() != self.from {
                return Ok(now);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.read_digest().await
    }

    /// What the tag points to.
    pub(super) async fn read_digest(&self) -> Result<Option<Digest>, MoveFailure> {
        let found = self.access.tag_find(&self.tag.repository.path, &self.tag.tag).await;
        found.map_err(|error| Failure::from(error).into())
    }

    async fn push(&self) -> Result<(), PushError> {
        let to = ManifestSelector::Tag(&self.tag.tag);
        let path = &self.tag.repository.path;
        self.access.registry.manifest_put(path, to, pushed(self.to)).await
    }
}

/// A manifest as it is sent.
pub(super) fn pushed(manifest: &ManifestCopy) -> PushedManifest<'_> {
    PushedManifest { media_type: &manifest.media_type, bytes: manifest.text.as_bytes() }
}

/// Why a push failed.
pub(super) fn of_push(error: &PushError) -> MoveFailure {
    let cause = match (error.refusal(), error.status()) {
        // The registry refuses because of what it holds, or lets no tag move, whatever code it gives.
        (_, Some(409 | 412)) => MoveCause::Conflict,
        (PushRefusal::Rights, _) => MoveCause::Rights,
        (PushRefusal::ContentMissing | PushRefusal::Other, _) => MoveCause::Registry,
    };
    MoveFailure { cause, message: error.explanation() }
}

/// What somebody else set a tag to, in words.
pub(super) fn elsewhere(now: Option<&Digest>) -> String {
    match now {
        Some(now) => format!("somebody else moved it to {} meanwhile; it stays there", now.short()),
        None => "somebody else deleted it in the meantime; it stays deleted".to_owned(),
    }
}
