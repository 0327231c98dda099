//! What a registry wants to see: nothing, a password, or a token from a realm.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use url::Url;

use super::super::error::{ErrorKind, RegistryError};
use super::super::http::{authority, is_loopback, shown};

/// The way in, as the registry's `WWW-Authenticate` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// No credentials wanted.
    None,
    /// User and password with every request.
    Basic,
    /// A token, to be had from a realm.
    Bearer { realm: Url, service: Option<String> },
}

/// The challenge in the headers of a 401, Bearer before Basic.
///
/// # Errors
/// [`RegistryError`] when there is none that can be met, or the realm may not be trusted with
/// credentials.
pub(super) fn read(origin: &Origin<'_>, headers: &HeaderMap) -> Result<Challenge, RegistryError> {
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
    let message =
        format!("{} wants credentials, but not in a way that is known", shown(origin.url));
    Err(RegistryError::new(ErrorKind::Credentials, message).with_status(401))
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

/// Where a challenge comes from.
pub(super) struct Origin<'a> {
    pub(super) url: &'a Url,
    pub(super) insecure: bool,
}

fn bearer(
    origin: &Origin<'_>,
    challenge: &http_auth::ChallengeRef<'_>,
) -> Result<Challenge, RegistryError> {
    let realm = parameter(challenge, "realm").and_then(|realm| origin.url.join(&realm).ok());
    let Some(realm) = realm.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        let message = format!("{} names no place to get a token from", shown(origin.url));
        return Err(RegistryError::new(ErrorKind::BadAnswer, message));
    };
    let plain_is_fine = origin.url.scheme() == "http"
        && (is_loopback(&realm) || (origin.insecure && realm.host_str() == origin.url.host_str()));
    if realm.scheme() == "http" && !plain_is_fine {
        let message = format!(
            "{} sends for a token to {} over plain http, which would give the credentials away",
            shown(origin.url),
            authority(&realm)
        );
        return Err(RegistryError::new(ErrorKind::Credentials, message));
    }
    Ok(Challenge::Bearer { realm, service: parameter(challenge, "service") })
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
}
