//! Which release a tag belongs to, by the policy's patterns.

use std::collections::HashMap;

use crate::model::{EnvironmentName, Repository, Sha, TagKind, TagName};
use crate::policy::{Environment, Policy};

/// The environments of each repository.
pub(super) struct Naming<'a>(HashMap<&'a Repository, Vec<&'a Environment>>);

impl<'a> Naming<'a> {
    pub(super) fn new(policy: &'a Policy) -> Self {
        let mut environments: HashMap<&Repository, Vec<&Environment>> = HashMap::new();
        for environment in policy.environments.values() {
            for image in environment.images.values() {
                for repository in image.repositories.values() {
                    environments.entry(repository).or_default().push(environment);
                }
            }
        }
        Self(environments)
    }

    /// The release of a SHA tag.
    pub(super) fn release(
        &self,
        repository: &Repository,
        tag: &TagName,
    ) -> Option<(&'a EnvironmentName, Sha)> {
        self.0.get(repository)?.iter().find_map(|environment| {
            match environment.scheme.classify(tag) {
                TagKind::Sha(sha) => Some((&environment.name, sha)),
                TagKind::Latest | TagKind::Accessory | TagKind::Foreign => None,
            }
        })
    }
}
