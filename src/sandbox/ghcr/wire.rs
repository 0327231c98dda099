//! The formats of the packages API: errors, headers and pages.
//!
//! <https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api>

use axum::http::StatusCode;
use axum::http::header::HeaderName;
use serde_json::{Value, json};

use super::super::call::{Answer, Call};
use super::super::page::Page;
use super::super::rate_limit::RateLimit;
use super::super::rest;
use super::settings::{GhcrSettings, TokenKind};

const X_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-oauth-scopes");
/// A refusal of the packages API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    message: &'static str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }

    /// The error of this status, worded as by the API.
    pub(super) fn of(status: StatusCode) -> Self {
        let message = match status.as_u16() {
            401 => "Requires authentication",
            403 => "Resource not accessible by personal access token",
            404 => "Not Found",
            429 => rest::SECONDARY_LIMIT,
            _ => "Server Error",
        };
        Self::new(status, message)
    }

    pub(super) fn secondary_limit() -> Self {
        Self::new(StatusCode::FORBIDDEN, rest::SECONDARY_LIMIT)
    }

    pub(super) fn no_package() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Package not found.")
    }

    pub(super) fn no_version() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Package version not found.")
    }

    /// <https://github.com/kairos-io/kairos/issues/4723>
    pub(super) fn last_tagged_version() -> Self {
        let message = "You cannot delete the last tagged version of a package. You must delete \
                       the package instead.";
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The beginning of the real message; the rest is not known.
    ///
    /// <https://github.com/posit-dev/positron/issues/15764>
    pub(super) fn many_downloads() -> Self {
        let message = "Publicly visible package versions with more than 5000 downloads cannot be \
                       deleted.";
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn answer(&self) -> Answer {
        let body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest/packages/packages",
            "status": self.status.as_str(),
        });
        Answer::json(self.status, &body)
    }
}

/// With the headers for the scopes of the token and the rate limit.
pub(super) fn with_api_headers(
    answer: Answer,
    ghcr: &GhcrSettings,
    rate_limit: RateLimit,
) -> Answer {
    let answer = rate_limit.with_headers(answer);
    match ghcr.token_kind {
        TokenKind::Classic if answer.status != StatusCode::UNAUTHORIZED => {
            let scopes: Vec<&str> = ghcr.scopes.iter().map(|scope| scope.name()).collect();
            answer.with(X_OAUTH_SCOPES, &scopes.join(", "))
        }
        TokenKind::Classic | TokenKind::Actions => answer,
    }
}

/// A page of a list, with links to its neighbours in `Link`.
pub(super) fn page<T>(call: &Call, page: Page, all: Vec<T>, entry: impl Fn(T) -> Value) -> Answer {
    let links = page.links(call, all.len());
    let items: Vec<Value> = page.cut(all).into_iter().map(entry).collect();
    links.add(Answer::json(StatusCode::OK, &Value::from(items)))
}
