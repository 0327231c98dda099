//! What the retention rules keep: releases by environment, other tags by glob, and nothing else.
//!
//! Within a rule `keep-last` and `keep-within` are a union, and so are all rules that speak of the
//! same thing. What no rule speaks of is kept.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use globset::GlobMatcher;

use super::age::{self, Age};
use super::graph::{Graph, Node, index};
use super::role::{EnvironmentReleases, ReleaseId, Role, Roles, id};
use crate::model::TagName;
use crate::policy::{Policy, Retention, RetentionScope};
use crate::releases::{ReleaseNumber, Releases};

/// What a rule, by its place in the policy, says of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This rule keeps it.
    Kept(u16),
    /// This rule speaks of it, and none keeps it.
    Expired(u16),
    /// A rule speaks of it, but nothing tells how old it is.
    TimeUnknown(u16),
    /// No rule speaks of it.
    NoRule,
}

impl Verdict {
    /// Adds what another rule says: a reason to keep counts most, then a time that is unknown.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Kept(_), _) => self,
            (_, Self::Kept(_)) | (Self::NoRule, _) | (Self::Expired(_), Self::TimeUnknown(_)) => {
                other
            }
            _ => self,
        }
    }
}

/// Whether something made then is still within its time.
pub(super) fn is_within(since: DateTime<Utc>, keep: Duration, now: DateTime<Utc>) -> bool {
    // What was made a moment after `now` on another clock is as young as can be.
    (now - since).to_std().is_ok_and(|age| age <= keep) || since > now
}

/// The rules with their places that speak of an environment.
fn rules_of<'a>(policy: &'a Policy, name: &str) -> impl Iterator<Item = (u16, &'a Retention)> {
    numbered(policy).filter(move |(_, rule)| match &rule.scope {
        RetentionScope::Environments(names) => names.iter().any(|known| known.as_str() == name),
        RetentionScope::Tags(_) => false,
    })
}

fn numbered(policy: &Policy) -> impl Iterator<Item = (u16, &Retention)> {
    (0..).zip(&policy.retention)
}

/// What judging releases needs.
pub(super) struct ReleaseRules<'a> {
    pub(super) policy: &'a Policy,
    pub(super) ages: &'a age::ReleaseAges,
    pub(super) now: DateTime<Utc>,
}

impl ReleaseRules<'_> {
    /// What the rules say of every release of one environment; `verdicts` has one for each release.
    pub(super) fn judge(&self, environment: &EnvironmentReleases<'_>, verdicts: &mut [Verdict]) {
        let model = &environment.model;
        for (place, rule) in rules_of(self.policy, environment.environment.name.as_str()) {
            let newest = newest_groups(model, rule.keep_last.unwrap_or(0));
            for (group, releases) in model.groups().iter().enumerate() {
                for release in releases.iter().map(|release| id(environment, *release)) {
                    let among_last = group < newest;
                    let verdict = self.release(release, place, rule, among_last);
                    verdicts[index(release)] = verdicts[index(release)].or(verdict);
                }
            }
            for release in model.unplaced().map(|release| id(environment, release)) {
                let unknown = Verdict::TimeUnknown(place);
                verdicts[index(release)] = verdicts[index(release)].or(unknown);
            }
        }
    }

    fn release(
        &self,
        release: ReleaseId,
        place: u16,
        rule: &Retention,
        among_last: bool,
    ) -> Verdict {
        match (among_last, self.ages.of(release)) {
            (true, _) => Verdict::Kept(place),
            (false, Age::Unknown | Age::Implausible(_)) => Verdict::TimeUnknown(place),
            (false, Age::Since(since)) => {
                let within = |keep: Duration| is_within(since, keep, self.now);
                if rule.keep_within.is_some_and(within) {
                    Verdict::Kept(place)
                } else {
                    Verdict::Expired(place)
                }
            }
        }
    }
}

