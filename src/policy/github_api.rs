//! Takes the address of the GitHub API from the job's environment: on GitHub Enterprise it is the
//! server's.

use url::Url;

use super::{Policy, RegistryKind, RegistrySettings};
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

/// Whether it is https or on this machine, and has only a host, a port and a path.
fn is_api(url: &Url) -> bool {
    (url.scheme() == "https" || is_loopback(url))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}
