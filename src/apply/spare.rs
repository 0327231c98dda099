//! What is left out before the first deletion of a repository: what is gone, what moved, what
//! cannot be read, and all that is reached from there.

use std::collections::{BTreeMap, BTreeSet};

use super::fresh::Fresh;
use super::manifest::ManifestText;
use super::order::Order;
use super::site::Failure;
use super::{ApplyResult, FailureCause};
use crate::model::{Digest, TagName};
use crate::retention::{Decision, PlanEntry};

/// What became of a manifest, in words too.
pub(super) type Became = (ApplyResult, String);

/// The manifests of a repository that are to go, as far as they could be read.
pub(super) type Texts = BTreeMap<Digest, Result<Option<ManifestText>, Failure>>;

/// What is known before the first deletion.
pub(super) struct Known<'a> {
    pub(super) changed: &'a [&'a PlanEntry],
    /// Those of them that are to be deleted.
    pub(super) deleted: &'a BTreeSet<Digest>,
    pub(super) fresh: &'a Fresh,
    pub(super) reached: &'a BTreeMap<Digest, String>,
    pub(super) texts: &'a Texts,
    pub(super) order: &'a Order,
}

impl Known<'_> {
    /// The entries that are not tried, with what became of them.
    pub(super) fn settled(&self) -> BTreeMap<Digest, Became> {
        let mut settled = BTreeMap::new();
        for entry in self.changed {
            if let Some(became) = self.alone(entry) {
                settled.insert(entry.digest.clone(), became);
            }
        }
        self.spread(&mut settled);
        self.doubt(&mut settled);
        settled
    }

    /// What an entry is by itself.
    fn alone(&self, entry: &PlanEntry) -> Option<Became> {
        let digest = &entry.digest;
        if !self.fresh.present.contains_key(digest) {
            return Some((ApplyResult::AlreadyGone, "it had gone already".to_owned()));
        }
        let going: &[TagName] = match &entry.decision {
            Decision::Untag(tags) => tags,
            Decision::Delete | Decision::Keep => &entry.tags,
        };
        let moved = going.iter().find_map(|tag| Some((tag, self.fresh.elsewhere(tag, digest)?)));
        if let Some((tag, now)) = moved {
            return Some(skipped(format!("its tag {tag} points to {} now", now.short())));
        }
        let deleted = entry.decision == Decision::Delete;
        let new = || self.fresh.tags_of(digest).find(|tag| !entry.tags.contains(tag));
        if deleted && let Some(tag) = new() {
            return Some(skipped(format!("the tag {tag} points to it now")));
        }
        if deleted && let Some(why) = self.reached.get(digest) {
            return Some(skipped(why.clone()));
        }
        match self.texts.get(digest) {
            Some(Err(failure)) => {
                Some((ApplyResult::Failed(failure.cause), failure.message.clone()))
            }
            Some(Ok(None)) => Some((
                ApplyResult::Failed(FailureCause::Registry),
                "it is listed, but cannot be fetched to be recorded".to_owned(),
            )),
            Some(Ok(Some(text))) if text.secret => Some((
                ApplyResult::Failed(FailureCause::Registry),
                "it or a tag of it holds a credential of this run, which cannot be recorded, so \
                 nothing was done; replace that credential, and delete this by hand"
                    .to_owned(),
            )),
            Some(Ok(Some(_))) | None => None,
        }
    }

    /// What is left alone keeps all that it reaches and all that is about it.
    fn spread(&self, settled: &mut BTreeMap<Digest, Became>) {
        let stays = |became: &Became| became.0 != ApplyResult::AlreadyGone;
        let mut waiting: Vec<Digest> = settled
            .iter()
            .filter(|(_, became)| stays(became))
            .map(|(digest, _)| digest.clone())
            .collect();
        while let Some(digest) = waiting.pop() {
            for other in self.order.kept_with(&digest) {
                if self.deleted.contains(other) && !settled.contains_key(other) {
                    let why = format!("{} stays, which belongs with it", digest.short());
                    settled.insert(other.clone(), skipped(why));
                    waiting.push(other.clone());
                }
            }
        }
    }

    /// A manifest that stays and could not be read may list any other.
    fn doubt(&self, settled: &mut BTreeMap<Digest, Became>) {
        let unread = |entry: &&&PlanEntry| {
            entry.decision == Decision::Delete
                && matches!(settled.get(&entry.digest), Some((ApplyResult::Failed(_), _)))
                && !matches!(self.texts.get(&entry.digest), Some(Ok(Some(_))))
        };
        let Some(unread) = self.changed.iter().find(unread) else {
            return;
        };
        let why = format!("{} cannot be read and may list it", unread.digest.short());
        for entry in self.changed.iter().filter(|entry| entry.decision == Decision::Delete) {
            settled.entry(entry.digest.clone()).or_insert_with(|| skipped(why.clone()));
        }
    }
}

pub(super) fn skipped(why: String) -> Became {
    (ApplyResult::Skipped, why)
}
