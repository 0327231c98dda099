//! The scope of a token: a repository and the actions in it.

use std::fmt;

use crate::model::RepositoryPath;

/// The actions in a repository; each includes reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Actions {
    /// Read.
    Pull,
    /// Read and write.
    Push,
    /// Read and delete.
    Delete,
}

/// `repository:acme/backend:pull`, or `registry:catalog:*` for the list of repositories:
/// <https://distribution.github.io/distribution/spec/auth/scope/>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Scope {
    /// None for the list of repositories.
    repository: Option<RepositoryPath>,
    pub(crate) actions: Actions,
    /// Another repository, to be read for a mount.
    from: Option<RepositoryPath>,
}

impl Scope {
    pub(crate) fn pull(repository: &RepositoryPath) -> Self {
        Self::new(repository, Actions::Pull)
    }

    pub(crate) fn push(repository: &RepositoryPath) -> Self {
        Self::new(repository, Actions::Push)
    }

    pub(crate) fn delete(repository: &RepositoryPath) -> Self {
        Self::new(repository, Actions::Delete)
    }

    /// Read the list of repositories.
    pub(crate) fn catalog() -> Self {
        Self { repository: None, actions: Actions::Pull, from: None }
    }

    /// Write to a repository and read from another one, for a mount.
    pub(crate) fn mount(repository: &RepositoryPath, from: &RepositoryPath) -> Self {
        Self { from: Some(from.clone()), ..Self::push(repository) }
    }

    fn new(repository: &RepositoryPath, actions: Actions) -> Self {
        Self { repository: Some(repository.clone()), actions, from: None }
    }

    /// The scope as text, with the actions that the registry's challenge names: instead of `delete` some
    /// require `push`, some `*`.
    pub(super) fn with(&self, named: &[String]) -> String {
        let mut text = self.to_string();
        let own: Vec<String> = text.rsplit(':').next().map(actions).unwrap_or_default();
        for action in named.iter().filter(|action| !own.contains(action)) {
            text.push(',');
            text.push_str(action);
        }
        text
    }

    /// The actions that the scope of a challenge names for this repository.
    pub(super) fn named_in(&self, challenge: &str) -> Vec<String> {
        let Some(repository) = &self.repository else { return Vec::new() };
        let own = format!("repository:{repository}:");
        let of_repository =
            challenge.split_ascii_whitespace().filter_map(|one| one.strip_prefix(&own));
        of_repository.flat_map(actions).collect()
    }
}

/// The actions in a comma-separated list; those that do not follow the grammar are left out.
fn actions(text: &str) -> Vec<String> {
    let is_valid = |action: &&str| {
        *action == "*" || (!action.is_empty() && action.chars().all(|c| c.is_ascii_lowercase()))
    };
    text.split(',').filter(is_valid).map(str::to_owned).collect()
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = match self.actions {
            Actions::Pull => "pull",
            Actions::Push => "pull,push",
            Actions::Delete => "pull,delete",
        };
        match &self.repository {
            Some(repository) => write!(f, "repository:{repository}:{actions}")?,
            None => f.write_str("registry:catalog:*")?,
        }
        match &self.from {
            Some(from) => write!(f, " repository:{from}:pull"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_asks_for_both_repositories() {
        let path = |text| RepositoryPath::parse(text).expect("a path");
        let scope = Scope::mount(&path("acme/app"), &path("acme/web"));
        let both = "repository:acme/app:pull,push repository:acme/web:pull";
        assert_eq!(scope.with(&[]), both);
    }

    #[test]
    fn a_deletion_asks_for_what_the_registry_names_for_this_repository_alone() {
        let scope = Scope::delete(&RepositoryPath::parse("acme/app").expect("a path"));
        let challenge = "repository:acme/web:pull,push repository:acme/app:delete,push,*,x%20y";
        let named = scope.named_in(challenge);
        assert_eq!(scope.with(&named), "repository:acme/app:pull,delete,push,*");
        assert_eq!(scope.with(&[]), "repository:acme/app:pull,delete");
        assert!(scope.named_in("registry:catalog:*").is_empty());
        assert_eq!(Scope::catalog().with(&[]), "registry:catalog:*");
    }
}
