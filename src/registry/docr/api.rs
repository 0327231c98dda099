//! Builds the calls of DigitalOcean's registry API; sends nothing.
//!
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries>. Only paths
//! below `/v2/registries/{name}`: those without a name fail once a team has two registries.

use reqwest::Method;
use url::Url;

use super::super::management;
use crate::http::{Call, below};
use crate::model::{CollectionKind, Digest, RepositoryPath, TagName};

/// The most entries that a page may have.
pub(super) const PAGE: usize = 200;

const LISTING_LIMIT: usize = 8 << 20;

/// The next page of a listing with page tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageAfter {
    pub(super) page: String,
    pub(super) token: Option<String>,
}

/// The repository that a page was requested for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageQuery<'a> {
    pub(super) url: &'a Url,
    pub(super) registry: &'a str,
    /// The repository's name without the registry's name.
    pub(super) repository: &'a str,
}

/// The URLs of one registry.
#[derive(Debug, Clone)]
pub(super) struct Api {
    base: Url,
    registry: RepositoryPath,
}

impl Api {
    pub(super) fn new(base: &Url, registry: &RepositoryPath) -> Self {
        Self { base: base.clone(), registry: registry.clone() }
    }

    /// One page of a repository's tags, counted from 1.
    pub(super) fn tags(&self, repository: &RepositoryPath, page: usize) -> Call {
        self.list(repository, "tags", page)
    }

    /// One page of a repository's manifests, also those without a tag, counted from 1.
    pub(super) fn digests(&self, repository: &RepositoryPath, page: usize) -> Call {
        self.list(repository, "digests", page)
    }

    /// Deletes a tag. Before it is sent again the tag must be checked: it may have moved.
    pub(super) fn tag_delete(&self, repository: &RepositoryPath, tag: &TagName) -> Call {
        let url = self.within(repository, &format!("tags/{tag}"));
        Call::new(Method::DELETE, url)
    }

    /// Deletes a manifest with its tags.
    pub(super) fn manifest_delete(&self, repository: &RepositoryPath, digest: &Digest) -> Call {
        let url = self.within(repository, &format!("digests/{digest}"));
        Call::new(Method::DELETE, url)
    }

    fn within(&self, repository: &RepositoryPath, path: &str) -> Url {
        let name = management::encoded(self.inner(repository));
        self.below(&format!("repositories/{name}/{path}"))
    }

    fn list(&self, repository: &RepositoryPath, what: &str, page: usize) -> Call {
        let mut url = self.within(repository, what);
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &PAGE.to_string());
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// The registries of the account.
    pub(super) fn registries(&self) -> Call {
        Call::get(below(&self.base, "v2/registries"))
    }

    /// One page of the repositories. Each page contains the number and token of the next.
    pub(super) fn repositories(&self, next: &PageAfter) -> Call {
        let mut url = self.below("repositoriesV2");
        url.query_pairs_mut()
            .append_pair("page", &next.page)
            .append_pair("per_page", &PAGE.to_string());
        if let Some(token) = &next.token {
            url.query_pairs_mut().append_pair("page_token", token);
        }
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// The collection that is running; 404 if none is.
    pub(super) fn collection_active(&self) -> Call {
        Call::get(self.below("garbage-collection"))
    }

    /// Starts a collection.
    pub(super) fn collection_start(&self, kind: CollectionKind) -> Call {
        let words = match kind {
            CollectionKind::UnreferencedBlobs => "unreferenced blobs only",
            CollectionKind::UntaggedManifests => "untagged manifests only",
            CollectionKind::UntaggedManifestsAndUnreferencedBlobs => {
                "untagged manifests and unreferenced blobs"
            }
        };
        let body = serde_json::json!({ "type": words }).to_string();
        Call::new(Method::POST, self.below("garbage-collection")).json(body)
    }

    /// One page of the collections, also past ones, counted from 1.
    pub(super) fn collections(&self, page: usize) -> Call {
        let mut url = self.below("garbage-collections");
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &PAGE.to_string());
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// Cancels a collection; `id` was validated by `wire`.
    pub(super) fn collection_cancel(&self, id: &str) -> Call {
        let body = serde_json::json!({ "cancel": true }).to_string();
        Call::new(Method::PUT, self.below(&format!("garbage-collection/{id}"))).json(body)
    }

    fn below(&self, path: &str) -> Url {
        below(&self.base, &format!("v2/registries/{}/{path}", self.registry))
    }

    /// The repository that a listing is requested for; each entry must belong to it.
    pub(super) fn query<'a>(
        &'a self,
        url: &'a Url,
        repository: &'a RepositoryPath,
    ) -> PageQuery<'a> {
        PageQuery { url, registry: self.registry.as_str(), repository: self.inner(repository) }
    }

    /// The registry's name.
    pub(super) fn registry(&self) -> &RepositoryPath {
        &self.registry
    }

    /// The repository's name without the registry's name, as in the control API.
    fn inner<'a>(&self, repository: &'a RepositoryPath) -> &'a str {
        let path = repository.as_str();
        path.strip_prefix(self.registry.as_str())
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_repository_name_is_encoded_and_the_registry_named_once() {
        let base = Url::parse("https://api.digitalocean.com").expect("a URL");
        let path = |text| RepositoryPath::parse(text).expect("a path");
        let api = Api::new(&base, &path("acme"));
        assert_eq!(
            api.tags(&path("acme/team/backend"), 3).url.as_str(),
            "https://api.digitalocean.com/v2/registries/acme/repositories/team%2Fbackend/tags?page=3&per_page=200"
        );
    }

    #[test]
    fn the_url_of_a_deletion_names_the_exact_tag_or_digest() {
        let base = Url::parse("https://api.digitalocean.com").expect("a URL");
        let repository = RepositoryPath::parse("acme/team/backend").expect("a path");
        let api = Api::new(&base, &RepositoryPath::parse("acme").expect("a path"));
        let digest = Digest::of(b"");
        let tag = TagName::parse("prod-latest").expect("a tag");
        let place = "/v2/registries/acme/repositories/team%2Fbackend";
        let (tag, manifest) =
            (api.tag_delete(&repository, &tag), api.manifest_delete(&repository, &digest));
        assert_eq!(tag.url.path(), format!("{place}/tags/prod-latest"));
        assert_eq!(manifest.url.path(), format!("{place}/digests/{digest}"));
    }

    #[test]
    fn every_call_of_a_collection_names_the_registry() {
        let base = Url::parse("https://api.digitalocean.com").expect("a URL");
        let api = Api::new(&base, &RepositoryPath::parse("acme").expect("a path"));
        let next = PageAfter { page: "2".to_owned(), token: Some("a=&b".to_owned()) };
        let start = api.collection_start(CollectionKind::UnreferencedBlobs);
        assert_eq!(start.json.as_deref(), Some(r#"{"type":"unreferenced blobs only"}"#));
        assert!(api.repositories(&next).url.as_str().ends_with("page_token=a%3D%26b"));
        for call in [
            api.repositories(&next),
            api.collection_active(),
            start,
            api.collections(1),
            api.collection_cancel("4d1b0b1e"),
        ] {
            assert!(call.url.path().starts_with("/v2/registries/acme/"), "{}", call.url);
        }
    }
}
