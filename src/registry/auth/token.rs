//! Gets a token from a token server, by GET or, where the server requires it, by POST.
//!
//! <https://distribution.github.io/distribution/spec/auth/oauth/>. `expires_in` is capped, since one
//! server is known to send nanoseconds.

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
use crate::http::{Call, ErrorKind, Http, Redirects, Reply, RequestError, redacted_url, sensitive};

/// The longest time for which a token is used.
const LONGEST: Duration = Duration::from_hours(1);
/// The lifetime by the specification, if the server does not state one.
const DEFAULT_LIFETIME: Duration = Duration::from_mins(1);
/// It is renewed this long before it expires, so that it does not expire during a request.
const MARGIN: Duration = Duration::from_secs(10);

/// How long a token counts as just fetched.
const NEW: Duration = Duration::from_secs(5);

/// A bearer token and when it expires.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    good_until: Instant,
    fetched: Instant,
}

impl Token {
    pub(super) fn is_good(&self) -> bool {
        Instant::now() < self.good_until
    }

    /// Whether it was fetched a moment ago.
    pub(super) fn is_new(&self) -> bool {
        self.fetched.elapsed() < NEW
    }
}

/// The request for a token.
pub(super) struct TokenRequest<'a> {
    /// The registry that it is for, for messages.
    pub(super) registry: &'a str,
    pub(super) realm: &'a Url,
    pub(super) service: Option<&'a str>,
    pub(super) scope: &'a str,
    pub(super) credential: Option<&'a Credential>,
}

/// Gets a token.
pub(super) async fn fetch(http: &Http, request: &TokenRequest<'_>) -> Result<Token, RequestError> {
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
    http.secrets().add(token.secret.expose_secret());
    Ok(token)
}

fn get(request: &TokenRequest<'_>, authorization: Option<HeaderValue>) -> Call {
    let mut url = request.realm.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = request.service {
            query.append_pair("service", service);
        }
        // One parameter for each scope: some servers do not understand several in one parameter.
        for scope in request.scope.split(' ') {
            query.append_pair("scope", scope);
        }
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
pub(super) fn basic(username: &str, password: &SecretString) -> Result<HeaderValue, RequestError> {
    let text = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
    sensitive(&format!("Basic {text}"))
}

/// The value of an `Authorization` header for a token, marked as sensitive.
pub(super) fn bearer(token: &Token) -> Result<HeaderValue, RequestError> {
    sensitive(&format!("Bearer {}", token.secret.expose_secret()))
}

#[derive(Deserialize)]
struct TokenWire {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<f64>,
}

fn read(request: &TokenRequest<'_>, reply: &Reply) -> Result<Token, RequestError> {
    let realm = redacted_url(request.realm);
    if !reply.status.is_success() {
        return Err(refused(request, reply, &realm));
    }
    let broken = |why: &str| {
        RequestError::new(ErrorKind::BadAnswer, format!("{realm} answered without a token: {why}"))
    };
    let wire: TokenWire =
        serde_json::from_slice(&reply.body).map_err(|_| broken("not the expected JSON"))?;
    let secret = wire
        .token
        .filter(|text| !text.is_empty())
        .or(wire.access_token)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| broken("neither `token` nor `access_token`"))?;
    let lifetime = wire.expires_in.map(|seconds| seconds.clamp(0.0, LONGEST.as_secs_f64()));
    let lifetime = lifetime.map_or(DEFAULT_LIFETIME, Duration::from_secs_f64);
    // A token that is valid for a few seconds is used for half of them.
    let margin = MARGIN.min(lifetime / 2);
    let fetched = Instant::now();
    let good_until = fetched + lifetime.saturating_sub(margin);
    Ok(Token { secret: secret.into(), good_until, fetched })
}

/// Whether a 400 is an OAuth error, such as a refused grant. Otherwise a 400 is about the scope:
/// DigitalOcean's token server answers it for a registry of another account.
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>
fn is_oauth(reply: &Reply) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
    body.is_some_and(|body| body.get("error").is_some_and(serde_json::Value::is_string))
}

fn refused(request: &TokenRequest<'_>, reply: &Reply, realm: &str) -> RequestError {
    let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let (scope, registry) = (request.scope, request.registry);
    if status.as_u16() == 400 && !is_oauth(reply) {
        let message = format!("{realm} does not know {scope} of {registry}: {status}{explanation}");
        return RequestError::new(ErrorKind::NotFound, message)
            .with_status(400)
            .with_hint("check `namespace` and the repository's name in the policy");
    }
    let (who, hint) = match request.credential {
        Some(credential) => (
            format!("the credentials from {}", credential.origin),
            "check that the token is valid, has not expired and can read packages",
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
    RequestError::new(
        kind,
        format!("{realm} refused {who} for {scope} of {registry}: {status}{explanation}"),
    )
    .with_status(status.as_u16())
    .with_hint(hint)
}
