//! Orders releases by times and commits, newest first, and never by name.
//!
//! All commands use this order, so "previous" means the same in each.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};

use crate::model::ReleaseOrder;

/// Groups of indexes from newest to oldest. Several in one group are a tie; an index in no group has no
/// known position. `times` and `commits` have an entry for each release: its plausible time, and how
/// many commits are between it and the newest.
#[must_use]
pub fn sequence(
    order: ReleaseOrder,
    times: &[Option<DateTime<Utc>>],
    commits: &[Option<usize>],
) -> Vec<Vec<usize>> {
    if order == ReleaseOrder::Git {
        let mut known: Vec<usize> = (0..commits.len()).filter(|i| commits[*i].is_some()).collect();
        known.sort_by_key(|index| commits[*index]);
        return group(&known, |a, b| commits[a] == commits[b]);
    }
    let mut dated: Vec<usize> = (0..times.len()).filter(|i| times[*i].is_some()).collect();
    dated.sort_by_key(|index| Reverse(times[*index]));
    let mut ordered = Vec::new();
    for tied in group(&dated, |a, b| times[a] == times[b]) {
        ordered.extend(by_commit(tied, commits));
    }
    let undated: Vec<usize> = (0..times.len()).filter(|i| times[*i].is_none()).collect();
    insert_by_commit(ordered, &undated, commits)
}

/// Groups adjacent items that are equal.
fn group(sorted: &[usize], equal: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    sorted.chunk_by(|a, b| equal(*a, *b)).map(<[usize]>::to_vec).collect()
}

/// Orders a tie by git if git has all its commits; otherwise it remains a tie.
fn by_commit(mut tied: Vec<usize>, commit: &[Option<usize>]) -> Vec<Vec<usize>> {
    if tied.len() < 2 || tied.iter().any(|index| commit[*index].is_none()) {
        return vec![tied];
    }
    tied.sort_by_key(|index| commit[*index]);
    group(&tied, |a, b| commit[a] == commit[b])
}

/// Inserts releases without a time by git, if git has the commits of all others and agrees with their
/// times. Otherwise their position is unknown, and they are left out.
fn insert_by_commit(
    ordered: Vec<Vec<usize>>,
    untimed: &[usize],
    commit: &[Option<usize>],
) -> Vec<Vec<usize>> {
    let agrees = ordered.iter().flatten().all(|index| commit[*index].is_some())
        && ordered.windows(2).all(|pair| {
            let newest = pair[1].iter().filter_map(|index| commit[*index]).min();
            let oldest = pair[0].iter().filter_map(|index| commit[*index]).max();
            oldest.cmp(&newest) == Ordering::Less
        });
    if !agrees {
        return ordered;
    }
    let mut all: Vec<usize> = ordered.iter().flatten().copied().collect();
    all.extend(untimed.iter().filter(|index| commit[**index].is_some()));
    all.sort_by_key(|index| commit[*index]);
    group(&all, |a, b| commit[a] == commit[b])
}
