//! The file in which this machine notes when it saw manifests first: `min-age` counts from there
//! where a registry tells no push times.
//!
//! The file is only believed if nobody else can have written it. That it is lost, damaged or not
//! believed makes images younger than they are, and so only keeps more. Several processes may write
//! it: each writes a whole file, and what one of them overwrites is seen again by the next run.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tags::model::{
    Contents, ContentsCoverage, FirstSeen, ManifestRecord, PushTimes, RepositoryContents,
};
use tags::ownership;
use tags::policy::Policy;
use tempfile::NamedTempFile;

use crate::{ambient, sink};

const NAME: &str = "first-seen.txt";

/// What was noted before, and where.
pub(crate) struct Sights {
    first_seen: FirstSeen,
    /// The directory of the file; why there is none, if so.
    directory: Result<PathBuf, String>,
    /// What was found instead of a file that can be believed.
    doubt: Option<String>,
    now: DateTime<Utc>,
}

impl Sights {
    /// Reads the file. Of the servers' clocks and this machine's the latest is taken for what is seen
    /// now, so that a clock that is behind makes nothing older.
    pub(crate) fn read(latest: DateTime<Utc>) -> Self {
        let now = latest.max(ambient::now());
        let mut sights =
            Self { first_seen: FirstSeen::default(), directory: directory(), doubt: None, now };
        if let Ok(directory) = &sights.directory {
            match read(directory, now) {
                Ok(first_seen) => sights.first_seen = first_seen,
                Err(doubt) => sights.doubt = Some(doubt),
            }
        }
        sights
    }

    pub(crate) fn first_seen(&self) -> &FirstSeen {
        &self.first_seen
    }

    /// What a person should know where it makes a difference.
    pub(crate) fn warnings(&self, policy: &Policy, contents: &Contents) -> Vec<String> {
        let counts =
            !policy.protect.min_age.is_zero() && contents.repositories.iter().any(tells_no_times);
        let why = self.directory.as_ref().err().or(self.doubt.as_ref()).filter(|_| counts);
        let warning = |why: &String| {
            format!(
                "warning: {why}; where a registry tells no push times, images count as seen for the first time\n"
            )
        };
        why.map(warning).into_iter().collect()
    }

    /// Notes what is there now.
    pub(crate) fn remember(&self, contents: &Contents) -> Result<(), String> {
        let Ok(directory) = &self.directory else {
            return Ok(());
        };
        let untimed = || contents.repositories.iter().filter(|one| tells_no_times(one));
        if untimed().next().is_none() {
            return Ok(());
        }
        // Another process may have written meanwhile.
        let known = read(directory, self.now).unwrap_or_default();
        let mut seen = known.clone();
        for repository in untimed() {
            note(&mut seen, repository, self.now);
        }
        if seen == known {
            return Ok(());
        }
        write(directory, &seen.render()).map_err(|error| {
            let path = directory.join(NAME);
            format!("warning: {} cannot be written: {error}\n", path.display())
        })
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
        let listed: std::collections::HashSet<_> =
            repository.manifests.iter().filter(is_tagged).map(|record| &record.digest).collect();
        seen.retain(&repository.repository, |digest| listed.contains(digest));
    }
}

/// The state directory; made if it is not there.
fn directory() -> Result<PathBuf, String> {
    let directory = ambient::state_directory()
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

/// Writes the file whole, or not at all.
fn write(directory: &Path, text: &str) -> std::io::Result<()> {
    let mut file = NamedTempFile::new_in(directory)?;
    sink::write(&mut file, text)?;
    file.persist(directory.join(NAME))?;
    Ok(())
}
