//! Gets a token from a realm, by GET or, where that is what it takes, by POST.
//!
//! <https://distribution.github.io/distribution/spec/auth/oauth/>. An `expires_in` is capped:
//! one server is known to count in nanoseconds.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::super::credential::{Credential, CredentialSecret};
use crate::http::{Call, ErrorKind, Http, Redirects, RegistryError, Reply, redacted_url};

/// The longest that a token is believed to live.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How long it lives when the server does not say, as the specification has it.
const UNSAID: Duration = Duration::from_secs(60);
/// It is renewed this long before its end, so that it does not end on the way.
const MARGIN: Duration = Duration::from_secs(10);

/// A bearer token and its end.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    good_until: Instant,
}

impl Token {
    pub(super) fn is_good(&self) -> bool {
        Instant::now() < self.good_until
    }
}

/// Where a token is to be had, and for what.
pub(super) struct TokenRequest<'a> {
    /// The registry that it is for, as messages name it.
    pub(super) registry: &'a str,
    pub(super) realm: &'a Url,
    pub(super) service: Option<&'a str>,
    pub(super) scope: &'a str,
    pub(super) credential: Option<&'a Credential>,
}

/// Gets a token.
pub(super) async fn fetch(http: &Http, request: &TokenRequest<'_>) -> Result<Token, RegistryError> {
    let reply = match request.credential.map(|credential| &credential.secret) {
        Some(CredentialSecret::Identity(secret)) => {
            let grant =
                [("grant_type", "refresh_token"), ("refresh_token", secret.expose_secret())];
            http.send(&post(request, &grant)).await?
        }
        Some(CredentialSecret::Basic { username, password }) => {
            let reply = http.send(&get(request, Some(basic(username, password)?))).await?;
            if matches!(reply.status.as_u16(), 404 | 405) {
                let password = password.expose_secret();
                let grant =
                    [("grant_type", "password"), ("username", username), ("password", password)];
                http.send(&post(request, &grant)).await?
            } else {
                reply
            }
        }
        None => http.send(&get(request, None)).await?,
    };
    let token = read(request, &reply)?;
    http.secrets().learn(token.secret.expose_secret());
    Ok(token)
}

fn get(request: &TokenRequest<'_>, authorization: Option<HeaderValue>) -> Call {
    let mut url = request.realm.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = request.service {
            query.append_pair("service", service);
        }
        query.append_pair("scope", request.scope);
    }
    Call::get(url).redirects(Redirects::Refuse).authorization(authorization)
}

fn post(request: &TokenRequest<'_>, grant: &[(&str, &str)]) -> Call {
    let fields = [("client_id", "tags"), ("scope", request.scope)];
    let service = request.service.map(|service| ("service", service));
    let form = grant
        .iter()
        .copied()
        .chain(fields)
        .chain(service)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Call::new(Method::POST, request.realm.clone()).redirects(Redirects::Refuse).form(form)
}

/// The value of an `Authorization` header for user and password, marked as sensitive.
pub(super) fn basic(username: &str, password: &SecretString) -> Result<HeaderValue, RegistryError> {
    let text = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
    sensitive(&format!("Basic {text}"))
}

/// The value of an `Authorization` header for a token, marked as sensitive.
pub(super) fn bearer(token: &Token) -> Result<HeaderValue, RegistryError> {
    sensitive(&format!("Bearer {}", token.secret.expose_secret()))
}

pub(super) fn sensitive(text: &str) -> Result<HeaderValue, RegistryError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = "a credential has characters that cannot be sent";
        RegistryError::new(ErrorKind::Credentials, message)
            .with_hint("look for a line break at the end of the token")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[derive(Deserialize)]
struct TokenWire {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<f64>,
}

fn read(request: &TokenRequest<'_>, reply: &Reply) -> Result<Token, RegistryError> {
    let realm = redacted_url(request.realm);
    if !reply.status.is_success() {
        return Err(refused(request, reply, &realm));
    }
    let broken = |why: &str| {
        RegistryError::new(ErrorKind::BadAnswer, format!("{realm} answered without a token: {why}"))
    };
    let wire: TokenWire =
        serde_json::from_slice(&reply.body).map_err(|_| broken("not the right JSON"))?;
    let secret = wire
        .token
        .filter(|text| !text.is_empty())
        .or(wire.access_token)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| broken("neither `token` nor `access_token`"))?;
    let said = wire.expires_in.map(|seconds| seconds.clamp(0.0, LONGEST.as_secs_f64()));
    let lives = said.map_or(UNSAID, Duration::from_secs_f64);
    // A token of a few seconds is used for half its life rather than not at all.
    let margin = MARGIN.min(lives / 2);
    Ok(Token { secret: secret.into(), good_until: Instant::now() + lives.saturating_sub(margin) })
}

/// Whether an error is one of OAuth's, of which a refused grant is 400 as well. Others mean the scope
/// by that: DigitalOcean's, where it names a registry that is not the account's.
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>
fn is_oauth(reply: &Reply) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
    body.is_some_and(|body| body.get("error").is_some_and(serde_json::Value::is_string))
}

fn refused(request: &TokenRequest<'_>, reply: &Reply, realm: &str) -> RegistryError {
    let said = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let (scope, registry) = (request.scope, request.registry);
    if status.as_u16() == 400 && !is_oauth(reply) {
        let message = format!("{realm} knows no {scope} of {registry}: {status}{said}");
        return RegistryError::new(ErrorKind::NotFound, message)
            .with_status(400)
            .with_hint("check `namespace` and the repository's name in the policy");
    }
    let (who, hint) = match request.credential {
        Some(credential) => (
            format!("the credentials from {}", credential.origin),
            "check that the token is valid, has not expired and may read packages",
        ),
        None => (
            "anonymous access".to_owned(),
            "set the registry's token variable (`token-env` in the policy), or log in with `docker login`",
        ),
    };
    let kind = match status.as_u16() {
        400..=403 => ErrorKind::Credentials,
        _ => ErrorKind::Status,
    };
    RegistryError::new(
        kind,
        format!("{realm} refused {who} for {scope} of {registry}: {status}{said}"),
    )
    .with_status(status.as_u16())
    .with_hint(hint)
}
