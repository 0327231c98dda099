//! Which release a tag belongs to, by the policy's patterns.

use std::collections::HashMap;

use crate::model::{EnvironmentName, Repository, Sha, TagKind, TagName, TagScheme};
use crate::policy::Policy;

/// The environments of each repository, with their tag schemes.
#[derive(Debug)]
pub struct ReleaseNames(HashMap<Repository, Vec<(EnvironmentName, TagScheme)>>);

impl ReleaseNames {
    /// The tag schemes of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let mut environments: HashMap<Repository, Vec<(EnvironmentName, TagScheme)>> =
            HashMap::new();
        for environment in policy.environments.values() {
            for image in environment.images.values() {
                for repository in image.repositories.values() {
                    let named = (environment.name.clone(), environment.scheme.clone());
                    environments.entry(repository.clone()).or_default().push(named);
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
    ) -> Option<(&EnvironmentName, Sha)> {
        self.0.get(repository)?.iter().find_map(|(name, scheme)| match scheme.classify(tag) {
            TagKind::Sha(sha) => Some((name, sha)),
            TagKind::Latest | TagKind::Accessory | TagKind::Foreign => None,
        })
    }
}
