//! Decides before the first deletion in a repository which entries are left out: manifests that no longer
//! exist, whose tags moved or that cannot be read, and everything that must be kept with them.

use std::collections::{BTreeMap, BTreeSet};

use super::attempt::Outcome;
use super::live_state::LiveState;
use super::live_state::ManifestText;
use crate::change::access::Failure;
use crate::change::order::Order;
use crate::change::result::ApplyResult;
use crate::model::{Digest, TagName};
use crate::retention::{Decision, PlanEntry};

/// The texts of the manifests of a repository that are to change, as far as they could be read.
pub(super) type Texts = BTreeMap<Digest, Result<Option<ManifestText>, Failure>>;

/// The input of the decision.
pub(super) struct Preflight<'a> {
    pub(super) changed: &'a [&'a PlanEntry],
    pub(super) live: &'a LiveState,
    pub(super) reached: &'a BTreeMap<Digest, String>,
    pub(super) texts: &'a Texts,
    pub(super) order: &'a Order,
}

impl Preflight<'_> {
    /// The entries that are not tried, each with its outcome.
    pub(super) fn left_out(&self) -> BTreeMap<Digest, Outcome> {
        let mut left_out = BTreeMap::new();
        for entry in self.changed {
            if let Some(outcome) = self.by_itself(entry) {
                left_out.insert(entry.digest.clone(), outcome);
            }
        }
        self.keep_related(&mut left_out);
        self.keep_all_if_unread(&mut left_out);
        left_out
    }

    fn deleted(&self) -> BTreeSet<&Digest> {
        let deleted = self.changed.iter().filter(|entry| entry.decision == Decision::Delete);
        deleted.map(|entry| &entry.digest).collect()
    }

    /// Why an entry is left out, without regard to the others.
    fn by_itself(&self, entry: &PlanEntry) -> Option<Outcome> {
        let digest = &entry.digest;
        if !self.live.present.contains_key(digest) {
            return Some(Outcome::gone_already());
        }
        let going: &[TagName] = match &entry.decision {
            Decision::Untag(tags) => tags,
            Decision::Delete | Decision::Keep => &entry.tags,
        };
        let moved = going.iter().find_map(|tag| Some((tag, self.live.elsewhere(tag, digest)?)));
        if let Some((tag, now)) = moved {
            return Some(Outcome::skipped(format!("its tag {tag} points to {} now", now.short())));
        }
        let deleted = entry.decision == Decision::Delete;
        let new = || self.live.tags_of(digest).find(|tag| !entry.tags.contains(tag));
        if deleted && let Some(tag) = new() {
            return Some(Outcome::skipped(format!("the tag {tag} points to it now")));
        }
        if deleted && let Some(why) = self.reached.get(digest) {
            return Some(Outcome::skipped(why.clone()));
        }
        match self.texts.get(digest) {
            Some(Err(failure)) => Some(Outcome::failed(failure.clone())),
            Some(Ok(None)) => Some(Outcome::failed(Failure::registry(
                "it is listed, but cannot be fetched, so it cannot be recorded in the journal",
            ))),
            Some(Ok(Some(text))) if text.secret => Some(Outcome::failed(Failure::registry(
                "it or a tag of it contains a credential of this run, which cannot be recorded, so \
                 nothing was done; replace that credential, and delete the manifest by hand",
            ))),
            Some(Ok(Some(_))) | None => None,
        }
    }

    /// For each entry that is left out, also leaves out what must be kept with it: what it references, and
    /// its referrers.
    fn keep_related(&self, left_out: &mut BTreeMap<Digest, Outcome>) {
        let deleted = self.deleted();
        let mut waiting: Vec<Digest> = left_out
            .iter()
            .filter(|(_, outcome)| !outcome.is_gone())
            .map(|(digest, _)| digest.clone())
            .collect();
        while let Some(digest) = waiting.pop() {
            for other in self.order.kept_with(&digest) {
                if deleted.contains(other) && !left_out.contains_key(other) {
                    let why = format!("it is kept because {} is kept", digest.short());
                    left_out.insert(other.clone(), Outcome::skipped(why));
                    waiting.push(other.clone());
                }
            }
        }
    }

    /// Leaves out all deletions if a manifest that is kept could not be read: it may reference any other.
    fn keep_all_if_unread(&self, left_out: &mut BTreeMap<Digest, Outcome>) {
        let unread = |entry: &&&PlanEntry| {
            let outcome = left_out.get(&entry.digest);
            entry.decision == Decision::Delete
                && matches!(outcome, Some(Outcome::Known(ApplyResult::Failed(_), _)))
                && !matches!(self.texts.get(&entry.digest), Some(Ok(Some(_))))
        };
        let Some(unread) = self.changed.iter().find(unread) else {
            return;
        };
        let why = format!("{} cannot be read and may list it", unread.digest.short());
        for entry in self.changed.iter().filter(|entry| entry.decision == Decision::Delete) {
            left_out.entry(entry.digest.clone()).or_insert_with(|| Outcome::skipped(why.clone()));
        }
    }
}
