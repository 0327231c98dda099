//! Who may do what: the check before every request, and the endpoint that gives out tokens.
//!
//! A refusal says in `WWW-Authenticate` what to come back with:
//! <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>,
//! <https://distribution.github.io/distribution/spec/auth/token/>.

pub(super) mod endpoint;
mod gate;
mod scope;
mod settings;
mod tokens;

use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) use gate::Gate;
pub(super) use scope::Scope;
pub use settings::Auth;
pub(super) use tokens::Tokens;

use super::call::{Answer, Call};
use tokens::Worth;

/// A user and a password.
#[derive(Clone, Copy)]
struct Login<'a> {
    user: &'a str,
    password: &'a str,
}

impl Login<'_> {
    /// Whether this is what a client showed, `user:password`. An empty user is any.
    fn is(self, given: &str) -> bool {
        given.split_once(':').is_some_and(|(user, password)| {
            (self.user.is_empty() || user == self.user) && password == self.password
        })
    }
}

/// What a client shows in `Authorization`.
pub(super) enum Shown {
    Nothing,
    /// User and password, joined by a colon.
    Basic(String),
    Bearer(String),
    Unreadable,
}

pub(super) fn shown(call: &Call) -> Shown {
    let Some(value) = call.headers.get(header::AUTHORIZATION) else { return Shown::Nothing };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match parts.map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim())) {
        Some((scheme, rest)) if scheme == "bearer" => Shown::Bearer(rest.to_owned()),
        Some((scheme, rest)) if scheme == "basic" => STANDARD
            .decode(rest)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map_or(Shown::Unreadable, Shown::Basic),
        _ => Shown::Unreadable,
    }
}

/// The refusal of a request that needs some scopes; none if it may go on.
pub(super) fn refusal(
    gate: Gate<'_>,
    tokens: &Tokens,
    call: &Call,
    needed: &[Scope],
) -> Option<Answer> {
    match gate.auth {
        Auth::None => None,
        Auth::Basic { user, password } => match shown(call) {
            Shown::Basic(given) if (Login { user, password }).is(&given) => None,
            _ => Some(unauthorized(&format!("Basic realm=\"{}\"", gate.service))),
        },
        Auth::Token { .. } => {
            let problem = match shown(call) {
                Shown::Bearer(token) => match tokens.worth(&token, needed) {
                    Worth::Enough => return None,
                    Worth::OtherScope => Some("insufficient_scope"),
                    Worth::Nothing => Some("invalid_token"),
                },
                Shown::Nothing => None,
                Shown::Basic(_) | Shown::Unreadable => Some("invalid_token"),
            };
            Some(unauthorized(&challenge(gate, call, needed, problem)))
        }
    }
}

/// The 401 of a registry that has no tokens to expire.
pub(super) fn bare_refusal() -> Answer {
    unauthorized(&format!("Basic realm=\"{}\"", gate::SERVICE))
}

fn challenge(gate: Gate<'_>, call: &Call, needed: &[Scope], problem: Option<&str>) -> String {
    let mut parts = vec![
        format!("Bearer realm=\"http://{}{}\"", call.host, gate.realm),
        format!("service=\"{}\"", gate.service),
    ];
    if !needed.is_empty() {
        parts.push(format!("scope=\"{}\"", scope::join(needed)));
    } else if let Some(placeholder) = gate.placeholder {
        parts.push(format!("scope=\"{placeholder}\""));
    }
    parts.extend(problem.map(|problem| format!("error=\"{problem}\"")));
    parts.join(",")
}

fn unauthorized(challenge: &str) -> Answer {
    Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required")
        .with(header::WWW_AUTHENTICATE, challenge)
}
