//! Reads the challenge of a registry: whether it requires no credentials, a password, or a token.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use url::Url;

use crate::http::{ErrorKind, RequestError, authority, redacted_url};
use crate::model::is_loopback;

/// How to authenticate, by the registry's `WWW-Authenticate` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// No credentials are required.
    None,
    /// User and password with every request.
    Basic,
    /// A token, from the token server at a realm.
    Bearer { realm: Url, service: Option<String> },
}

/// The challenge in the headers of a 401, Bearer before Basic.
///
/// # Errors
/// [`RequestError`] when none of them is supported, or credentials may not be sent to the realm.
pub(super) fn read(origin: &Origin<'_>, headers: &HeaderMap) -> Result<Challenge, RequestError> {
    let mut basic = false;
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    for value in values {
        for challenge in http_auth::parse_challenges(value).unwrap_or_default() {
            if challenge.scheme.eq_ignore_ascii_case("bearer") {
                return bearer(origin, &challenge);
            }
            basic |= challenge.scheme.eq_ignore_ascii_case("basic");
        }
    }
    if basic {
        return Ok(Challenge::Basic);
    }
    let message = format!(
        "{} requires an authentication scheme that is not supported here",
        redacted_url(origin.url)
    );
    Err(RequestError::new(ErrorKind::Credentials, message).with_status(401))
}

/// The scope that the Bearer challenge of a 401 names.
pub(super) fn scope(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let challenges =
        values.flat_map(|value| http_auth::parse_challenges(value).unwrap_or_default());
    challenges
        .filter(|challenge| challenge.scheme.eq_ignore_ascii_case("bearer"))
        .find_map(|challenge| parameter(&challenge, "scope"))
}

fn parameter(challenge: &http_auth::ChallengeRef<'_>, name: &str) -> Option<String> {
    let mut all = challenge.params.iter();
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_unescaped())
}

/// The registry that a challenge comes from.
pub(super) struct Origin<'a> {
    pub(super) url: &'a Url,
    pub(super) insecure: bool,
}

fn bearer(
    origin: &Origin<'_>,
    challenge: &http_auth::ChallengeRef<'_>,
) -> Result<Challenge, RequestError> {
    let realm = parameter(challenge, "realm").and_then(|realm| origin.url.join(&realm).ok());
    let Some(realm) = realm.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        let message = format!("{} names no valid token server", redacted_url(origin.url));
        return Err(RequestError::new(ErrorKind::BadAnswer, message));
    };
    let plain_http_is_allowed = origin.url.scheme() == "http"
        && (is_loopback(&realm) || (origin.insecure && realm.host_str() == origin.url.host_str()));
    check_fixed(origin.url, &realm)?;
    if realm.scheme() == "http" && !plain_http_is_allowed {
        return Err(plain_http(origin.url, &realm));
    }
    Ok(Challenge::Bearer { realm, service: parameter(challenge, "service") })
}

/// The error of a token server with a plain http address.
pub(super) fn plain_http(registry: &Url, realm: &Url) -> RequestError {
    let message = format!(
        "{} names the token server {}, which would get the credentials over plain http",
        redacted_url(registry),
        authority(realm)
    );
    RequestError::new(ErrorKind::Credentials, message)
        .with_hint("a token server must use https, unless it is on this machine")
}

/// The error of a challenge from another host than the registry, which must not get the credentials.
pub(super) fn elsewhere(registry: &Url, other: &str) -> RequestError {
    let message = format!(
        "{} redirects to {other}, which asks for credentials; they are for {} and were not sent",
        redacted_url(registry),
        authority(registry)
    );
    RequestError::new(ErrorKind::Credentials, message)
        .with_status(401)
        .with_hint(format!("if {other} is the registry, set its `url` in the policy to that"))
}

/// The token servers of the large registries, which never change: any other realm is forged.
const FIXED: [(&str, &str); 2] = [
    ("ghcr.io", "https://ghcr.io/token"),
    ("registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth"),
];

/// The challenge of a registry whose token server is [`FIXED`], without asking. Its service is its host:
/// clients were seen to be told so, but neither registry documents it, so a refused token is no proof.
pub(super) fn known(registry: &Url) -> Option<Challenge> {
    let host = registry.host_str().filter(|_| {
        registry.scheme() == "https" && registry.port_or_known_default() == Some(443)
    })?;
    let (_, realm) = FIXED.iter().find(|(name, _)| host == *name)?;
    Some(Challenge::Bearer { realm: Url::parse(realm).ok()?, service: Some(host.to_owned()) })
}

