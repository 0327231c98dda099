//! A file with the times at which this machine first saw manifests. Where a registry has no push
//! times, `min-age` counts from them.
//!
//! The file is used only if no other user can have written it. If it is lost, damaged or not used,
//! images count as younger than they are, so more is kept. Several processes may write it: each
//! replaces the whole file, and the next run adds again what was overwritten.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Session, State};
use crate::model::{
    Contents, ContentsCoverage, FirstSeen, ManifestRecord, PushTimes, RepositoryContents,
};
use crate::ownership;

const NAME: &str = "first-seen.txt";

/// The file, as earlier runs wrote it.
pub(super) struct FirstSeenFile<'a> {
    state: &'a dyn State,
    first_seen: FirstSeen,
    /// The directory of the file, or why there is none.
    directory: Result<PathBuf, String>,
    /// Why the file is not used, if so.
    ignored_because: Option<String>,
    now: DateTime<Utc>,
}

impl<'a> FirstSeenFile<'a> {
    /// Reads the file. What is first seen now gets the latest time of the servers' clocks and this
    /// machine's: a clock that is behind must not make an image older.
    pub(super) fn read(session: &Session, state: &'a dyn State) -> Self {
        let now = session.clock_reading().latest.max(session.clock.now());
        let directory = directory(state);
        let read = directory.as_ref().map(|directory| read(directory, now));
        let (first_seen, ignored_because) = match read {
            Ok(Ok(first_seen)) => (first_seen, None),
            Ok(Err(ignored_because)) => (FirstSeen::default(), Some(ignored_because)),
            Err(_) => (FirstSeen::default(), None),
        };
        Self { state, first_seen, directory, ignored_because, now }
    }

    /// When manifests were seen first.
    pub(super) fn first_seen(&self) -> &FirstSeen {
        &self.first_seen
    }

    /// Warns if the file is missing or not used, where the plan depends on it.
    pub(super) fn warn(&self, session: &Session, contents: &Contents) {
        let counts = !session.policy.protect.min_age.is_zero()
            && contents.repositories.iter().any(tells_no_times);
        let why =
            self.directory.as_ref().err().or(self.ignored_because.as_ref()).filter(|_| counts);
        if let Some(why) = why {
            let follows = "so images in registries without push times count as first seen now";
            session.warn(format!("{why}, {follows}"), None);
        }
    }

    /// Adds the manifests that exist now.
    pub(super) fn remember(&self, session: &Session, contents: &Contents) {
        let Ok(directory) = &self.directory else {
            return;
        };
        let untimed = || contents.repositories.iter().filter(|one| tells_no_times(one));
        if untimed().next().is_none() {
            return;
        }
        // Read again: another process may have written it meanwhile.
        let known = read(directory, self.now).unwrap_or_default();
        let mut seen = known.clone();
        for repository in untimed() {
            note(&mut seen, repository, self.now);
        }
        if seen == known {
            return;
        }
        let path = directory.join(NAME);
        if let Err(error) = self.state.replace(&path, &seen.render()) {
            session.warn(format!("{} cannot be written: {error}", path.display()), None);
        }
    }
}

fn tells_no_times(repository: &RepositoryContents) -> bool {
    repository.push_times == PushTimes::Unknown
}

fn note(seen: &mut FirstSeen, repository: &RepositoryContents, now: DateTime<Utc>) {
    let is_tagged =
        |record: &&ManifestRecord| record.tags.iter().any(|tag| !tag.name.is_accessory());
    for record in repository.manifests.iter().filter(is_tagged) {
        seen.see(&repository.repository, &record.digest, now);
    }
    if !matches!(repository.coverage, ContentsCoverage::Unlisted(_)) {
        let listed: HashSet<_> =
            repository.manifests.iter().filter(is_tagged).map(|record| &record.digest).collect();
        seen.retain(&repository.repository, |digest| listed.contains(digest));
    }
}

/// The state directory; created if it does not exist.
fn directory(state: &dyn State) -> Result<PathBuf, String> {
    let directory = state
        .shared()
        .ok_or("there is no state directory: neither $XDG_STATE_HOME nor $HOME is set")?;
    ownership::create_directory(&directory)
        .map_err(|error| format!("{} cannot be created: {error}", directory.display()))?;
    Ok(directory)
}

/// Reads the file, if no other user can have written it.
fn read(directory: &Path, now: DateTime<Utc>) -> Result<FirstSeen, String> {
    let path = directory.join(NAME);
    match ownership::read(&path) {
        Ok(Some(bytes)) => Ok(FirstSeen::parse(&String::from_utf8_lossy(&bytes), now)),
        Ok(None) => Ok(FirstSeen::default()),
        Err(ignored_because) => Err(format!(
            "{} is not used: {ignored_because}; {}",
            path.display(),
            ignored_because.hint()
        )),
    }
}
