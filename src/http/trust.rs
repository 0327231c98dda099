//! The hosts that a credential may be sent to.
//!
//! The policy file names the registries and the variables that hold their tokens, and anyone who opens a
//! pull request can change it. So a token for GitHub is sent only to GitHub, a token for DigitalOcean only
//! to DigitalOcean, and in a pull request's run no credential is sent to any other host. The environment,
//! which a pull request cannot change, may trust more hosts.

use url::{Host, Url};

use super::authority;
use super::error::{ErrorKind, RequestError};
use crate::model::is_loopback;

/// The variables that hold a token for GitHub.
const GITHUB_VARIABLES: [&str; 2] = ["GITHUB_TOKEN", "GH_TOKEN"];
const GITHUB_HOSTS: [&str; 2] = ["ghcr.io", "api.github.com"];
/// The variables that hold a token for DigitalOcean.
const DIGITALOCEAN_VARIABLES: [&str; 1] = ["DIGITALOCEAN_ACCESS_TOKEN"];
const DIGITALOCEAN_HOSTS: [&str; 2] = ["registry.digitalocean.com", "api.digitalocean.com"];

/// The environment variables that decide which hosts are trusted, as they are set.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrustSettings<'a> {
    /// `$GITHUB_SERVER_URL`.
    pub github_server: Option<&'a str>,
    /// `$GITHUB_EVENT_NAME`.
    pub event: Option<&'a str>,
    /// `$TAGS_TRUSTED_HOSTS`.
    pub trusted_hosts: Option<&'a str>,
}

/// An entry that is not a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `host` nor `host:port`")]
pub struct InvalidTrustedHost(pub String);

/// The hosts that a credential may be sent to.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    github: Option<Url>,
    pull_request: bool,
    trusted: Vec<TrustedHost>,
}

/// Where a credential was found.
#[derive(Debug)]
pub(crate) struct CredentialSource<'a> {
    /// The environment variables that hold it; none if it is in a file.
    pub(crate) variables: Vec<&'a str>,
    /// Where it was found, for messages.
    pub(crate) origin: String,
}

/// `host` or `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TrustedHost {
    host: Host,
    /// Without a port, only the default port of https is trusted.
    port: Option<u16>,
}

impl Trust {
    /// Reads the trusted hosts from the environment.
    ///
    /// # Errors
    /// [`InvalidTrustedHost`] for the first entry that is not a host.
    pub fn read(settings: &TrustSettings<'_>) -> Result<Self, InvalidTrustedHost> {
        let entries = settings.trusted_hosts.unwrap_or_default().split(',').map(str::trim);
        let entries = entries.filter(|entry| !entry.is_empty());
        Ok(Self {
            github: settings.github_server.and_then(|text| Url::parse(text).ok()),
            pull_request: matches!(settings.event, Some("pull_request" | "pull_request_target")),
            trusted: entries.map(TrustedHost::parse).collect::<Result<_, _>>()?,
        })
    }

    /// Whether the values of these variables, or in a pull request's run any credential, may be sent to a
    /// URL.
    pub(crate) fn allows(&self, variables: &[&str], url: &Url) -> bool {
        self.limits(variables, url).is_none()
    }

    /// Checks that a credential may be sent to a URL.
    ///
    /// # Errors
    /// [`RequestError`] if it may not; the hint says how to allow it.
    pub(crate) fn check(
        &self,
        source: &CredentialSource<'_>,
        url: &Url,
    ) -> Result<(), RequestError> {
        let Some(limit) = self.limits(&source.variables, url) else {
            return Ok(());
        };
        let host = authority(url);
        let origin = match limit {
            Limit::Variable(name, _) => format!("${name}"),
            Limit::PullRequest => format!("the credential from {}", source.origin),
        };
        let message = format!("{origin} is not sent to {host}: {}", limit.why());
        let port = if url.scheme() == "http" && url.port().is_none() { ":80" } else { "" };
        Err(RequestError::new(ErrorKind::Credentials, message).with_hint(format!(
            "if {host} may have it, set TAGS_TRUSTED_HOSTS={host}{port} in the environment; \
             a policy file cannot allow it"
        )))
    }

