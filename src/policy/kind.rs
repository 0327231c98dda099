//! The kinds of registries, each with all that the policy knows of it: one row a kind.

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

/// What holds for a registry of a kind unless the policy file says otherwise.
struct Defaults {
    /// The word used in the policy file and in output.
    name: &'static str,
    /// Where images are.
    url: Option<&'static str>,
    /// Where the management API is.
    api_url: Option<&'static str>,
    /// The variables that may hold a token.
    token_env: &'static [&'static str],
    /// What belongs in `namespace`.
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

    /// Where the images of this kind are, unless the file says otherwise.
    pub(super) fn default_url(self) -> Option<Url> {
        self.defaults().url.and_then(|url| Url::parse(url).ok())
    }

    /// Where the management API of this kind is, unless the file says otherwise.
    pub(super) fn default_api_url(self) -> Option<Url> {
        self.defaults().api_url.and_then(|url| Url::parse(url).ok())
    }

    /// The variables that may hold a token, unless the file names another.
    pub(super) fn default_token_env(self) -> Vec<String> {
        self.defaults().token_env.iter().map(|name| (*name).to_owned()).collect()
    }

    /// What belongs in `namespace`.
    pub(super) fn namespace_help(self) -> &'static str {
        self.defaults().namespace_help
    }
}
