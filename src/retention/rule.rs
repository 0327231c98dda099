//! What the retention rules keep: releases by environment, and other tags by glob.
//!
//! A release or tag is kept if `keep-last` or `keep-within` of any rule that covers it keeps it. What no
//! rule covers is kept.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use globset::GlobMatcher;

use super::age::Age;
use super::graph::{Graph, Node, index};
use super::release_age::ReleaseAges;
use super::role::{ReleaseId, Role};
use super::roles::{EnvironmentReleases, Roles, id};
use crate::model::TagName;
use crate::policy::{Policy, Retention, RetentionScope};
use crate::releases::{ReleaseNumber, Releases};

/// What the rules, each by its index in the policy, decide about a release or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This rule keeps it.
    Kept(u16),
    /// This rule covers it, and none keeps it.
    Expired(u16),
    /// This rule covers it, but its age is unknown.
    TimeUnknown(u16),
    /// No rule covers it.
    NoRule,
}

impl Verdict {
    /// Combines it with the verdict of another rule: kept takes precedence, then an unknown time.
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

/// Whether something of that time is still younger than `keep`.
pub(super) fn is_within(since: DateTime<Utc>, keep: Duration, now: DateTime<Utc>) -> bool {
    // A time after `now`, by another clock, is young.
    (now - since).to_std().is_ok_and(|age| age <= keep) || since > now
}

/// The rules that cover an environment, with their indexes.
fn rules_of<'a>(policy: &'a Policy, name: &str) -> impl Iterator<Item = (u16, &'a Retention)> {
    numbered(policy).filter(move |(_, rule)| match &rule.scope {
        RetentionScope::Environments(names) => names.iter().any(|known| known.as_str() == name),
        RetentionScope::Tags(_) => false,
    })
}

fn numbered(policy: &Policy) -> impl Iterator<Item = (u16, &Retention)> {
    (0..).zip(&policy.retention)
}

/// The rules for releases.
pub(super) struct ReleaseRules<'a> {
    pub(super) policy: &'a Policy,
    pub(super) ages: &'a ReleaseAges<'a>,
    pub(super) now: DateTime<Utc>,
}

impl ReleaseRules<'_> {
    /// Adds the verdicts on the releases of one environment to `verdicts`, which has one for each
    /// release.
    pub(super) fn apply(&self, environment: &EnvironmentReleases<'_>, verdicts: &mut [Verdict]) {
        let model = &environment.model;
        for (rule_index, rule) in rules_of(self.policy, environment.environment.name.as_str()) {
            let newest = newest_groups(model, rule.keep_last.unwrap_or(0));
            for (group, releases) in model.groups().iter().enumerate() {
                for release in releases.iter().map(|release| id(environment, *release)) {
                    let among_last = group < newest;
                    let verdict = self.release(release, rule_index, rule, among_last);
                    verdicts[index(release)] = verdicts[index(release)].or(verdict);
                }
            }
            for release in model.unranked().map(|release| id(environment, release)) {
                let unknown = Verdict::TimeUnknown(rule_index);
                verdicts[index(release)] = verdicts[index(release)].or(unknown);
            }
        }
    }

    fn release(
        &self,
        release: ReleaseId,
        rule_index: u16,
        rule: &Retention,
        among_last: bool,
    ) -> Verdict {
        match (among_last, self.ages.of(release)) {
            (true, _) => Verdict::Kept(rule_index),
            (false, Age::Unknown | Age::Implausible(_)) => Verdict::TimeUnknown(rule_index),
            (false, Age::Since(since)) => {
                let within = |keep: Duration| is_within(since, keep, self.now);
                if rule.keep_within.is_some_and(within) {
                    Verdict::Kept(rule_index)
                } else {
                    Verdict::Expired(rule_index)
                }
            }
        }
    }
}

/// How many groups contain the newest `count` releases. A release with the same content as a counted
/// one does not count, and all that tie with the last one are included.
fn newest_groups(model: &Releases, count: u32) -> usize {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut seen = HashSet::new();
    // A release without a rank is kept in any case, and may still be known to be newer than others.
    let mut unranked: Vec<(usize, ReleaseNumber)> =
        model.unranked().map(|release| (model.older_from(release), release)).collect();
    unranked.sort_unstable();
    let mut unranked = unranked.into_iter().peekable();
    for (index, group) in model.groups().iter().enumerate() {
        while let Some((_, release)) = unranked.next_if(|(older, _)| *older <= index) {
            seen.insert(model.content(release));
        }
        if seen.len() >= count {
            return index;
        }
        seen.extend(group.iter().map(|release| model.content(*release)));
    }
    model.groups().len()
}

/// The rules for other tags, by glob.
pub(super) struct TagRules<'a> {
    pub(super) policy: &'a Policy,
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) now: DateTime<Utc>,
}

/// A tag that a rule covers.
struct Matched {
    node: Node,
    tag: u32,
    age: Age,
}

impl TagRules<'_> {
    /// Adds the verdicts on the tags of one repository to `verdicts`, which has one for each tag of
    /// all repositories.
    pub(super) fn apply(&self, repository: usize, verdicts: &mut [Verdict]) {
        for (rule_index, rule) in numbered(self.policy) {
            let RetentionScope::Tags(globs) = &rule.scope else {
                continue;
            };
            let matched = self.matched(repository, globs);
            let last = boundary(&matched, rule.keep_last.unwrap_or(0));
            for tag in matched {
                let verdict = self.tag(&tag, rule_index, rule, last);
                let known = &mut verdicts[index(tag.tag)];
                *known = known.or(verdict);
            }
        }
    }

    fn matched(&self, repository: usize, globs: &[GlobMatcher]) -> Vec<Matched> {
        let mut matched = Vec::new();
        let other = |tag| self.roles.role_of(tag) == Role::Other;
        let has_other = |node: &Node| self.roles.tags_of(*node).any(other);
        for node in self.graph.nodes_of(repository).filter(has_other) {
            for (tag, name, role) in self.roles.named(self.graph, node) {
                if role == Role::Other && matches(globs, name) {
                    matched.push(Matched { node, tag, age: self.roles.age_of_tag(tag) });
                }
            }
        }
        matched
    }

    fn tag(&self, tag: &Matched, rule_index: u16, rule: &Retention, last: Last) -> Verdict {
        let Age::Since(since) = tag.age else {
            return Verdict::TimeUnknown(rule_index);
        };
        let among_last = match last {
            Last::All => true,
            Last::None => false,
            Last::Since(boundary) => since >= boundary,
        };
        if among_last || rule.keep_within.is_some_and(|keep| is_within(since, keep, self.now)) {
            Verdict::Kept(rule_index)
        } else {
            Verdict::Expired(rule_index)
        }
    }
}

/// The tags that `keep-last` keeps.
#[derive(Clone, Copy)]
enum Last {
    All,
    None,
    /// Those of this time and newer.
    Since(DateTime<Utc>),
}

/// The tags on the newest `count` images. Several tags on one image count once, and those without a
/// time do not count.
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
