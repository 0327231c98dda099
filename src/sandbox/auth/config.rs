//! What a face asks of its clients before it answers: where tokens are had, and by what name.

use super::super::settings::{Imitation, Settings};
use super::settings::Auth;

/// What a plain registry calls itself to the token endpoint.
pub(super) const SERVICE: &str = "tags sandbox";

/// The terms of one face.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthConfig<'a> {
    pub(super) auth: &'a Auth,
    /// The path of the token endpoint.
    pub(super) realm: &'static str,
    /// What the registry calls itself.
    pub(super) service: &'static str,
    /// The scope of challenges that are about no repository.
    pub(super) default_scope: Option<&'static str>,
}

impl<'a> AuthConfig<'a> {
    /// The terms that go with the settings.
    pub(crate) fn of(settings: &'a Settings) -> Self {
        let (realm, service) = match settings.imitates {
            Imitation::Oci => ("/token", SERVICE),
            Imitation::Docr(_) => ("/v2/registry/auth", "registry.digitalocean.com"),
            Imitation::Ghcr(_) => ("/token", "ghcr.io"),
        };
        // <https://toddysm.com/2024/02/12/authenticating-with-oci-registries-github-container-registry-ghcr-implementation/>
        let ghcr = matches!(settings.imitates, Imitation::Ghcr(_));
        let default_scope = ghcr.then_some("repository:user/image:pull");
        Self { auth: &settings.auth, realm, service, default_scope }
    }
}
