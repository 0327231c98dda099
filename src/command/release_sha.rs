//! Finds the release that a SHA names, when tags have more or fewer digits of it.

use super::CommandError;
use crate::collect::{Collector, find_agreeing_shas};
use crate::model::{Place, Sha, Unread};
use crate::policy::Environment;
use crate::releases::{SameCommit, same_commits};

/// The release that a SHA names, if it is known.
pub(super) enum ResolvedRelease {
    /// This one.
    Known(Sha),
    /// Unknown: these places could not be listed.
    Unread(Vec<(Place, Unread)>),
}

/// Finds the release: a full SHA as it is, a shortened one by the tags in the registries.
pub(super) async fn resolve(
    collector: Collector<'_>,
    environment: &Environment,
    asked: &Sha,
) -> Result<ResolvedRelease, CommandError> {
    if asked.is_full() {
        return Ok(ResolvedRelease::Known(asked.clone()));
    }
    let (shas, unread) = find_agreeing_shas(collector, environment, asked).await;
    let shas: Vec<Sha> = shas.into_iter().filter(|sha| asked.is_prefix_of(sha)).collect();
    if shas.contains(asked) {
        return Ok(ResolvedRelease::Known(asked.clone()));
    }
    let listed: Vec<&Sha> = shas.iter().collect();
    let named = same_commits(&listed);
    let is_longest = |place: &usize| named[*place] == SameCommit::As(*place);
    let shas: Vec<&Sha> = (0..shas.len()).filter(is_longest).map(|place| &shas[place]).collect();
    match shas.as_slice() {
        [sha] => Ok(ResolvedRelease::Known((*sha).clone())),
        // A place that was not listed may have it.
        [] if !unread.is_empty() => Ok(ResolvedRelease::Unread(unread)),
        [] => Ok(ResolvedRelease::Known(asked.clone())),
        several => {
            let first: Vec<String> = several.iter().take(10).map(ToString::to_string).collect();
            let count = several.len();
            let message = format!("`{asked}` matches {count} releases: {}", first.join(", "));
            Err(CommandError::usage(message).hint("give more digits"))
        }
    }
}

/// The SHAs of other lengths in tags that can only name this commit.
pub(super) async fn other_lengths(
    collector: Collector<'_>,
    environment: &Environment,
    sha: &Sha,
) -> Vec<Sha> {
    let (agreeing, _) = find_agreeing_shas(collector, environment, sha).await;
    let Some(shortest) = agreeing.iter().min_by_key(|one| one.length()) else {
        return Vec::new();
    };
    // Another commit may begin with the shortest of them.
    let (all, _) = find_agreeing_shas(collector, environment, shortest).await;
    let all: Vec<&Sha> = all.iter().collect();
    if same_commits(&all).iter().any(|named| *named != SameCommit::As(all.len() - 1)) {
        return Vec::new();
    }
    agreeing.into_iter().filter(|other| other != sha).collect()
}

/// The shortened SHA in the tags, if exactly one can name this commit.
pub(super) async fn shortened(
    collector: Collector<'_>,
    environment: &Environment,
    sha: &Sha,
) -> Option<Sha> {
    let (shas, _) = find_agreeing_shas(collector, environment, sha).await;
    let mut shas = shas.into_iter();
    shas.next().filter(|_| shas.next().is_none())
}
