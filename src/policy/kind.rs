//! The kinds of registries, and the defaults of each.

use url::Url;

/// The kind of a registry: which API it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryKind {
    /// DigitalOcean's container registry.
    Docr,
    /// GitHub's container registry.
    Ghcr,
    /// Any other registry that speaks the OCI distribution API.
    Oci,
}

/// The defaults of a kind, which the policy file may override.
struct Defaults {
    /// The word used in the policy file and in output.
    name: &'static str,
    /// The address of its OCI API.
    url: Option<&'static str>,
    /// The address of its management API.
    api_url: Option<&'static str>,
    /// The variables that may hold a token.
    token_env: &'static [&'static str],
    /// The help for a wrong `namespace`.
    namespace_help: &'static str,
}

const DOCR: Defaults = Defaults {
    name: "docr",
    url: Some("https://registry.digitalocean.com"),
    api_url: Some("https://api.digitalocean.com"),
    token_env: &["DIGITALOCEAN_ACCESS_TOKEN"],
    namespace_help: "write the name of the registry, as `doctl registry get` shows it",
};

const GHCR: Defaults = Defaults {
    name: "ghcr",
    url: Some("https://ghcr.io"),
    api_url: Some("https://api.github.com"),
    token_env: &["GITHUB_TOKEN", "GH_TOKEN"],
    namespace_help: "write the owner of the packages, a user or an organization",
};

const OCI: Defaults = Defaults {
    name: "oci",
    url: None,
    api_url: None,
    token_env: &[],
    namespace_help: "write a path before all repositories",
};

impl RegistryKind {
    /// Every kind, in the order in which messages name them.
    pub const ALL: [Self; 3] = [Self::Docr, Self::Ghcr, Self::Oci];

    fn defaults(self) -> &'static Defaults {
        match self {
            Self::Docr => &DOCR,
            Self::Ghcr => &GHCR,
            Self::Oci => &OCI,
        }
    }

    /// The word used in the policy file and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.defaults().name
    }

    /// The default address of the OCI API.
    pub(super) fn default_url(self) -> Option<Url> {
        self.defaults().url.and_then(|url| Url::parse(url).ok())
    }

    /// The default address of the management API.
    pub(super) fn default_api_url(self) -> Option<Url> {
        self.defaults().api_url.and_then(|url| Url::parse(url).ok())
    }

    /// The default variables that may hold a token.
    pub(super) fn default_token_env(self) -> Vec<String> {
        self.defaults().token_env.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The help for a wrong `namespace`.
    pub(super) fn namespace_help(self) -> &'static str {
        self.defaults().namespace_help
    }
}
