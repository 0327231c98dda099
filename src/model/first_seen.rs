//! When this machine first saw digests, for registries without push times.
//!
//! Stored as text: a line for each repository (`host/path`), then one for each digest with the time
//! in seconds. Lines that cannot be read are ignored: their images count as first seen now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Digest, Repository, is_plausible};

/// The most digests that are stored. Beyond that the newest are dropped; the next run counts them as
/// first seen then.
const MOST: usize = 500_000;

/// The first line: the version of the format.
const HEAD: &str = "tags first-seen 1";

/// When digests were first seen, by repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstSeen(BTreeMap<String, BTreeMap<Digest, DateTime<Utc>>>);

impl FirstSeen {
    /// When a digest was first seen.
    #[must_use]
    pub fn get(&self, repository: &Repository, digest: &Digest) -> Option<DateTime<Utc>> {
        self.0.get(&key(repository))?.get(digest).copied()
    }

    /// Adds a digest that exists now; a time that is known already is not changed.
    pub fn see(&mut self, repository: &Repository, digest: &Digest, now: DateTime<Utc>) {
        let known = self.0.entry(key(repository)).or_default();
        known.entry(digest.clone()).or_insert(now);
    }

    /// Removes what a repository no longer lists.
    pub fn retain(&mut self, repository: &Repository, listed: impl Fn(&Digest) -> bool) {
        if let Some(known) = self.0.get_mut(&key(repository)) {
            known.retain(|digest, _| listed(digest));
        }
    }

    /// The text that [`FirstSeen::parse`] reads.
    #[must_use]
    pub fn render(&self) -> String {
        let mut times: Vec<DateTime<Utc>> =
            self.0.values().flat_map(|of| of.values().copied()).collect();
        let last = if times.len() > MOST {
            times.sort_unstable();
            times.get(MOST - 1).copied()
        } else {
            None
        };
        let mut left = MOST;
        let mut text = format!("{HEAD}\n");
        for (repository, known) in &self.0 {
            text.push_str(&format!("{repository}\n"));
            for (digest, time) in known.iter().filter(|(_, time)| last.is_none_or(|l| **time <= l))
            {
                if left == 0 {
                    break;
                }
                left -= 1;
                text.push_str(&format!("{digest} {}\n", time.timestamp()));
            }
        }
        text
    }

    /// Parses the text; empty if it has another format. Times that lie in the future or before 1980
    /// come from a wrong clock, and are ignored.
    #[must_use]
    pub fn parse(text: &str, now: DateTime<Utc>) -> Self {
        let mut seen = Self::default();
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return seen;
        }
        let mut repository: Option<&str> = None;
        for line in lines {
            let Some((digest, time)) = line.split_once(' ') else {
                repository = Some(line);
                continue;
            };
            let time = time.parse().ok().and_then(|time| DateTime::from_timestamp(time, 0));
            let time = time.filter(|time| *time <= now && is_plausible(*time, now));
            if let (Some(repository), Ok(digest), Some(time)) =
                (repository, Digest::parse(digest), time)
            {
                seen.0.entry(repository.to_owned()).or_default().insert(digest, time);
            }
        }
        seen
    }
}

/// The address of a repository, without the policy's name of its registry.
fn key(repository: &Repository) -> String {
    format!("{}/{}", repository.host, repository.path)
}
