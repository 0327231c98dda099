//! How old releases are, by their tags.

use chrono::{DateTime, Utc};

use super::age::Age;
use super::graph::index;
use super::role::ReleaseId;
use super::roles::{EnvironmentReleases, Roles};

/// The ages of all releases.
pub(super) struct ReleaseAges<'a> {
    roles: &'a Roles<'a>,
    releases: Vec<Age>,
}

impl<'a> ReleaseAges<'a> {
    pub(super) fn new(roles: &'a Roles<'a>) -> Self {
        let mut ages = Self { roles, releases: Vec::with_capacity(roles.release_count()) };
        for environment in &roles.environments {
            let of = |release: ReleaseId| ages.own(environment, release);
            let own: Vec<Option<Age>> = environment.ids().map(of).collect();
            ages.releases.extend(own.iter().map(|age| age.unwrap_or(Age::Unknown)));
            ages.bound(environment, &own);
        }
        ages
    }

    /// The age of a release by its copies. A copy on a digest that other releases share has no time of its
    /// own, so the age is unknown unless git has the commit. `None` if git has it and all copies are on
    /// such digests.
    fn own(&self, environment: &EnvironmentReleases<'_>, release: ReleaseId) -> Option<Age> {
        let mut dated: Option<Age> = None;
        let mut has_shared = false;
        let mut unknown = None;
        for copy in environment.copies(release) {
            let age = self.roles.age_of_tag(copy.tag);
            if !copy.is_undated {
                dated = Some(dated.map_or(age, |dated| dated.and(age)));
                continue;
            }
            has_shared = true;
            if age.since().is_none() {
                unknown = unknown.or(Some(age));
            }
        }
        let in_git = environment.model.is_in_git(release - environment.first);
        match unknown {
            Some(unknown) => Some(unknown),
            None if has_shared && !in_git => Some(Age::Unknown),
            None => dated,
        }
    }

    /// A release that git has put in order, and whose copies have only the times of shared digests, is
    /// at most as new as the next newer release that has a time.
    fn bound(&mut self, environment: &EnvironmentReleases<'_>, own: &[Option<Age>]) {
        let mut newer: Option<DateTime<Utc>> = None;
        for group in environment.model.groups().iter() {
            for release in group.iter().filter(|release| own[index(**release)].is_none()) {
                self.releases[index(environment.first + release)] =
                    newer.map_or(Age::Unknown, Age::Since);
            }
            let times = group.iter().filter_map(|release| own[index(*release)]?.since());
            newer = times.max().or(newer);
        }
    }

    /// The age of a release: that of its newest copy, if each copy has an age.
    pub(super) fn of(&self, release: ReleaseId) -> Age {
        self.releases[index(release)]
    }
}
