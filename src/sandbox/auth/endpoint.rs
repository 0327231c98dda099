//! `/token` gives a token for the requested scopes, by GET or as `OAuth2` by POST.
//!
//! <https://distribution.github.io/distribution/spec/auth/token/> and
//! <https://distribution.github.io/distribution/spec/auth/oauth/>. As these say, a scope that
//! may not be granted is left out of the token rather than refused.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::scope::{self, Scope};
use super::tokens::DEFAULT_LIFE;
use super::{Auth, AuthConfig, Credentials, Login, Tokens, credentials};
use crate::sandbox::call::{Answer, Call, pairs};

/// Who requests a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Requester {
    Authenticated,
    Anonymous,
}

/// What is requested of the token endpoint.
struct TokenRequest {
    scopes: Vec<Scope>,
    /// Whether a refresh token is wanted too.
    refresh_token: bool,
}

pub(crate) fn answer(config: AuthConfig<'_>, tokens: &Tokens, call: &Call) -> Answer {
    answer_with_permissions(config, tokens, call, |_| true)
}

/// Grants only the actions that `allows` accepts.
pub(crate) fn answer_with_permissions(
    config: AuthConfig<'_>,
    tokens: &Tokens,
    call: &Call,
    allows: impl Fn(&str) -> bool,
) -> Answer {
    let auth = config.auth;
    let Auth::Token { user, password, anonymous_pull, .. } = auth else {
        return Answer::no_such_page();
    };
    let login = Login { user, password };
    if call.method == Method::POST {
        return post(auth, tokens, login, call);
    }
    if call.method != Method::GET {
        return Answer::unsupported();
    }
    let requester = match credentials(call) {
        Credentials::Basic(given) if login.is(&given) => Requester::Authenticated,
        Credentials::Absent if *anonymous_pull => Requester::Anonymous,
        _ => return refused(),
    };
    let scopes = call.query.iter().filter(|(key, _)| key == "scope").map(|(_, value)| value);
    let scopes = scopes.flat_map(|text| text.split(' ')).filter_map(Scope::parse);
    let request = TokenRequest {
        scopes: scopes.filter_map(|scope| scope.allowed(&allows)).collect(),
        refresh_token: call.param("offline_token") == Some("true"),
    };
    grant(auth, tokens, requester, request)
}

fn post(auth: &Auth, tokens: &Tokens, login: Login<'_>, call: &Call) -> Answer {
    let form = pairs(&call.body);
    let field = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    let known = match field("grant_type") {
        "password" => login.user == field("username") && login.password == field("password"),
        "refresh_token" => tokens.knows_refresh(field("refresh_token")),
        _ => {
            let problem = json!({"error": "unsupported_grant_type"});
            return Answer::json(StatusCode::BAD_REQUEST, &problem);
        }
    };
    if !known {
        return refused();
    }
    let request = TokenRequest {
        scopes: field("scope").split(' ').filter_map(Scope::parse).collect(),
        refresh_token: field("access_type") == "offline",
    };
    grant(auth, tokens, Requester::Authenticated, request)
}

fn grant(auth: &Auth, tokens: &Tokens, requester: Requester, request: TokenRequest) -> Answer {
    let expires_in = match auth {
        Auth::Token { expires_in, .. } => *expires_in,
        Auth::None | Auth::Basic { .. } => None,
    };
    let scopes: Vec<Scope> = match requester {
        Requester::Authenticated => request.scopes,
        Requester::Anonymous => request.scopes.into_iter().filter_map(Scope::anonymous).collect(),
    };
    let granted = scope::join(&scopes);
    let token = tokens.issue(scopes, expires_in.unwrap_or(DEFAULT_LIFE));
    let mut body = json!({"token": token, "access_token": token, "scope": granted});
    if let Some(life) = expires_in {
        // The field has whole seconds only.
        body["expires_in"] = Value::from(life.as_secs() + u64::from(life.subsec_nanos() > 0));
    }
    if request.refresh_token && requester == Requester::Authenticated {
        body["refresh_token"] = Value::from(tokens.issue_refresh());
    }
    Answer::json(StatusCode::OK, &body)
}

fn refused() -> Answer {
    Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "incorrect username or password")
}
