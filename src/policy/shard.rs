//! A part of a policy, for one of several runs that share its repositories.
//!
//! Repositories of one environment are never separated, since its releases are kept and deleted as
//! wholes. Which shard such a group is in depends on the name of its first environment alone, so that
//! it stays there when repositories are added.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::settings::{Policy, RetentionScope};
use crate::model::{Digest, Repository};

/// One of `count` shards, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: NonZeroU32,
}

/// A text that names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N, such as 0/8: shard I of N, from 0 to N-1")]
pub struct InvalidShard;

impl Shard {
    /// Shard `index` of `count`; N of N is the same as 0 of N, so that one may count from 1 too.
    ///
    /// # Errors
    /// [`InvalidShard`] when there is no such shard.
    pub fn new(index: u32, count: NonZeroU32) -> Result<Self, InvalidShard> {
        if index > count.get() {
            Err(InvalidShard)
        } else {
            Ok(Self { index: index % count, count })
        }
    }

    /// Whether a group of repositories is in this shard. The key is hashed in a way that never changes.
    fn has(self, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes());
        let number = digest.encoded().get(..15).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        number.unwrap_or_default() % u64::from(self.count.get()) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let (index, count) = text.split_once('/').ok_or(InvalidShard)?;
        let number = |text: &str| text.trim().parse().map_err(|_| InvalidShard);
        Self::new(number(index)?, NonZeroU32::new(number(count)?).ok_or(InvalidShard)?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Policy {
    /// The part of the policy that belongs to a shard: its environments, their repositories, and the
    /// repositories of no environment. Rules keep their places, without the other environments.
    #[must_use]
    pub fn of_shard(mut self, shard: Shard) -> Self {
        let repositories: BTreeSet<Repository> = groups(&self)
            .into_iter()
            .filter(|group| shard.has(&group.key))
            .flat_map(|group| group.repositories)
            .collect();
        self.repositories.retain(|repository, _| repositories.contains(repository));
        let is_here = |repository: &Repository| repositories.contains(repository);
        self.environments.retain(|_, environment| {
            environment.images.values().any(|image| image.repositories.values().any(is_here))
        });
        let images: BTreeSet<_> = self.repositories.values().collect();
        self.found.retain(|name| images.contains(name));
        for rule in &mut self.retention {
            if let RetentionScope::Environments(names) = &mut rule.scope {
                names.retain(|name| self.environments.contains_key(name));
            }
        }
        self.shard = Some(shard);
        self
    }
}

/// Repositories that stay together, and what decides where.
struct Group {
    key: String,
    repositories: BTreeSet<Repository>,
}

/// Every repository in exactly one group: with those that share an environment with it, also by way of
/// others; else with those of its image.
fn groups(policy: &Policy) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // Sorted by name, so that a group keeps the first name.
    for (name, environment) in &policy.environments {
        let images = environment.images.values();
        let mut repositories: BTreeSet<Repository> =
            images.flat_map(|image| image.repositories.values().cloned()).collect();
        let mut key = format!("environment {name}");
        let mut apart = Vec::with_capacity(groups.len() + 1);
        for group in groups {
            if group.repositories.is_disjoint(&repositories) {
                apart.push(group);
            } else {
                key = key.min(group.key);
                repositories.extend(group.repositories);
            }
        }
        apart.push(Group { key, repositories });
        groups = apart;
    }
    let used: BTreeSet<&Repository> = groups.iter().flat_map(|group| &group.repositories).collect();
    let mut others: BTreeMap<String, BTreeSet<Repository>> = BTreeMap::new();
    for (repository, image) in &policy.repositories {
        if !used.contains(repository) {
            others.entry(format!("image {image}")).or_default().insert(repository.clone());
        }
    }
    groups.extend(others.into_iter().map(|(key, repositories)| Group { key, repositories }));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_counted_from_0_or_from_1() {
        for (text, shown) in [("0/8", "0/8"), ("7/8", "7/8"), ("8/8", "0/8"), (" 1 / 1", "0/1")] {
            assert_eq!(text.parse::<Shard>().map(|shard| shard.to_string()), Ok(shown.to_owned()));
        }
        for text in ["", "1", "9/8", "0/0", "-1/8", "1/8/2", "a/b", "1/", "/8"] {
            assert_eq!(text.parse::<Shard>(), Err(InvalidShard), "{text}");
        }
    }

    #[test]
    fn a_key_is_in_the_same_shard_for_ever() {
        let shard = |key: &str| {
            (0..8).find(|index| {
                let count = NonZeroU32::new(8).expect("a count");
                Shard::new(*index, count).expect("a shard").has(key)
            })
        };
        assert_eq!(
            ["environment prod", "environment uat", "image web"].map(shard),
            [Some(4), Some(0), Some(4)]
        );
    }
}
