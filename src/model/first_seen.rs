//! When a machine saw digests first, where their registry does not say when they were pushed.
//!
//! Kept as text: a line for each repository (`host/path`), then one for each digest with the time
//! in seconds. What cannot be read in it is left out: it only makes images younger than they are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Digest, Repository, is_plausible};

/// How many digests are kept in mind. Those that were seen last are let go: they will be seen again,
/// and only count as younger for that.
const MOST: usize = 500_000;

/// The first line, by which a later program knows what it reads.
const HEAD: &str = "tags first-seen 1";

/// First sights of digests, by repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstSeen(BTreeMap<String, BTreeMap<Digest, DateTime<Utc>>>);

impl FirstSeen {
    /// When a digest was seen first.
    #[must_use]
    pub fn get(&self, repository: &Repository, digest: &Digest) -> Option<DateTime<Utc>> {
        self.0.get(&key(repository))?.get(digest).copied()
    }

    /// Notes that a digest is there; the first time stays.
    pub fn see(&mut self, repository: &Repository, digest: &Digest, now: DateTime<Utc>) {
        let known = self.0.entry(key(repository)).or_default();
        known.entry(digest.clone()).or_insert(now);
    }

    /// Forgets what a repository no longer lists.
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

    /// Reads what was kept; nothing where it is something else. A time in the future, or
    /// before there were clocks that are right, was noted by one that was wrong, and is left out.
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

/// A repository by where it is, whatever the policy calls its registry.
fn key(repository: &Repository) -> String {
    format!("{}/{}", repository.host, repository.path)
}