    /// The limit that forbids sending the values of these variables, or in a pull request's run any
    /// credential, to a URL; none if they may be sent.
    fn limits<'a>(&self, names: &[&'a str], url: &Url) -> Option<Limit<'a>> {
        if is_loopback(url) || self.trusted.iter().any(|trusted| trusted.is_at(url)) {
            return None;
        }
        let (github, digitalocean) = (self.is_github(url), is_one_of(&DIGITALOCEAN_HOSTS, url));
        let held = |variables: &[&str]| {
            let is_one =
                |name: &&str| variables.iter().any(|known| known.eq_ignore_ascii_case(name));
            names.iter().copied().find(is_one)
        };
        match (held(&GITHUB_VARIABLES), held(&DIGITALOCEAN_VARIABLES)) {
            (Some(name), _) if !github => Some(Limit::Variable(name, "GitHub")),
            (_, Some(name)) if !digitalocean => Some(Limit::Variable(name, "DigitalOcean")),
            _ if self.pull_request && !github && !digitalocean => Some(Limit::PullRequest),
            _ => None,
        }
    }

    /// Whether this is GitHub, or the GitHub server that runs this job, its registry or its API.
    fn is_github(&self, url: &Url) -> bool {
        if is_one_of(&GITHUB_HOSTS, url) {
            return true;
        }
        let Some((server, host)) =
            self.github.as_ref().and_then(|url| Some((url, url.host_str()?)))
        else {
            return false;
        };
        let name = url.host_str().unwrap_or_default();
        let name =
            ["containers.", "api."].iter().find_map(|part| name.strip_prefix(part)).unwrap_or(name);
        let same_endpoint = url.scheme() == server.scheme()
            && url.port_or_known_default() == server.port_or_known_default();
        (name == host || url.host_str() == Some(host)) && (same_endpoint || is_https(url))
    }
}

/// Why a credential may not be sent to a host.
enum Limit<'a> {
    /// The variable holds a token for another service.
    Variable(&'a str, &'static str),
    /// It is a pull request's run: anyone may have written the policy.
    PullRequest,
}

impl Limit<'_> {
    fn why(&self) -> String {
        match self {
            Self::Variable(_, whose) => format!("it is a token for {whose}"),
            Self::PullRequest => {
                "this is a pull request's run, so anyone may have changed the policy \
                                  file; credentials are sent to GitHub and DigitalOcean only"
                    .to_owned()
            }
        }
    }
}

impl TrustedHost {
    fn parse(text: &str) -> Result<Self, InvalidTrustedHost> {
        let invalid = || InvalidTrustedHost(text.to_owned());
        let strange = |c: char| c.is_whitespace() || c.is_control() || "/\\@?#*%".contains(c);
        if text.contains(strange) {
            return Err(invalid());
        }
        let url = Url::parse(&format!("https://{text}")).map_err(|_| invalid())?;
        let host = url.host().ok_or_else(invalid)?.to_owned();
        // Parsing removes the port of `host:` and `host:443`. The first is invalid, the second the default.
        match text.strip_suffix(':') {
            None => Ok(Self { host, port: url.port() }),
            Some(_) => Err(invalid()),
        }
    }

    fn is_at(&self, url: &Url) -> bool {
        let same_host = url.host().is_some_and(|host| host.to_owned() == self.host);
        same_host
            && match self.port {
                Some(port) => url.port_or_known_default() == Some(port),
                None => is_https(url),
            }
    }
}

/// Whether this is HTTPS on its default port.
fn is_https(url: &Url) -> bool {
    url.scheme() == "https" && url.port().is_none()
}

