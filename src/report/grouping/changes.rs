//! What a plan deletes or untags: releases by environment, then other tags, then untagged manifests; in
//! each of these by reason.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Amount;
use crate::model::{EnvironmentName, RegistryName, Repository, Sha, TagName};
use crate::report::words::{bytes, places};
use crate::report::{Cleanup, counted};
use crate::retention::{Decision, PlanEntry, ReasonCode, RuleName};

/// The manifests of an environment that are deleted or untagged for one reason, or those of none.
#[derive(Debug)]
pub(in crate::report) struct ChangeGroup<'a> {
    /// The environment of the releases; none for other tags and untagged manifests.
    pub(in crate::report) environment: Option<&'a EnvironmentName>,
    pub(in crate::report) code: ReasonCode,
    pub(in crate::report) rule: Option<&'a RuleName>,
    /// Whether only tags are removed and the manifests are kept.
    pub(in crate::report) is_untag: bool,
    /// The message, where it is the same for all.
    pub(in crate::report) message: Option<&'a str>,
    pub(in crate::report) amount: Amount,
    /// Newest first.
    pub(in crate::report) releases: Vec<ChangedRelease<'a>>,
    /// Tags of no release.
    pub(in crate::report) tags: BTreeMap<&'a Repository, Vec<&'a TagName>>,
    /// Manifests without a tag.
    pub(in crate::report) untagged: BTreeMap<&'a Repository, usize>,
}

impl ChangeGroup<'_> {
    /// `3 releases, 12 manifests, 1.2 GiB`
    pub(in crate::report) fn sum(&self) -> String {
        let manifests = counted(self.amount.manifests, "manifest");
        if self.is_untag {
            let verbs = if self.amount.manifests == 1 {
                "is kept but loses tags"
            } else {
                "are kept but lose tags"
            };
            return format!("{manifests} {verbs}");
        }
        let releases = match self.releases.len() {
            0 => String::new(),
            count => format!("{}, ", counted(count, "release")),
        };
        if self.amount.manifests == 0 {
            return format!("{releases}whose manifests are counted above");
        }
        format!("{releases}{manifests}, {}", bytes(self.amount.bytes))
    }
}

/// A release that is deleted or untagged, in all of its repositories.
#[derive(Debug)]
pub(in crate::report) struct ChangedRelease<'a> {
    pub(in crate::report) sha: Sha,
    /// The time of its newest copy.
    pub(in crate::report) time: Option<DateTime<Utc>>,
    copies: BTreeSet<(&'a str, &'a RegistryName)>,
}

impl ChangedRelease<'_> {
    /// `backend, frontend in docr, ghcr`
    pub(in crate::report) fn places(&self) -> String {
        places(self.copies.iter().copied())
    }
}

/// The groups: the environments in the order in which people look at them, then what belongs to none; of
/// each deletions by code and rule, then manifests that lose tags. A manifest with tags of several
/// environments counts with the first.
pub(in crate::report) fn changes(cleanup: &Cleanup) -> Vec<ChangeGroup<'_>> {
    let mut groups: BTreeMap<GroupKey<'_>, Collected<'_>> = BTreeMap::new();
    for entry in &cleanup.plan.entries {
        let (is_untag, tags) = match &entry.decision {
            Decision::Keep => continue,
            Decision::Delete => (false, &entry.tags),
            Decision::Untag(tags) => (true, tags),
        };
        let mut found: BTreeMap<usize, Found<'_>> = BTreeMap::new();
        for tag in tags {
            let release = cleanup.releases.release(&entry.repository, tag);
            let place = release
                .as_ref()
                .and_then(|(name, _)| cleanup.environments.iter().position(|known| known == *name));
            let found = found.entry(place.unwrap_or(NO_ENVIRONMENT)).or_default();
            match release.filter(|_| place.is_some()) {
                Some((_, sha)) => found.shas.push(sha),
                None => found.tags.push(tag),
            }
        }
        if found.is_empty() {
            found.insert(NO_ENVIRONMENT, Found::default());
        }
        for (number, (place, found)) in found.into_iter().enumerate() {
            let key = (place, is_untag, entry.reason.code, entry.reason.rule.as_ref());
            groups.entry(key).or_default().add(entry, found, number == 0);
        }
    }
    groups.into_iter().map(|(key, collected)| collected.finish(cleanup, key)).collect()
}

/// The place of what belongs to no environment: behind all of them.
const NO_ENVIRONMENT: usize = usize::MAX;

/// The place of the environment, whether only tags are removed, the code and the rule.
type GroupKey<'a> = (usize, bool, ReasonCode, Option<&'a RuleName>);

/// The tags of a manifest that belong to one environment, or to none.
#[derive(Default)]
struct Found<'a> {
    shas: Vec<Sha>,
    tags: Vec<&'a TagName>,
}

/// Releases sorted by SHA, where a SHA that is a prefix of the next is the same release: a short SHA
/// that fits two releases is never deleted.
fn of_one_commit<'a>(sorted: impl Iterator<Item = ChangedRelease<'a>>) -> Vec<ChangedRelease<'a>> {
    let mut releases: Vec<ChangedRelease<'a>> = Vec::new();
    for next in sorted {
        match releases.last_mut() {
            Some(last) if last.sha.is_prefix_of(&next.sha) => {
                last.sha = next.sha;
                last.time = last.time.max(next.time);
                last.copies.extend(next.copies);
            }
            _ => releases.push(next),
        }
    }
    releases
}

/// A group under construction.
#[derive(Default)]
struct Collected<'a> {
    messages: BTreeSet<&'a str>,
    amount: Amount,
    releases: BTreeMap<Sha, ChangedRelease<'a>>,
    tags: BTreeMap<&'a Repository, Vec<&'a TagName>>,
    untagged: BTreeMap<&'a Repository, usize>,
}

impl<'a> Collected<'a> {
    fn add(&mut self, entry: &'a PlanEntry, found: Found<'a>, counts: bool) {
        if counts {
            self.amount.add(entry);
        }
        // Two are enough to know that they differ.
        if self.messages.len() < 2 {
            self.messages.insert(&entry.reason.message);
        }
        if found.shas.is_empty() && found.tags.is_empty() {
            *self.untagged.entry(&entry.repository).or_default() += 1;
        }
        if !found.tags.is_empty() {
            self.tags.entry(&entry.repository).or_default().extend(found.tags);
        }
        for sha in found.shas {
            self.add_copy(sha, entry);
        }
    }

    fn add_copy(&mut self, sha: Sha, entry: &'a PlanEntry) {
        let release = self.releases.entry(sha.clone()).or_insert_with(|| ChangedRelease {
            sha,
            time: None,
            copies: BTreeSet::new(),
        });
        release.time = release.time.max(entry.time);
        let path = entry.repository.path.as_str();
        let image = entry.image.as_ref().map_or(path, |image| image.as_str());
        release.copies.insert((image, &entry.repository.registry));
    }

    fn finish(
        self,
        cleanup: &'a Cleanup,
        (place, is_untag, code, rule): GroupKey<'a>,
    ) -> ChangeGroup<'a> {
        let Self { messages, amount, releases, tags, untagged } = self;
        let mut releases = of_one_commit(releases.into_values());
        releases.sort_by_key(|release| Reverse(release.time));
        let mut messages = messages.into_iter();
        let message = messages.next().filter(|_| messages.next().is_none());
        let environment = cleanup.environments.get(place);
        ChangeGroup { environment, code, rule, is_untag, message, amount, releases, tags, untagged }
    }
}
