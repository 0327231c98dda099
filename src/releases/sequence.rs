//! Orders releases by times and commits, newest first, and never by name.
//!
//! All commands use this order, so "previous" means the same in each.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};

use super::groups::Groups;
use super::release_number::{ReleaseNumber, at, number};
use crate::model::ReleaseOrder;

/// Groups of releases from newest to oldest. Several in one group are a tie; a release in no group has no
/// known position. `times` and `commits` have an entry for each release: its plausible time, and how
/// many commits are between it and the newest.
#[must_use]
pub fn sequence(
    order: ReleaseOrder,
    times: &[Option<DateTime<Utc>>],
    commits: &[Option<usize>],
) -> Groups {
    let all = || 0..number(times.len());
    let time = |release: &ReleaseNumber| times[at(*release)];
    let commit = |release: &ReleaseNumber| commits[at(*release)];
    if order == ReleaseOrder::Git {
        return by_commit(all().filter(|release| commit(release).is_some()).collect(), commits);
    }
    let mut dated: Vec<ReleaseNumber> = all().filter(|release| time(release).is_some()).collect();
    dated.sort_by_key(|release| Reverse(time(release)));
    let mut ordered = Groups::default();
    for tied in dated.chunk_by(|a, b| time(a) == time(b)) {
        // Git orders a tie if it has all its commits; otherwise it remains one.
        if tied.len() > 1 && tied.iter().all(|release| commit(release).is_some()) {
            by_commit(tied.to_vec(), commits).iter().for_each(|group| ordered.push(group));
        } else {
            ordered.push(tied);
        }
    }
    let undated: Vec<ReleaseNumber> = all().filter(|release| time(release).is_none()).collect();
    insert_by_commit(ordered, &undated, commits)
}

/// Releases that git has, in groups of one commit.
fn by_commit(mut releases: Vec<ReleaseNumber>, commits: &[Option<usize>]) -> Groups {
    let commit = |release: &ReleaseNumber| commits[at(*release)];
    releases.sort_by_key(commit);
    let mut groups = Groups::default();
    releases.chunk_by(|a, b| commit(a) == commit(b)).for_each(|group| groups.push(group));
    groups
}

/// Inserts releases without a time by git, if git has the commits of all others and agrees with their
/// times. Otherwise their position is unknown, and they are left out.
fn insert_by_commit(
    ordered: Groups,
    untimed: &[ReleaseNumber],
    commits: &[Option<usize>],
) -> Groups {
    let commit = |release: &ReleaseNumber| commits[at(*release)];
    let agrees = ordered.members().iter().all(|release| commit(release).is_some())
        && ordered.iter().zip(ordered.from(1)).all(|(newer, older)| {
            let newest = older.iter().filter_map(commit).min();
            let oldest = newer.iter().filter_map(commit).max();
            oldest.cmp(&newest) == Ordering::Less
        });
    if !agrees {
        return ordered;
    }
    let inserted = untimed.iter().filter(|release| commit(release).is_some());
    by_commit(ordered.members().iter().chain(inserted).copied().collect(), commits)
}
