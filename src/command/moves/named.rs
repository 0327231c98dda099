//! Finds a release by the SHA that a person gave, and the tags that name it in each place. A full SHA
//! costs one HEAD a place; only where a tag of that length is missing are the repositories listed.

use chrono::{DateTime, Utc};

use super::super::release_sha::{ResolvedRelease, resolve};
use super::super::{CommandError, Session};
use super::places::{TagsSeen, own_tags, tags_seen};
use crate::collect::{TimesWanted, inventory};
use crate::model::{GitHistory, Sha, TagObservation, Unread};
use crate::policy::Environment;
use crate::releases::{CurrentError, CurrentQuestion, TimelineInput, current, timeline};

/// A release that was named.
pub(in crate::command) enum NamedRelease {
    /// It exists, at least in one place.
    Found(Sha, Vec<TagsSeen>),
    /// Whether it exists is not known.
    Unread(Vec<Unread>),
}

/// Finds the release of an environment that a SHA names.
///
/// # Errors
/// [`CommandError`] when it names none, or several.
pub(in crate::command) async fn named(
    session: &Session,
    environment: &Environment,
    asked: &Sha,
) -> Result<NamedRelease, CommandError> {
    let collector = session.collector();
    let sha = match resolve(collector, environment, asked).await? {
        ResolvedRelease::Known(sha) => sha,
        ResolvedRelease::Unread(unread) => {
            return Ok(NamedRelease::Unread(unread.into_iter().map(|(_, why)| why).collect()));
        }
    };
    let seen = tags_seen(collector, own_tags(environment, &sha)).await;
    if seen.iter().all(|place| !matches!(place.source, TagObservation::Missing)) {
        return Ok(NamedRelease::Found(sha, seen));
    }
    other_tags(session, environment, (sha, seen)).await
}

/// Looks for tags with more or fewer digits, and of former patterns: they are tags of the same
/// release.
async fn other_tags(
    session: &Session,
    environment: &Environment,
    (sha, seen): (Sha, Vec<TagsSeen>),
) -> Result<NamedRelease, CommandError> {
    let collector = session.collector();
    let inventory = inventory(collector, environment, TimesWanted::None).await;
    let git = GitHistory::default();
    // No time is needed to find a SHA.
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let timeline = timeline(&TimelineInput { environment, inventory: &inventory, git: &git, now });
    match current(environment, &inventory, &timeline, CurrentQuestion::From(&sha)) {
        Ok(found) => {
            let release = &timeline.releases()[found.index];
            let mut tags = own_tags(environment, &release.sha);
            for tags in &mut tags {
                if let Some(copy) = release.copies.get(&tags.place) {
                    tags.source = copy.reference().clone();
                }
            }
            let seen = tags_seen(collector, tags).await;
            Ok(NamedRelease::Found(release.sha.clone(), seen))
        }
        Err(error @ CurrentError::Ambiguous { .. }) => {
            Err(CommandError::usage(error.to_string()).hint("give more digits"))
        }
        Err(error) => {
            let missing = |place: &TagsSeen| place.source == TagObservation::Missing;
            let unread: Vec<Unread> = inventory.unread().into_values().cloned().collect();
            if !seen.iter().all(missing) {
                return Ok(NamedRelease::Found(sha, seen));
            }
            if !unread.is_empty() {
                return Ok(NamedRelease::Unread(unread));
            }
            let hint = format!("`tags list {}` shows every release", environment.name);
            Err(CommandError::usage(error.to_string()).hint(hint))
        }
    }
}
