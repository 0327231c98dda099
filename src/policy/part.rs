//! The part of a policy that belongs to a shard.
//!
//! Repositories of one environment are never separated, since its releases are kept and deleted as
//! wholes. Which shard such a group is in depends on the name of its first environment alone, so that
//! it stays there when repositories are added.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::{Policy, RetentionScope};
use super::shard::Shard;
use crate::model::Repository;

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
