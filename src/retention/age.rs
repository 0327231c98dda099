//! How old manifests, tags and releases are, as far as anything believable tells.
//!
//! The newest of all that is said counts, and one date that cannot be right puts all in doubt.

use chrono::{DateTime, Utc};

use super::graph::{Graph, Node, index};
use super::role::{EnvironmentReleases, ReleaseId, Roles, TagCopy};
use crate::model::{PushTimes, is_plausible};

/// When something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// At this time.
    Since(DateTime<Utc>),
    /// No time is known.
    Unknown,
    /// A time is known, but it is implausible.
    Implausible(DateTime<Utc>),
}

impl Age {
    pub(super) fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Since(time) => Some(time),
            Self::Unknown | Self::Implausible(_) => None,
        }
    }

    /// The newer of two; doubt about one is doubt about both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Implausible(time), _) | (_, Self::Implausible(time)) => Self::Implausible(time),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Since(a), Self::Since(b)) => Self::Since(a.max(b)),
        }
    }
}

/// The newest of some times; one that cannot be right puts all in doubt.
fn newest(times: impl Iterator<Item = DateTime<Utc>>, now: DateTime<Utc>) -> Age {
    let mut newest = None;
    for time in times {
        if !is_plausible(time, now) {
            return Age::Implausible(time);
        }
        newest = newest.max(Some(time));
    }
    newest.map_or(Age::Unknown, Age::Since)
}

/// The age of a manifest: when it was pushed or tagged last. Where the registry tells no push
/// times, when it was built; where it does, the build time never stands in for one that is missing.
pub(super) fn of_manifest(graph: &Graph<'_>, node: Node, now: DateTime<Utc>) -> Age {
    let record = graph.record(node);
    match graph.repository(node).push_times {
        PushTimes::OfTags => {
            let tagged = record.tags.iter().filter_map(|tag| tag.pushed);
            newest(record.pushed.into_iter().chain(tagged), now)
        }
        PushTimes::OfDigests => newest(record.pushed.into_iter(), now),
        PushTimes::Unknown => newest(record.built.into_iter(), now),
    }
}

/// The age of one tag of a manifest.
pub(super) fn of_tag(graph: &Graph<'_>, node: Node, tag: usize, now: DateTime<Utc>) -> Age {
    let record = graph.record(node);
    if graph.repository(node).push_times != PushTimes::OfTags {
        return of_manifest(graph, node, now);
    }
    match record.tags.get(tag).and_then(|tag| tag.pushed) {
        Some(set) => newest(record.pushed.into_iter().chain([set]), now),
        None => Age::Unknown,
    }
}

/// The ages of all releases.
pub(super) struct ReleaseAges(Vec<Age>);

impl ReleaseAges {
    pub(super) fn new(graph: &Graph<'_>, roles: &Roles<'_>, now: DateTime<Utc>) -> Self {
        let mut ages = Self(Vec::with_capacity(roles.release_count()));
        for environment in &roles.environments {
            let of = |release: ReleaseId| own_age((graph, roles), environment, release, now);
            let own: Vec<Option<Age>> = environment.ids().map(of).collect();
            ages.0.extend(own.iter().map(|age| age.unwrap_or(Age::Unknown)));
            ages.bound(environment, &own);
        }
        ages
    }

    /// A release of which only shared digests are dated is at most as new as the next newer one
    /// that has a time, where git placed it.
    fn bound(&mut self, environment: &EnvironmentReleases<'_>, own: &[Option<Age>]) {
        let mut newer: Option<DateTime<Utc>> = None;
        for group in environment.model.groups() {
            for release in group.iter().filter(|release| own[index(**release)].is_none()) {
                self.0[index(environment.first + release)] = newer.map_or(Age::Unknown, Age::Since);
            }
            let times = group.iter().filter_map(|release| own[index(*release)]?.since());
            newer = times.max().or(newer);
        }
    }

    /// The age of a release: that of its newest copy, if each copy has one.
    pub(super) fn of(&self, release: ReleaseId) -> Age {
        self.0[index(release)]
    }
}

/// The age of a release by its copies. One on a digest that other releases share has no time of its
/// own: unless git knows the release, nothing tells how old it is. None where git knows it, and each
/// copy only has the time of such a digest.
fn own_age(
    (graph, roles): (&Graph<'_>, &Roles<'_>),
    environment: &EnvironmentReleases<'_>,
    release: ReleaseId,
    now: DateTime<Utc>,
) -> Option<Age> {
    let age = |copy: &TagCopy| {
        let tag = index(copy.tag - roles.tags_of(copy.node).start);
        of_tag(graph, copy.node, tag, now)
    };
    let (shared, dated): (Vec<TagCopy>, Vec<TagCopy>) =
        roles.copies(release).partition(|copy| copy.is_undated);
    let in_git = environment.model.is_in_git(release - environment.first);
    match shared.iter().map(age).find(|age| age.since().is_none()) {
        Some(doubt) => Some(doubt),
        None if !shared.is_empty() && !in_git => Some(Age::Unknown),
        None => dated.iter().map(age).reduce(Age::and),
    }
}
