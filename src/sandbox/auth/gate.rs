//! What a face asks of its clients before it answers: where tokens are had, and by what name.

use super::super::settings::{Face, Settings};
use super::settings::Auth;

/// What a plain registry calls itself to the token endpoint.
pub(super) const SERVICE: &str = "tags sandbox";

/// The terms of one face.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate<'a> {
    pub(super) auth: &'a Auth,
    /// The path of the token endpoint.
    pub(super) realm: &'static str,
    /// What the registry calls itself.
    pub(super) service: &'static str,
    /// The scope of challenges that are about no repository.
    pub(super) placeholder: Option<&'static str>,
}

impl<'a> Gate<'a> {
    /// The terms that go with the settings.
    pub(crate) fn of(settings: &'a Settings) -> Self {
        let (realm, service) = match settings.face {
            Face::Oci => ("/token", SERVICE),
            Face::Docr(_) => ("/v2/registry/auth", "registry.digitalocean.com"),
            Face::Ghcr(_) => ("/token", "ghcr.io"),
        };
        // <https://toddysm.com/2024/02/12/authenticating-with-oci-registries-github-container-registry-ghcr-implementation/>
        let ghcr = matches!(settings.face, Face::Ghcr(_));
        let placeholder = ghcr.then_some("repository:user/image:pull");
        Self { auth: &settings.auth, realm, service, placeholder }
    }
}
