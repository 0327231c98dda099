//! The file in which this machine notes when it saw manifests first: `min-age` counts from there
//! where a registry tells no push times.
//!
//! The file only counts if nobody else can have written it. If it is lost, damaged or does not
//! count, images are taken for younger than they are, so that more is kept. Several processes may
//! write it: each writes a whole file, and what one of them overwrites is seen again by the next
//! run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Session, State};
use crate::model::{
    Contents, ContentsCoverage, FirstSeen, ManifestRecord, PushTimes, RepositoryContents,
};
use crate::ownership;

const NAME: &str = "first-seen.txt";

/// What was noted by earlier runs, and where.
pub(super) struct FirstSeenFile<'a> {
    state: &'a dyn State,
    first_seen: FirstSeen,
    /// The directory of the file; why there is none, if so.
    directory: Result<PathBuf, String>,
    /// Why the file does not count, if it does not.
    doubt: Option<String>,
    now: DateTime<Utc>,
}

impl<'a> FirstSeenFile<'a> {
    /// Reads the file. The latest of the servers' clocks and this machine's is noted for what is
    /// seen now, so that a clock that is behind makes nothing older.
    pub(super) fn read(session: &Session, state: &'a dyn State) -> Self {
        let now = session.clock_reading().latest.max(session.clock.now());
        let directory = directory(state);
        let read = directory.as_ref().map(|directory| read(directory, now));
        let (first_seen, doubt) = match read {
            Ok(Ok(first_seen)) => (first_seen, None),
            Ok(Err(doubt)) => (FirstSeen::default(), Some(doubt)),
            Err(_) => (FirstSeen::default(), None),
        };
        Self { state, first_seen, directory, doubt, now }
    }

    /// When manifests were seen first.
    pub(super) fn first_seen(&self) -> &FirstSeen {
        &self.first_seen
    }

    /// Warns that nothing was noted before, where that makes a difference.
    pub(super) fn warn(&self, session: &Session, contents: &Contents) {
        let counts = !session.policy.protect.min_age.is_zero()
            && contents.repositories.iter().any(tells_no_times);
        let why = self.directory.as_ref().err().or(self.doubt.as_ref()).filter(|_| counts);
        if let Some(why) = why {
            let follows =
                "where a registry tells no push times, images count as seen for the first time";
            session.warn(format!("{why}; {follows}"), None);
        }
    }

    /// Notes what is there now.
    pub(super) fn remember(&self, session: &Session, contents: &Contents) {
        let Ok(directory) = &self.directory else {
            return;
        };
        let untimed = || contents.repositories.iter().filter(|one| tells_no_times(one));
        if untimed().next().is_none() {
            return;
        }
        // Another process may have written meanwhile.
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

/// The state directory; made if it is not there.
fn directory(state: &dyn State) -> Result<PathBuf, String> {
    let directory = state
        .directory()
        .ok_or("there is no state directory: neither $XDG_STATE_HOME nor $HOME is set")?;
    ownership::create_directory(&directory)
        .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
    Ok(directory)
}

/// Reads the file, if nobody else can have written it.
fn read(directory: &Path, now: DateTime<Utc>) -> Result<FirstSeen, String> {
    let path = directory.join(NAME);
    match ownership::read(&path) {
        Ok(Some(bytes)) => Ok(FirstSeen::parse(&String::from_utf8_lossy(&bytes), now)),
        Ok(None) => Ok(FirstSeen::default()),
        Err(doubt) => Err(format!("{} is not used: {doubt}; {}", path.display(), doubt.hint())),
    }
}