fn check_fixed(registry: &Url, realm: &Url) -> Result<(), RequestError> {
    let host = registry.host_str();
    let Some((_, known)) = FIXED.iter().find(|(name, _)| host == Some(*name)) else {
        return Ok(());
    };
    let mut place = realm.clone();
    place.set_query(None);
    place.set_fragment(None);
    if place.as_str() == *known {
        return Ok(());
    }
    let message = format!(
        "{} names the token server {}, which gets no credentials: the real one is {known}",
        redacted_url(registry),
        redacted_url(realm)
    );
    Err(RequestError::new(ErrorKind::Credentials, message).with_status(401).with_hint(
        "something between here and the registry answers instead of it; check the proxy variables",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(url: &str, header: &'static str) -> Result<Challenge, String> {
        let url = Url::parse(url).expect("a URL");
        let headers = [(WWW_AUTHENTICATE, header.parse().expect("a value"))].into_iter().collect();
        read(&Origin { url: &url, insecure: false }, &headers).map_err(|error| error.to_string())
    }

    #[test]
    fn quoted_commas_and_several_challenges_are_read() {
        let header = "Basic realm=\"x\", Bearer realm=\"https://auth.example/token\",service=\"a, b\",scope=\"repository:a/b:pull,push\"";
        assert_eq!(
            challenge("https://reg.example", header),
            Ok(Challenge::Bearer {
                realm: Url::parse("https://auth.example/token").expect("a URL"),
                service: Some("a, b".to_owned()),
            })
        );
        assert_eq!(challenge("https://reg.example", "BASIC realm=\"x\""), Ok(Challenge::Basic));
    }

    #[test]
    fn credentials_are_not_sent_to_a_plain_http_realm() {
        let header = "Bearer realm=\"http://auth.example/token\"";
        assert!(challenge("https://reg.example", header).is_err());
        assert!(challenge("http://127.0.0.1:5000", header).is_err());
        assert!(
            challenge("http://127.0.0.1:5000", "Bearer realm=\"http://localhost:1/t\"").is_ok()
        );
        assert!(challenge("https://reg.example", "Bearer realm=\"file:///etc/passwd\"").is_err());
        assert!(challenge("https://reg.example", "Negotiate").is_err());
    }

    #[test]
    fn only_the_large_registries_are_known_without_asking() {
        for (registry, realm) in [
            ("https://ghcr.io", Some("https://ghcr.io/token")),
            (
                "https://registry.digitalocean.com",
                Some("https://api.digitalocean.com/v2/registry/auth"),
            ),
            ("http://ghcr.io", None),
            ("https://ghcr.io:8443", None),
            ("https://ghcr.io.example", None),
            ("http://127.0.0.1:5000", None),
        ] {
            let url = Url::parse(registry).expect("a URL");
            let expected = realm.map(|realm| Challenge::Bearer {
                realm: Url::parse(realm).expect("a URL"),
                service: url.host_str().map(str::to_owned),
            });
            assert_eq!(known(&url), expected, "{registry}");
        }
    }

    #[test]
    fn the_large_registries_have_one_token_server_each() {
        for (registry, realm, fine) in [
            ("https://ghcr.io", "https://ghcr.io/token", true),
            ("https://ghcr.io", "https://ghcr.io/token?account=x", true),
            ("https://ghcr.io", "/token", true),
            ("https://ghcr.io", "https://ghcr.io:8443/token", false),
            ("https://ghcr.io", "https://ghcr.io/elsewhere", false),
            ("https://ghcr.io", "https://me@ghcr.io/token", false),
            ("https://ghcr.io", "https://evil.example/token", false),
            ("https://ghcr.io", "https://api.digitalocean.com/v2/registry/auth", false),
            (
                "https://registry.digitalocean.com",
                "https://api.digitalocean.com/v2/registry/auth",
                true,
            ),
            ("https://registry.digitalocean.com", "https://evil.example/v2/registry/auth", false),
        ] {
            let url = Url::parse(registry).expect("a URL");
            let header = format!("Bearer realm=\"{realm}\"").parse().expect("a value");
            let headers = [(WWW_AUTHENTICATE, header)].into_iter().collect();
            let read = read(&Origin { url: &url, insecure: false }, &headers);
            assert_eq!(read.is_ok(), fine, "{registry} {realm}");
            let hint = read.err().and_then(|error| error.hint().map(str::to_owned));
            assert_eq!(hint.is_some(), !fine);
        }
    }
}