/// How many groups hold the newest `count` releases. The same content again does not count, and
/// what ties with the last one is in.
fn newest_groups(model: &Releases, count: u32) -> usize {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut seen = HashSet::new();
    // What has no place may still be surely newer than some, and is kept in any case.
    let mut unplaced: Vec<(usize, ReleaseNumber)> =
        model.unplaced().map(|release| (model.older_from(release), release)).collect();
    unplaced.sort_unstable();
    let mut unplaced = unplaced.into_iter().peekable();
    for (place, group) in model.groups().iter().enumerate() {
        while let Some((_, release)) = unplaced.next_if(|(older, _)| *older <= place) {
            seen.insert(model.content(release));
        }
        if seen.len() >= count {
            return place;
        }
        seen.extend(group.iter().map(|release| model.content(*release)));
    }
    model.groups().len()
}

/// What the rules by glob say of the other tags of one repository; `verdicts` has one for each tag
/// of all repositories.
pub(super) struct TagRules<'a> {
    pub(super) policy: &'a Policy,
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) now: DateTime<Utc>,
}

/// A tag that a rule speaks of.
struct Matched {
    node: Node,
    tag: u32,
    age: Age,
}

impl TagRules<'_> {
    pub(super) fn judge(&self, repository: usize, verdicts: &mut [Verdict]) {
        for (place, rule) in numbered(self.policy) {
            let RetentionScope::Tags(globs) = &rule.scope else {
                continue;
            };
            let matched = self.matched(repository, globs);
            let last = boundary(&matched, rule.keep_last.unwrap_or(0));
            for tag in matched {
                let verdict = self.tag(&tag, place, rule, last);
                let known = &mut verdicts[index(tag.tag)];
                *known = known.or(verdict);
            }
        }
    }

    fn matched(&self, repository: usize, globs: &[GlobMatcher]) -> Vec<Matched> {
        let mut matched = Vec::new();
        for node in self.graph.nodes_of(repository) {
            for (place, (tag, name, role)) in self.roles.named(self.graph, node).enumerate() {
                if role == Role::Other && matches(globs, name) {
                    let age = age::of_tag(self.graph, node, place, self.now);
                    matched.push(Matched { node, tag, age });
                }
            }
        }
        matched
    }

    fn tag(&self, tag: &Matched, place: u16, rule: &Retention, last: Last) -> Verdict {
        let Age::Since(since) = tag.age else {
            return Verdict::TimeUnknown(place);
        };
        let among_last = match last {
            Last::All => true,
            Last::None => false,
            Last::Since(boundary) => since >= boundary,
        };
        if among_last || rule.keep_within.is_some_and(|keep| is_within(since, keep, self.now)) {
            Verdict::Kept(place)
        } else {
            Verdict::Expired(place)
        }
    }
}

/// What `keep-last` reaches.
#[derive(Clone, Copy)]
enum Last {
    All,
    None,
    /// Everything from this time on.
    Since(DateTime<Utc>),
}

/// How far the newest `count` images reach; several tags on one count once, and what nothing dates
/// does not count.
fn boundary(matched: &[Matched], count: u32) -> Last {
    let Some(last) = usize::try_from(count).unwrap_or(usize::MAX).checked_sub(1) else {
        return Last::None;
    };
    let mut dated: Vec<(DateTime<Utc>, Node)> =
        matched.iter().filter_map(|tag| Some((tag.age.since()?, tag.node))).collect();
    dated.sort_unstable_by(|a, b| b.cmp(a));
    let mut seen = HashSet::new();
    dated.retain(|(_, node)| seen.insert(*node));
    dated.get(last).map_or(Last::All, |(since, _)| Last::Since(*since))
}

/// Whether one of the globs matches the whole tag.
pub(super) fn matches(globs: &[GlobMatcher], tag: &TagName) -> bool {
    globs.iter().any(|glob| glob.is_match(tag.as_str()))
}
