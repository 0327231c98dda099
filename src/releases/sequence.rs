//! Puts things that have times, commits or neither into one order, newest first, without ever
//! looking at a name.
//!
//! Releases for history and retention alike go through here, so that both mean the same by
//! "previous".

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};

use crate::model::ReleaseOrder;

/// Groups of indexes from newest to oldest; more than one in a group is a tie, and an index in no
/// group has no place that anything tells. `times` and `commits` have an entry for each thing: its
/// plausible time, and how many commits lie between it and the newest.
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
    let mut placed = Vec::new();
    for tied in group(&dated, |a, b| times[a] == times[b]) {
        placed.extend(by_commit(tied, commits));
    }
    let undated: Vec<usize> = (0..times.len()).filter(|i| times[*i].is_none()).collect();
    insert_by_commit(placed, &undated, commits)
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
