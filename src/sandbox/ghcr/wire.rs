//! The formats of the packages API: errors, headers, times, and links between pages.
//!
//! <https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api>

use axum::http::header::HeaderName;
use axum::http::{StatusCode, header};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::call::{Answer, Call};
use super::super::page::Page;
use super::super::rate_limit::RateLimit;
use super::settings::{GhcrSettings, TokenKind};

const X_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-oauth-scopes");
const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATELIMIT_USED: HeaderName = HeaderName::from_static("x-ratelimit-used");
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const X_RATELIMIT_RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");

/// The message for too many requests at a time, with 403 or 429.
const SECONDARY_LIMIT: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

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
            429 => SECONDARY_LIMIT,
            _ => "Server Error",
        };
        Self::new(status, message)
    }

    pub(super) fn secondary_limit() -> Self {
        Self::new(StatusCode::FORBIDDEN, SECONDARY_LIMIT)
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
    let answer = answer
        .with(X_RATELIMIT_LIMIT, &rate_limit.limit.to_string())
        .with(X_RATELIMIT_REMAINING, &rate_limit.remaining().to_string())
        .with(X_RATELIMIT_USED, &rate_limit.used.to_string())
        .with(X_RATELIMIT_RESET, &rate_limit.reset.to_string())
        .with(X_RATELIMIT_RESOURCE, "core");
    match ghcr.token_kind {
        TokenKind::Classic if answer.status != StatusCode::UNAUTHORIZED => {
            let scopes: Vec<&str> = ghcr.scopes.iter().map(|scope| scope.name()).collect();
            answer.with(X_OAUTH_SCOPES, &scopes.join(", "))
        }
        TokenKind::Classic | TokenKind::Actions => answer,
    }
}

/// `GET /rate_limit`
pub(super) fn rate_limit(rate_limit: RateLimit) -> Answer {
    let core = json!({
        "limit": rate_limit.limit,
        "used": rate_limit.used,
        "remaining": rate_limit.remaining(),
        "reset": rate_limit.reset,
    });
    let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": rate_limit.reset});
    let body = json!({"resources": {"core": core, "search": search}, "rate": core});
    Answer::json(StatusCode::OK, &body)
}

pub(super) fn time(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A page of a list, with links to its neighbours in `Link`.
///
/// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>
pub(super) fn page<T>(call: &Call, page: Page, all: Vec<T>, entry: impl Fn(T) -> Value) -> Answer {
    let last = page.last(all.len());
    let mut links = Vec::new();
    if page.number > 1 {
        links.push(link(call, page, page.number - 1, "prev"));
        links.push(link(call, page, 1, "first"));
    }
    if page.number < last {
        links.push(link(call, page, page.number + 1, "next"));
        links.push(link(call, page, last, "last"));
    }
    let items: Vec<Value> = page.cut(all).into_iter().map(entry).collect();
    let answer = Answer::json(StatusCode::OK, &Value::from(items));
    if links.is_empty() { answer } else { answer.with(header::LINK, &links.join(", ")) }
}

fn link(call: &Call, page: Page, number: usize, relation: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.query {
        if name != "page" && name != "per_page" {
            query.append_pair(name, value);
        }
    }
    query.append_pair("per_page", &page.size.to_string());
    query.append_pair("page", &number.to_string());
    format!("<http://{}{}?{}>; rel=\"{relation}\"", call.host, call.path, query.finish())
}
