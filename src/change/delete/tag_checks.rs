//! The checks right before a deletion: whether the latest tags and the manifest's own tags still
//! point where the plan says.
//!
//! A deletion is sent at most two seconds after them. All waiting comes before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;

use crate::change::access::RegistryAccess;
use crate::change::journal::LatestTagsSeen;
use crate::model::{Digest, RepositoryPath, TagName};
use crate::registry::RequestError;
use crate::retention::PlanEntry;

/// How long a check is valid: two seconds less a margin for sending the request.
pub(super) const CHECK_VALID_FOR: Duration = Duration::from_millis(1800);

/// How old a check of the latest tags may be for another deletion to share it.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// How many requests are sent at once in one check.
const AT_ONCE: usize = 32;

/// Whether a check of the latest tags may be one that was made for another deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// It may, if it is recent.
    Shared,
    /// It is made for this deletion, after all earlier ones were answered. Then a latest tag that is missing in
    /// the next check was deleted with this manifest and no other.
    Own,
}

/// The steps of a repository that were answered, to know which of them a check followed.
#[derive(Debug, Default)]
pub(super) struct AnsweredSteps(Mutex<(usize, BTreeSet<usize>)>);

impl AnsweredSteps {
    /// The number of a step that begins.
    pub(super) fn begin(&self) -> usize {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.0;
        state.0 += 1;
        state.1.insert(number);
        number
    }

    pub(super) fn end(&self, number: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&number);
    }

    /// How many steps were answered, counted from the first one to the first unanswered one.
    fn without_gap(&self) -> usize {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.first().copied().unwrap_or(state.0)
    }
}

/// A check of the latest tags.
#[derive(Debug, Clone)]
pub(super) struct LatestTagsCheck {
    /// When the first request was sent: each answer is not older than that.
    pub(super) at: Instant,
    pub(super) seen: LatestTagsSeen,
}

/// The latest tags of all environments that use a repository.
pub(super) struct LatestTags<'a> {
    access: RegistryAccess<'a>,
    path: &'a RepositoryPath,
    /// The digests that the plan has for each; none if the tag is not in it.
    planned: BTreeMap<TagName, BTreeSet<Digest>>,
    pub(super) answered: AnsweredSteps,
    last: tokio::sync::Mutex<Option<LatestTagsCheck>>,
}

impl<'a> LatestTags<'a> {
    pub(super) fn new(
        access: RegistryAccess<'a>,
        path: &'a RepositoryPath,
        (latest, entries): (&BTreeSet<TagName>, &[PlanEntry]),
    ) -> Self {
        let planned = |tag: &TagName| {
            let on = entries.iter().filter(|entry| entry.tags.contains(tag));
            (tag.clone(), on.map(|entry| entry.digest.clone()).collect())
        };
        Self {
            access,
            path,
            planned: latest.iter().map(planned).collect(),
            answered: AnsweredSteps::default(),
            last: tokio::sync::Mutex::default(),
        }
    }

    /// What they point to now, or pointed to within the last second.
    pub(super) async fn check(&self, sharing: Sharing) -> Result<LatestTagsCheck, RequestError> {
        let mut last = self.last.lock().await;
        if let Some(known) = &*last
            && sharing == Sharing::Shared
            && known.at.elapsed() <= SHARED_FOR
        {
            return Ok(known.clone());
        }
        let after = self.answered.without_gap();
        let found: Vec<(TagName, Option<Digest>, Instant)> = stream::iter(self.planned.keys())
            .map(|tag| async move {
                let asked = Instant::now();
                let digest = self.access.tag_find(self.path, tag).await?;
                Ok::<_, RequestError>((tag.clone(), digest, asked))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let at = found.iter().map(|(_, _, at)| *at).min().unwrap_or_else(Instant::now);
        let tags = found.into_iter().map(|(tag, digest, _)| (tag, digest)).collect();
        let check = LatestTagsCheck { at, seen: LatestTagsSeen { tags, after } };
        *last = Some(check.clone());
        Ok(check)
    }

    /// Discards the last check: a deletion since may have deleted a latest tag.
    pub(super) async fn forget(&self) {
        *self.last.lock().await = None;
    }

    /// How one of them differs from what the plan says, if one does.
    pub(super) fn moved(&self, seen: &LatestTagsSeen) -> Option<String> {
        seen.tags.iter().find_map(|(tag, now)| {
            let planned = self.planned.get(tag)?;
            let from = planned.first().map_or_else(|| "nothing".to_owned(), Digest::short);
            match now {
                Some(now) if planned.contains(now) => None,
                None if planned.is_empty() => None,
                Some(now) => Some(format!(
                    "the latest tag {tag} moved from {from} to {} since the plan was made; \
                     nothing more is deleted in this repository, make a new plan",
                    now.short()
                )),
                None => Some(format!(
                    "the latest tag {tag} pointed to {from} and no longer exists; \
                     nothing more is deleted in this repository, make a new plan"
                )),
            }
        })
    }
}

/// The state of a manifest's own tags.
pub(super) enum OwnTags {
    /// As planned at this time.
    AsPlanned(Instant),
    /// None of them exists.
    Gone,
    /// They differ from the plan, with an explanation.
    Changed(String),
}

impl OwnTags {
    /// Judges where each of a manifest's tags points now.
    pub(super) fn of(digest: &Digest, found: &[(TagName, Option<Digest>)], at: Instant) -> Self {
        let elsewhere = |(tag, now): &(TagName, Option<Digest>)| {
            let now = now.as_ref().filter(|now| *now != digest)?;
            Some(format!("its tag {tag} points to {} now", now.short()))
        };
        if let Some(why) = found.iter().find_map(elsewhere) {
            return Self::Changed(why);
        }
        let mut gone = found.iter().filter(|(_, now)| now.is_none()).map(|(tag, _)| tag);
        match gone.next() {
            None => Self::AsPlanned(at),
            Some(_) if gone.count() + 1 == found.len() => Self::Gone,
            Some(first) => {
                Self::Changed(format!("its tag {first} is gone, and others are still there"))
            }
        }
    }
}

/// What each of these tags points to now, and when the first request was sent.
pub(super) async fn tags_find(
    access: RegistryAccess<'_>,
    path: &RepositoryPath,
    tags: &[TagName],
) -> Result<(Vec<(TagName, Option<Digest>)>, Instant), RequestError> {
    let found: Vec<(TagName, Option<Digest>, Instant)> = stream::iter(tags)
        .map(|tag| async move {
            let asked = Instant::now();
            let digest = access.tag_find(path, tag).await?;
            Ok::<_, RequestError>((tag.clone(), digest, asked))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let at = found.iter().map(|(_, _, at)| *at).min().unwrap_or_else(Instant::now);
    Ok((found.into_iter().map(|(tag, digest, _)| (tag, digest)).collect(), at))
}
