//! Authentication: the check before every request, and the token endpoint.
//!
//! A 401 names the required credentials in `WWW-Authenticate`:
//! <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>,
//! <https://distribution.github.io/distribution/spec/auth/token/>.

mod config;
pub(super) mod endpoint;
mod scope;
mod settings;
mod tokens;

use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) use config::AuthConfig;
pub(super) use scope::Scope;
pub use settings::Auth;
pub(super) use tokens::Tokens;

use super::call::{Answer, Call};
use tokens::TokenCheck;

/// A user and a password.
#[derive(Clone, Copy)]
struct Login<'a> {
    user: &'a str,
    password: &'a str,
}

impl Login<'_> {
    /// Whether these are the `user:password` that a client sent. An empty user matches any.
    fn is(self, given: &str) -> bool {
        given.split_once(':').is_some_and(|(user, password)| {
            (self.user.is_empty() || user == self.user) && password == self.password
        })
    }
}

/// The `Authorization` header of a request.
pub(super) enum Credentials {
    Absent,
    /// User and password, joined by a colon.
    Basic(String),
    Bearer(String),
    Malformed,
}

pub(super) fn credentials(call: &Call) -> Credentials {
    let Some(value) = call.headers.get(header::AUTHORIZATION) else { return Credentials::Absent };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match parts.map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim())) {
        Some((scheme, rest)) if scheme == "bearer" => Credentials::Bearer(rest.to_owned()),
        Some((scheme, rest)) if scheme == "basic" => STANDARD
            .decode(rest)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map_or(Credentials::Malformed, Credentials::Basic),
        _ => Credentials::Malformed,
    }
}

/// The 401 for a request that needs these scopes; none if it is authorized.
pub(super) fn refusal(
    config: AuthConfig<'_>,
    tokens: &Tokens,
    call: &Call,
    needed: &[Scope],
) -> Option<Answer> {
    match config.auth {
        Auth::None => None,
        Auth::Basic { user, password } => match credentials(call) {
            Credentials::Basic(given) if (Login { user, password }).is(&given) => None,
            _ => Some(unauthorized(&format!("Basic realm=\"{}\"", config.service))),
        },
        Auth::Token { .. } => {
            let problem = match credentials(call) {
                Credentials::Bearer(token) => match tokens.check(&token, needed) {
                    TokenCheck::Sufficient => return None,
                    TokenCheck::WrongScope => Some("insufficient_scope"),
                    TokenCheck::Invalid => Some("invalid_token"),
                },
                Credentials::Absent => None,
                Credentials::Basic(_) | Credentials::Malformed => Some("invalid_token"),
            };
            Some(unauthorized(&challenge(config, call, needed, problem)))
        }
    }
}

/// The 401 of a registry without tokens.
pub(super) fn bare_refusal() -> Answer {
    unauthorized(&format!("Basic realm=\"{}\"", config::SERVICE))
}

fn challenge(
    config: AuthConfig<'_>,
    call: &Call,
    needed: &[Scope],
    problem: Option<&str>,
) -> String {
    let mut parts = vec![
        format!("Bearer realm=\"http://{}{}\"", call.host, config.realm),
        format!("service=\"{}\"", config.service),
    ];
    if !needed.is_empty() {
        parts.push(format!("scope=\"{}\"", scope::join(needed)));
    } else if let Some(default_scope) = config.default_scope {
        parts.push(format!("scope=\"{default_scope}\""));
    }
    parts.extend(problem.map(|problem| format!("error=\"{problem}\"")));
    parts.join(",")
}

fn unauthorized(challenge: &str) -> Answer {
    Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required")
        .with(header::WWW_AUTHENTICATE, challenge)
}