fn is_one_of(hosts: &[&str], url: &Url) -> bool {
    is_https(url) && url.host_str().is_some_and(|host| hosts.contains(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(event: &str, hosts: &str) -> Trust {
        let settings = TrustSettings {
            github_server: Some("https://ghe.example"),
            event: Some(event),
            trusted_hosts: Some(hosts),
        };
        Trust::read(&settings).expect("settings")
    }

    fn goes(trust: &Trust, names: &[&str], url: &str) -> bool {
        trust.limits(names, &Url::parse(url).expect("a URL")).is_none()
    }

    #[test]
    fn a_token_of_github_goes_to_github_and_the_server_that_runs_this() {
        let trust = trust("push", "");
        for name in ["GITHUB_TOKEN", "GH_TOKEN", "gh_token"] {
            for url in [
                "https://ghcr.io",
                "https://api.github.com/x",
                "https://ghe.example/api/v3",
                "https://containers.ghe.example",
                "https://api.ghe.example",
                "http://127.0.0.1:5000",
                "http://localhost",
                "http://[::1]:1",
            ] {
                assert!(goes(&trust, &[name], url), "{url}");
            }
            for url in [
                "https://evil.example",
                "https://ghcr.io.evil.example",
                "https://ghcr.io:8443",
                "http://ghcr.io",
                "https://registry.digitalocean.com",
                "https://api.containers.ghe.example",
                "https://other.ghe.example",
                "http://ghe.example",
                "https://evil.localhost",
            ] {
                assert!(!goes(&trust, &[name], url), "{url}");
                assert!(!goes(&trust, &["USER_NAME", name], url), "{url}");
            }
        }
    }

    #[test]
    fn a_token_of_digitalocean_goes_there() {
        let trust = trust("push", "");
        let name = ["DIGITALOCEAN_ACCESS_TOKEN"];
        assert!(goes(&trust, &name, "https://registry.digitalocean.com"));
        assert!(goes(&trust, &name, "https://api.digitalocean.com/v2"));
        assert!(!goes(&trust, &name, "https://ghcr.io"));
        assert!(!goes(&trust, &name, "https://digitalocean.com"));
        assert!(goes(&trust, &["OTHER"], "https://harbor.example"));
        assert!(goes(&trust, &[], "https://harbor.example"));
    }

    #[test]
    fn in_a_pull_requests_run_nothing_goes_anywhere_else() {
        for event in ["pull_request", "pull_request_target"] {
            let trust = trust(event, "harbor.example, lan.example:5000");
            for url in ["https://ghcr.io", "https://registry.digitalocean.com"] {
                assert!(goes(&trust, &["OTHER"], url) && goes(&trust, &[], url));
            }
            for (url, goes_there) in [
                ("https://evil.example", false),
                ("https://harbor.example", true),
                ("https://HARBOR.example/x", true),
                ("http://harbor.example", false),
                ("https://harbor.example:444", false),
                ("http://lan.example:5000", true),
                ("https://lan.example", false),
                ("http://127.0.0.1:5000", true),
            ] {
                for names in [&["AWS_SECRET_ACCESS_KEY"][..], &[], &["GITHUB_TOKEN"]] {
                    assert_eq!(goes(&trust, names, url), goes_there, "{url}");
                }
            }
        }
    }

    #[test]
    fn entries_that_are_no_hosts_are_named() {
        for text in ["https://x.example", "a b", "x/y", "u@x", "*.example", "x:", "x:99999", ":1"] {
            let settings = TrustSettings { trusted_hosts: Some(text), ..TrustSettings::default() };
            let error = Trust::read(&settings).expect_err(text);
            assert_eq!(error, InvalidTrustedHost(text.to_owned()));
        }
        let fine = TrustSettings { trusted_hosts: Some(" a, b:1,,[::1]:5 "), ..Default::default() };
        assert_eq!(Trust::read(&fine).expect("hosts").trusted.len(), 3);
    }
}
