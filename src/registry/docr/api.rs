//! Builds the calls of DigitalOcean's registry API; sends nothing.
//!
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries>. Only paths
//! below `/v2/registries/{name}`: those without a name fail once a team has two registries.

use url::Url;

use super::super::http::Call;
use super::super::management;
use crate::model::RepositoryPath;

/// The most entries that a page may have.
pub(super) const PAGE: usize = 200;

const LISTING_LIMIT: usize = 8 << 20;

/// The addresses of one registry.
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
        let name = management::encoded(self.inner(repository));
        let path = format!("v2/registries/{}/repositories/{name}/tags", self.registry);
        let mut url = management::join(&self.base, &path);
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &PAGE.to_string());
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// The repository's name without the registry's before it, as the control API has it.
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
}
