//! The addresses of GitHub: that of the API from the job's environment, since on GitHub Enterprise it is
//! the server's; and that of commits.

use url::Url;

use super::{GitHubRepository, GitHubSettings, Policy, RegistryKind, RegistrySettings};
use crate::model::is_loopback;

/// The address is not that of an API: not https, or more than host and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the https address of an API")]
pub struct NotAnApi;

impl Policy {
    /// Uses an address as the API of all GitHub registries without `api-url` in the policy. Those on
    /// ghcr.io keep theirs: their packages are on github.com wherever the job runs, and their token
    /// must not be sent to an Enterprise server. The same for `[github]`: a job's repository is on its
    /// server.
    ///
    /// # Errors
    /// [`NotAnApi`] when something would use it and the address is not valid.
    pub fn use_github_api(&mut self, address: &str) -> Result<(), NotAnApi> {
        let read = || Url::parse(address).ok().filter(is_api).ok_or(NotAnApi);
        let is_unset = |registry: &&mut RegistrySettings| {
            registry.kind == RegistryKind::Ghcr
                && !registry.api_url_written
                && registry.url.host_str() != Some("ghcr.io")
        };
        for registry in self.registries.values_mut().filter(is_unset) {
            registry.api_url = Some(read()?);
        }
        if let Some(github) = self.github.as_mut().filter(|github| !github.api_url_written) {
            github.api_url = read()?;
        }
        Ok(())
    }
}

impl GitHubSettings {
    /// The address before the SHA of a commit of its repository, if that is known.
    #[must_use]
    pub fn commits_address(&self) -> Option<String> {
        let mut server = self.api_url.clone();
        // github.com has its API at api.github.com, Enterprise under a path.
        let host = server.host_str()?.to_owned();
        server.set_host(Some(host.strip_prefix("api.").unwrap_or(&host))).ok()?;
        server.set_path("");
        commits_address(server.as_str(), &self.repository.as_ref()?.to_string())
    }
}

/// The address before the SHA of a commit: of a server's address and a repository's name.
#[must_use]
pub fn commits_address(server: &str, repository: &str) -> Option<String> {
    let server = Url::parse(server).ok().filter(is_api)?;
    let repository = GitHubRepository::parse(repository).ok()?;
    let server = server.as_str().trim_end_matches('/');
    // Nothing in it may end a link.
    let is_plain = !server.contains(['(', ')', '<', '>', '`', ' ']);
    is_plain.then(|| format!("{server}/{}/{}/commit/", repository.owner(), repository.name()))
}

/// Whether it is https or on this machine, and has only a host, a port and a path.
fn is_api(url: &Url) -> bool {
    (url.scheme() == "https" || is_loopback(url))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::commits_address;

    #[test]
    fn commits_have_an_address_where_server_and_repository_are_known() {
        let of = |server, repository| commits_address(server, repository);
        let expected = Some("https://github.com/acme/app/commit/".to_owned());
        assert_eq!(of("https://github.com", "acme/app"), expected);
        assert_eq!(of("https://github.com/", "acme/app"), expected);
        for (server, repository) in
            [("ftp://x", "acme/app"), ("https://x", "acme"), ("https://x/)(", "acme/app"), ("", "")]
        {
            assert_eq!(of(server, repository), None, "{server} {repository}");
        }
    }
}
