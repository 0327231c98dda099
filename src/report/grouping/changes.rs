//! What a plan deletes or untags, by reason: releases first, then other tags, then untagged manifests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Amount;
use super::naming::ReleaseNames;
use crate::model::{EnvironmentName, RegistryName, Repository, Sha, TagName};
use crate::report::counted;
use crate::report::words::bytes;
use crate::retention::{Decision, Plan, PlanEntry, ReasonCode, RuleName};

/// The manifests that are deleted or untagged for one reason.
#[derive(Debug)]
pub(in crate::report) struct ChangeGroup<'a> {
    pub(in crate::report) code: ReasonCode,
    pub(in crate::report) rule: Option<&'a RuleName>,
    /// Whether only tags are removed and the manifests are kept.
    pub(in crate::report) is_untag: bool,
    /// The message, where it is the same for all.
    pub(in crate::report) message: Option<&'a str>,
    pub(in crate::report) amount: Amount,
    /// By environment, newest first.
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
        format!("{releases}{manifests}, {}", bytes(self.amount.bytes))
    }
}

/// A release that is deleted or untagged, in all of its repositories.
#[derive(Debug)]
pub(in crate::report) struct ChangedRelease<'a> {
    pub(in crate::report) environment: &'a EnvironmentName,
    pub(in crate::report) sha: Sha,
    /// The time of its newest copy.
    pub(in crate::report) time: Option<DateTime<Utc>>,
    copies: BTreeMap<&'a str, BTreeSet<&'a RegistryName>>,
}

impl ChangedRelease<'_> {
    /// `backend, frontend in docr, ghcr`: images in the same registries are listed together.
    pub(in crate::report) fn places(&self) -> String {
        let mut alike: Vec<(&BTreeSet<&RegistryName>, Vec<&str>)> = Vec::new();
        for (image, registries) in &self.copies {
            match alike.iter_mut().find(|(known, _)| *known == registries) {
                Some((_, images)) => images.push(image),
                None => alike.push((registries, vec![image])),
            }
        }
        let portion = |(registries, images): &(&BTreeSet<&RegistryName>, Vec<&str>)| {
            let registries: Vec<&str> = registries.iter().map(|name| name.as_str()).collect();
            format!("{} in {}", images.join(", "), registries.join(", "))
        };
        alike.iter().map(portion).collect::<Vec<_>>().join("; ")
    }
}

/// The groups: deletions by code and rule, then manifests that lose tags.
pub(in crate::report) fn changes<'a>(
    plan: &'a Plan,
    releases: &'a ReleaseNames,
) -> Vec<ChangeGroup<'a>> {
    let mut groups: BTreeMap<GroupKey<'a>, Collected<'a>> = BTreeMap::new();
    for entry in &plan.entries {
        let (is_untag, tags) = match &entry.decision {
            Decision::Keep => continue,
            Decision::Delete => (false, &entry.tags),
            Decision::Untag(tags) => (true, tags),
        };
        let key = (is_untag, entry.reason.code, entry.reason.rule.as_ref());
        groups.entry(key).or_default().add(entry, tags, releases);
    }
    groups.into_iter().map(|(key, collected)| collected.finish(key)).collect()
}

/// Whether only tags are removed, the code and the rule.
type GroupKey<'a> = (bool, ReasonCode, Option<&'a RuleName>);

/// Releases sorted by SHA, where a SHA that is a prefix of the next is the same release: a short SHA
/// that fits two releases is never deleted.
fn of_one_commit<'a>(sorted: impl Iterator<Item = ChangedRelease<'a>>) -> Vec<ChangedRelease<'a>> {
    let mut releases: Vec<ChangedRelease<'a>> = Vec::new();
    for next in sorted {
        match releases.last_mut() {
            Some(last)
                if last.environment == next.environment && last.sha.is_prefix_of(&next.sha) =>
            {
                last.sha = next.sha;
                last.time = last.time.max(next.time);
                for (image, registries) in next.copies {
                    last.copies.entry(image).or_default().extend(registries);
                }
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
    releases: BTreeMap<(&'a EnvironmentName, Sha), ChangedRelease<'a>>,
    tags: BTreeMap<&'a Repository, Vec<&'a TagName>>,
    untagged: BTreeMap<&'a Repository, usize>,
}

impl<'a> Collected<'a> {
    fn add(&mut self, entry: &'a PlanEntry, tags: &'a [TagName], releases: &'a ReleaseNames) {
        self.amount.add(entry);
        // Two are enough to know that they differ.
        if self.messages.len() < 2 {
            self.messages.insert(&entry.reason.message);
        }
        if tags.is_empty() {
            *self.untagged.entry(&entry.repository).or_default() += 1;
        }
        for tag in tags {
            match releases.release(&entry.repository, tag) {
                Some(release) => self.add_copy(release, entry),
                None => self.tags.entry(&entry.repository).or_default().push(tag),
            }
        }
    }

    fn add_copy(&mut self, (environment, sha): (&'a EnvironmentName, Sha), entry: &'a PlanEntry) {
        let key = (environment, sha.clone());
        let release = self.releases.entry(key).or_insert_with(|| ChangedRelease {
            environment,
            sha,
            time: None,
            copies: BTreeMap::new(),
        });
        release.time = release.time.max(entry.time);
        let path = entry.repository.path.as_str();
        let image = entry.image.as_ref().map_or(path, |image| image.as_str());
        release.copies.entry(image).or_default().insert(&entry.repository.registry);
    }

    fn finish(self, (is_untag, code, rule): GroupKey<'a>) -> ChangeGroup<'a> {
        let Self { messages, amount, releases, tags, untagged } = self;
        let mut releases = of_one_commit(releases.into_values());
        releases.sort_by_key(|release| (release.environment, Reverse(release.time)));
        let mut messages = messages.into_iter();
        let message = messages.next().filter(|_| messages.next().is_none());
        ChangeGroup { code, rule, is_untag, message, amount, releases, tags, untagged }
    }
}
