//! Releases from newest to oldest, as far as that can be known.
//!
//! Each release has a rank, or none when nothing says where it belongs. Equal ranks are a tie
//! that neither time nor git could break.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

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
    let placed = sequence(input, &releases);
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

/// Groups of indexes from newest to oldest; more than one in a group is a tie.
fn sequence(input: &TimelineInput<'_>, releases: &[Release]) -> Vec<Vec<usize>> {
    let commit: Vec<Option<usize>> =
        releases.iter().map(|release| input.git.find(&release.sha).map(|(n, _)| n)).collect();
    if input.environment.order == Order::Git {
        let mut known: Vec<usize> = (0..releases.len()).filter(|i| commit[*i].is_some()).collect();
        known.sort_by_key(|index| commit[*index]);
        return group(&known, |a, b| commit[a] == commit[b]);
    }
    let time: Vec<Option<DateTime<Utc>>> =
        releases.iter().map(|release| release.time().map(|moment| moment.time)).collect();
    let mut timed: Vec<usize> = (0..releases.len()).filter(|i| time[*i].is_some()).collect();
    timed.sort_by_key(|index| Reverse(time[*index]));
    let mut placed = Vec::new();
    for tied in group(&timed, |a, b| time[a] == time[b]) {
        placed.extend(by_commit(tied, &commit));
    }
    let untimed: Vec<usize> = (0..releases.len()).filter(|i| time[*i].is_none()).collect();
    insert_by_commit(placed, &untimed, &commit)
}

/// Neighbours that are equal, together.
fn group(sorted: &[usize], equal: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    sorted.chunk_by(|a, b| equal(*a, *b)).map(<[usize]>::to_vec).collect()
}

/// A tie is broken by git if git knows all of it; a part of an answer is none.
fn by_commit(mut tied: Vec<usize>, commit: &[Option<usize>]) -> Vec<Vec<usize>> {
    if tied.len() < 2 || tied.iter().any(|index| commit[*index].is_none()) {
        return vec![tied];
    }
    tied.sort_by_key(|index| commit[*index]);
    group(&tied, |a, b| commit[a] == commit[b])
}

/// Places releases without a time by git, if git knows all the others and agrees with their
/// times; else where they belong is unknown and they get no place.
fn insert_by_commit(
    placed: Vec<Vec<usize>>,
    untimed: &[usize],
    commit: &[Option<usize>],
) -> Vec<Vec<usize>> {
    let agrees = placed.iter().flatten().all(|index| commit[*index].is_some())
        && placed.windows(2).all(|pair| {
            let newest = pair[1].iter().filter_map(|index| commit[*index]).min();
            let oldest = pair[0].iter().filter_map(|index| commit[*index]).max();
            oldest.cmp(&newest) == Ordering::Less
        });
    if !agrees {
        return placed;
    }
    let mut all: Vec<usize> = placed.iter().flatten().copied().collect();
    all.extend(untimed.iter().filter(|index| commit[**index].is_some()));
    all.sort_by_key(|index| commit[*index]);
    group(&all, |a, b| commit[a] == commit[b])
}
