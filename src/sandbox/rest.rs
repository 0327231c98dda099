//! What GitHub's APIs have in common: the rate limit in each answer, times, and links between pages.
//!
//! <https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api>

use axum::http::header::HeaderName;
use axum::http::{StatusCode, header};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::page::Page;
use super::rate_limit::RateLimit;

const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATELIMIT_USED: HeaderName = HeaderName::from_static("x-ratelimit-used");
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const X_RATELIMIT_RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");

/// The message for too many requests at a time, with 403 or 429.
pub(super) const SECONDARY_LIMIT: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

impl RateLimit {
    /// An answer with the headers of the rate limit.
    pub(super) fn with_headers(self, answer: Answer) -> Answer {
        answer
            .with(X_RATELIMIT_LIMIT, &self.limit.to_string())
            .with(X_RATELIMIT_REMAINING, &self.remaining().to_string())
            .with(X_RATELIMIT_USED, &self.used.to_string())
            .with(X_RATELIMIT_RESET, &self.reset.to_string())
            .with(X_RATELIMIT_RESOURCE, "core")
    }

    /// `GET /rate_limit`
    pub(super) fn overview(self) -> Answer {
        let core = json!({
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining(),
            "reset": self.reset,
        });
        let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": self.reset});
        let body = json!({"resources": {"core": core, "search": search}, "rate": core});
        Answer::json(StatusCode::OK, &body)
    }
}

pub(super) fn time(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The links from a page to its neighbours.
///
/// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>
pub(super) struct Links(Vec<String>);

impl Links {
    /// An answer with the links, if there are any.
    pub(super) fn add(self, answer: Answer) -> Answer {
        if self.0.is_empty() { answer } else { answer.with(header::LINK, &self.0.join(", ")) }
    }
}

impl Page {
    /// The links from this page of a list with `total` entries.
    pub(super) fn links(self, call: &Call, total: usize) -> Links {
        let last = self.last(total);
        let mut links = Vec::new();
        if self.number > 1 {
            links.push(self.link(call, self.number - 1, "prev"));
            links.push(self.link(call, 1, "first"));
        }
        if self.number < last {
            links.push(self.link(call, self.number + 1, "next"));
            links.push(self.link(call, last, "last"));
        }
        Links(links)
    }

    fn link(self, call: &Call, number: usize, relation: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &call.query {
            if name != "page" && name != "per_page" {
                query.append_pair(name, value);
            }
        }
        query.append_pair("per_page", &self.size.to_string());
        query.append_pair("page", &number.to_string());
        format!("<http://{}{}?{}>; rel=\"{relation}\"", call.host, call.path, query.finish())
    }
}
