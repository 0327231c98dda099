//! Builds the calls of GitHub's packages API; sends nothing.
//!
//! <https://docs.github.com/rest/packages/packages>

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderName};
use url::Url;

use super::super::management;
use crate::http::{Call, RetryPolicy, below};
use crate::model::{RepositoryPath, VersionId};

/// The most entries that a page may have.
pub(super) const PAGE: usize = 100;

const LISTING_LIMIT: usize = 8 << 20;

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The kind of owner of the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnerKind {
    /// An organisation's.
    Organization,
    /// A user's.
    User,
}

impl OwnerKind {
    /// The word in the path of a URL.
    fn word(self) -> &'static str {
        match self {
            Self::Organization => "orgs",
            Self::User => "users",
        }
    }
}

/// The URLs of one owner's packages.
#[derive(Debug, Clone)]
pub(super) struct Api {
    base: Url,
    owner: RepositoryPath,
}

impl Api {
    pub(super) fn new(base: &Url, owner: &RepositoryPath) -> Self {
        Self { base: base.clone(), owner: owner.clone() }
    }

    /// The account of the owner; this URL answers for organisations too.
    pub(super) fn owner(&self) -> Call {
        self.call(Method::GET, below(&self.base, &format!("users/{}", self.owner)))
    }

    /// One page of the owner's packages of container images, counted from 1.
    pub(super) fn packages(&self, owner: OwnerKind, page: usize) -> Call {
        let path = format!("{}/{}/packages", owner.word(), self.owner);
        let mut url = below(&self.base, &path);
        url.query_pairs_mut()
            .append_pair("package_type", "container")
            .append_pair("per_page", &PAGE.to_string())
            .append_pair("page", &page.to_string());
        self.call(Method::GET, url)
    }

    /// One page of a package's versions, counted from 1. A version is a manifest.
    pub(super) fn versions(
        &self,
        owner: OwnerKind,
        repository: &RepositoryPath,
        page: usize,
    ) -> Call {
        let mut url = self.versions_url(owner, repository, "");
        url.query_pairs_mut()
            .append_pair("per_page", &PAGE.to_string())
            .append_pair("page", &page.to_string());
        self.call(Method::GET, url)
    }

    /// One version, with its digest and all its tags.
    pub(super) fn version(
        &self,
        owner: OwnerKind,
        repository: &RepositoryPath,
        version: VersionId,
    ) -> Call {
        self.call(Method::GET, self.versions_url(owner, repository, &format!("/{version}")))
    }

    /// Deletes a version with its tags. Version numbers are never reused.
    pub(super) fn version_delete(
        &self,
        owner: OwnerKind,
        repository: &RepositoryPath,
        version: VersionId,
    ) -> Call {
        let url = self.versions_url(owner, repository, &format!("/{version}"));
        self.call(Method::DELETE, url)
    }

    /// Restores a deleted version; 404 if it was restored already.
    pub(super) fn version_restore(
        &self,
        owner: OwnerKind,
        repository: &RepositoryPath,
        version: VersionId,
    ) -> Call {
        let url = self.versions_url(owner, repository, &format!("/{version}/restore"));
        self.call(Method::POST, url).retry_policy(RetryPolicy::IfNoEffect)
    }

    fn versions_url(&self, owner: OwnerKind, repository: &RepositoryPath, rest: &str) -> Url {
        let owners = owner.word();
        let name = management::encoded(self.package(repository));
        let path = format!("{owners}/{}/packages/container/{name}/versions{rest}", self.owner);
        below(&self.base, &path)
    }

    /// What remains of the token's rate limit. This request does not count.
    pub(super) fn rate_limit(&self) -> Call {
        self.call(Method::GET, below(&self.base, "rate_limit"))
    }

    fn call(&self, method: Method, url: Url) -> Call {
        debug_assert_eq!(url.host_str(), self.base.host_str());
        Call::new(method, url)
            .header(ACCEPT, "application/vnd.github+json")
            .header(API_VERSION, "2022-11-28")
            .body_limit(LISTING_LIMIT)
    }

    /// The owner.
    pub(super) fn owner_path(&self) -> &RepositoryPath {
        &self.owner
    }

    /// The package's name: the repository's path without the owner.
    pub(super) fn package<'a>(&self, repository: &'a RepositoryPath) -> &'a str {
        let path = repository.as_str();
        path.strip_prefix(self.owner.as_str())
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_below_a_base_that_may_have_a_path() {
        let path = |text| RepositoryPath::parse(text).expect("a path");
        let url = |base: &str, owner| {
            let base = Url::parse(base).expect("a URL");
            let call = Api::new(&base, &path("acme")).versions(owner, &path("acme/team/app"), 2);
            call.url.to_string()
        };
        assert_eq!(
            url("https://api.github.com", OwnerKind::Organization),
            "https://api.github.com/orgs/acme/packages/container/team%2Fapp/versions?per_page=100&page=2"
        );
        assert_eq!(
            url("https://ghe.example/api/v3", OwnerKind::User),
            "https://ghe.example/api/v3/users/acme/packages/container/team%2Fapp/versions?per_page=100&page=2"
        );
    }
}
