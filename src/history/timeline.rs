//! Releases from newest to oldest, as far as that can be known.
//!
//! Each release has a rank, or none when nothing says where it belongs. Equal ranks are a tie
//! that neither time nor git could break.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::sequence::sequence;
use crate::model::{
    Copy, Coverage, GitHistory, Inventory, Moment, Order, Place, Release, RepositoryInventory, Sha,
    TagKind, TagName, TagRecord, TagReference, TagState, TimeSource, is_plausible,
};
use crate::policy::Environment;

/// What a timeline is made from.
#[derive(Clone, std::marker::Copy)]
pub struct TimelineInput<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// What was read of it.
    pub inventory: &'a Inventory,
    /// The checkout's history, empty where there is none.
    pub git: &'a GitHistory,
    /// The time that counts as now.
    pub now: DateTime<Utc>,
}

/// The releases of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    releases: Vec<Release>,
    ranks: Vec<Option<usize>>,
}

impl Timeline {
    /// The releases: those with a rank from newest to oldest, then the others.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The rank of a release by its index; 0 is the newest.
    #[must_use]
    pub fn rank(&self, index: usize) -> Option<usize> {
        self.ranks.get(index).copied().flatten()
    }

    /// Whether `a` is surely older than `b`.
    #[must_use]
    pub fn is_older(&self, a: usize, b: usize) -> bool {
        matches!((self.rank(a), self.rank(b)), (Some(a), Some(b)) if a > b)
    }

    /// The index of a SHA.
    #[must_use]
    pub fn find(&self, sha: &Sha) -> Option<usize> {
        self.releases.iter().position(|release| release.sha == *sha)
    }
}

/// Orders the releases of an inventory.
#[must_use]
pub fn timeline(input: &TimelineInput<'_>) -> Timeline {
    let releases = releases(input);
    let commits: Vec<Option<usize>> =
        releases.iter().map(|release| input.git.find(&release.sha).map(|(n, _)| n)).collect();
    let times: Vec<Option<DateTime<Utc>>> =
        releases.iter().map(|release| release.time().map(|moment| moment.time)).collect();
    let placed = sequence(input.environment.order, &times, &commits);
    let mut ranks: Vec<Option<usize>> = vec![None; releases.len()];
    for (rank, tied) in placed.iter().enumerate() {
        for index in tied {
            ranks[*index] = Some(rank);
        }
    }
    let mut both: Vec<(Release, Option<usize>)> = releases.into_iter().zip(ranks).collect();
    // The SHA only makes the output stable among releases that have no order.
    both.sort_by(|(a, rank_a), (b, rank_b)| {
        let last = usize::MAX;
        rank_a.unwrap_or(last).cmp(&rank_b.unwrap_or(last)).then_with(|| a.sha.cmp(&b.sha))
    });
    let (releases, ranks) = both.into_iter().unzip();
    Timeline { releases, ranks }
}

/// All SHAs that any place has, each with a copy for every place.
fn releases(input: &TimelineInput<'_>) -> Vec<Release> {
    let mut seen: BTreeMap<&Place, BTreeMap<Sha, (&TagName, &TagState)>> = BTreeMap::new();
    let scheme = &input.environment.scheme;
    for (place, repository) in &input.inventory.repositories {
        let tags = seen.entry(place).or_default();
        for (tag, state) in &repository.tags {
            let TagKind::Sha(sha) = scheme.classify(tag) else {
                continue;
            };
            let is_present_pattern = scheme.sha.sha_in(tag).is_some();
            if is_present_pattern || !tags.contains_key(&sha) {
                tags.insert(sha, (tag, state));
            }
        }
    }
    let shas: BTreeSet<Sha> = seen.values().flat_map(|tags| tags.keys().cloned()).collect();
    let copies = |sha: &Sha| {
        let each = input.inventory.repositories.iter().map(|(place, repository)| {
            let found = seen.get(place).and_then(|tags| tags.get(sha)).copied();
            (place.clone(), copy(input, sha, repository, found))
        });
        each.collect()
    };
    shas.into_iter().map(|sha| Release { copies: copies(&sha), sha }).collect()
}

fn copy(
    input: &TimelineInput<'_>,
    sha: &Sha,
    repository: &RepositoryInventory,
    found: Option<(&TagName, &TagState)>,
) -> Copy {
    let reference = |tag: TagName| TagReference { repository: repository.repository.clone(), tag };
    match (found, &repository.coverage) {
        (Some((tag, TagState::Read(record))), _) => Copy::Present {
            reference: reference(tag.clone()),
            digest: record.digest.clone(),
            time: moment(input, sha, record),
        },
        (Some((tag, TagState::Unread)), _) => Copy::Unread { reference: reference(tag.clone()) },
        (None, Coverage::Complete | Coverage::TagsUnread(_)) => {
            Copy::Absent { reference: reference(input.environment.scheme.sha.render(sha)) }
        }
        (None, Coverage::Unlisted(_)) => {
            Copy::Unread { reference: reference(input.environment.scheme.sha.render(sha)) }
        }
    }
}

/// When a copy was made, by what the policy says; never a time that cannot be believed.
fn moment(input: &TimelineInput<'_>, sha: &Sha, record: &TagRecord) -> Option<Moment> {
    let pushed = record.pushed.map(|time| Moment { time, source: TimeSource::Pushed });
    let built = record.built.map(|time| Moment { time, source: TimeSource::Built });
    let believed = |moment: &Moment| is_plausible(moment.time, input.now);
    match input.environment.order {
        Order::Pushed => pushed.or(built).filter(believed),
        Order::Built => built.filter(believed),
        Order::Git => input
            .git
            .find(sha)
            .map(|(_, time)| Moment { time, source: TimeSource::Git })
            .filter(believed),
    }
}
