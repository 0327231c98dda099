//! How an imitated registry authenticates: where its token endpoint is, and its service name.

use super::super::settings::{Imitation, Settings};
use super::settings::Auth;

/// The service name of a plain registry.
pub(super) const SERVICE: &str = "tags sandbox";

/// How one registry authenticates its clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthConfig<'a> {
    pub(super) auth: &'a Auth,
    /// The path of the token endpoint.
    pub(super) realm: &'static str,
    /// The `service` in challenges.
    pub(super) service: &'static str,
    /// The `scope` in challenges to requests that concern no repository.
    pub(super) default_scope: Option<&'static str>,
}

impl<'a> AuthConfig<'a> {
    /// The configuration for these settings.
    pub(crate) fn of(settings: &'a Settings) -> Self {
        let (realm, service) = match settings.imitates {
            Imitation::Oci | Imitation::GitHub(_) | Imitation::GitHubLogs(_) => ("/token", SERVICE),
            Imitation::Docr(_) => ("/v2/registry/auth", "registry.digitalocean.com"),
            Imitation::Ghcr(_) => ("/token", "ghcr.io"),
        };
        // <https://toddysm.com/2024/02/12/authenticating-with-oci-registries-github-container-registry-ghcr-implementation/>
        let ghcr = matches!(settings.imitates, Imitation::Ghcr(_));
        let default_scope = ghcr.then_some("repository:user/image:pull");
        Self { auth: &settings.auth, realm, service, default_scope }
    }
}
