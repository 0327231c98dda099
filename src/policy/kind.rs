//! The kinds of registries, each with everything that is known of it without a request: one row per
//! kind. What a registry can do is in its `Capabilities`.

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

/// What holds for every registry of a kind.
struct Row {
    /// The word used in the policy file and in output.
    name: &'static str,
    /// The service, for messages.
    service: &'static str,
    /// Where images are, unless the policy file says otherwise.
    url: Option<&'static str>,
    /// Where the management API is, unless the policy file says otherwise.
    api_url: Option<&'static str>,
    /// The variables that may hold a token, unless the policy file names another.
    token_env: &'static [&'static str],
    /// The help for a wrong `namespace`.
    namespace_help: &'static str,
    /// The user name that is sent with a token.
    username: Username,
    /// Whether its tokens are GitHub's, whose prefix and scopes show what they are allowed to do.
    has_github_tokens: bool,
    /// Whether public images can be read without credentials.
    has_anonymous_access: bool,
    /// What the right to delete depends on.
    deletion_help: &'static str,
}

/// The user name that is sent with a token.
enum Username {
    /// The token itself.
    Token,
    /// Any; the registry ignores it.
    Any,
}

const DOCR: Row = Row {
    name: "docr",
    service: "DigitalOcean",
    url: Some("https://registry.digitalocean.com"),
    api_url: Some("https://api.digitalocean.com"),
    token_env: &["DIGITALOCEAN_ACCESS_TOKEN"],
    namespace_help: "write the name of the registry, as `doctl registry get` shows it",
    username: Username::Token,
    has_github_tokens: false,
    has_anonymous_access: false,
    deletion_help: "a token with custom scopes needs registry:delete, and registry:update for gc",
};

const GHCR: Row = Row {
    name: "ghcr",
    service: "GitHub",
    url: Some("https://ghcr.io"),
    api_url: Some("https://api.github.com"),
    token_env: &["GITHUB_TOKEN", "GH_TOKEN"],
    namespace_help: "write the owner of the packages, a user or an organization",
    username: Username::Any,
    has_github_tokens: true,
    has_anonymous_access: true,
    deletion_help: "a classic token needs read:packages and delete:packages",
};

const OCI: Row = Row {
    name: "oci",
    service: "the registry",
    url: None,
    api_url: None,
    token_env: &[],
    namespace_help: "write a path before all repositories",
    username: Username::Any,
    has_github_tokens: false,
    has_anonymous_access: true,
    deletion_help: "many registries do not delete unless their configuration allows it",
};

impl RegistryKind {
    /// Every kind, in the order in which messages name them.
    pub const ALL: [Self; 3] = [Self::Docr, Self::Ghcr, Self::Oci];

    fn row(self) -> &'static Row {
        match self {
            Self::Docr => &DOCR,
            Self::Ghcr => &GHCR,
            Self::Oci => &OCI,
        }
    }

    /// The word used in the policy file and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The default address of the OCI API.
    pub(super) fn default_url(self) -> Option<Url> {
        self.row().url.and_then(|url| Url::parse(url).ok())
    }

    /// The default address of the management API.
    pub(super) fn default_api_url(self) -> Option<Url> {
        self.row().api_url.and_then(|url| Url::parse(url).ok())
    }

    /// The default variables that may hold a token.
    pub(super) fn default_token_env(self) -> Vec<String> {
        self.row().token_env.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The help for a wrong `namespace`.
    pub(super) fn namespace_help(self) -> &'static str {
        self.row().namespace_help
    }

    /// The service, for messages: `DigitalOcean`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.row().service
    }

    /// The user name that is sent with a token, unless the policy file names a variable for it.
    #[must_use]
    pub fn username(self, token: &str) -> String {
        match self.row().username {
            Username::Token => token.to_owned(),
            Username::Any => "token".to_owned(),
        }
    }

    /// Whether its tokens are GitHub's, whose prefix and scopes show what they are allowed to do.
    #[must_use]
    pub fn has_github_tokens(self) -> bool {
        self.row().has_github_tokens
    }

    /// Whether public images can be read without credentials.
    #[must_use]
    pub fn has_anonymous_access(self) -> bool {
        self.row().has_anonymous_access
    }

    /// What the right to delete depends on.
    #[must_use]
    pub fn deletion_help(self) -> &'static str {
        self.row().deletion_help
    }
}
