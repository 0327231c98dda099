//! Scopes, `repository:acme/app:pull,push`: what a token is for, or what a request needs.
//!
//! <https://distribution.github.io/distribution/spec/auth/scope/>

use std::collections::BTreeSet;
use std::fmt;

use crate::model::RepositoryPath;

/// A resource and the actions on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The type and the name, `repository:acme/app`.
    resource: String,
    actions: BTreeSet<String>,
}

impl Scope {
    /// What a request to a repository needs.
    pub(crate) fn repository(path: &RepositoryPath, actions: &[&str]) -> Self {
        Self {
            resource: format!("repository:{path}"),
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
        }
    }

    /// What the list of all repositories needs.
    pub(crate) fn catalog() -> Self {
        Self { resource: "registry:catalog".to_owned(), actions: BTreeSet::from(["*".to_owned()]) }
    }

    /// Parses a scope; none if it does not have three parts.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (resource, actions) = text.rsplit_once(':')?;
        resource.contains(':').then(|| Self {
            resource: resource.to_owned(),
            actions: actions.split(',').map(str::to_owned).collect(),
        })
    }

    /// The part that anyone is granted: to pull from a repository.
    pub(super) fn anonymous(self) -> Option<Self> {
        let of_repository = self.resource.starts_with("repository:");
        self.allowed(&|action| action == "pull").filter(|_| of_repository)
    }

    /// The part whose actions are allowed; none if nothing is left.
    pub(super) fn allowed(mut self, allows: &impl Fn(&str) -> bool) -> Option<Self> {
        self.actions.retain(|action| allows(action));
        (!self.actions.is_empty()).then_some(self)
    }

    /// The name of the repository in a scope.
    pub(crate) fn repository_name(text: &str) -> Option<&str> {
        text.strip_prefix("repository:")?.rsplit_once(':').map(|(name, _)| name)
    }

    /// Whether this is enough for `needed`.
    pub(super) fn covers(&self, needed: &Self) -> bool {
        self.resource == needed.resource
            && (self.actions.contains("*") || needed.actions.is_subset(&self.actions))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        write!(f, "{}:{}", self.resource, actions.join(","))
    }
}

/// Several scopes, separated by blanks as in challenges and token answers.
pub(super) fn join(scopes: &[Scope]) -> String {
    let texts: Vec<String> = scopes.iter().map(Scope::to_string).collect();
    texts.join(" ")
}
