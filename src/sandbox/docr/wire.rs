//! The formats of the control API: errors, rate limit headers, times, links between pages.
//!
//! <https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction>

use axum::http::StatusCode;
use axum::http::header::HeaderName;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::super::call::{Answer, Call};
use super::super::page::{Page, encoded};
use super::super::rate_limit::RateLimit;

const RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RATELIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// A refusal of the control API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned() }
    }

    /// The error of this status, worded as by the API.
    pub(super) fn of(status: StatusCode) -> Self {
        let message = match status.as_u16() {
            401 => "Unable to authenticate you",
            403 => "you do not have access for the attempted action",
            404 => "The resource you were accessing could not be found.",
            405 => "method not allowed",
            409 => "a garbage collection is under way",
            429 => "API Rate limit exceeded.",
            500 => "Unexpected server-side error",
            _ => "something went wrong",
        };
        Self::new(status, message)
    }

    pub(super) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, &format!("{what} not found"))
    }

    /// The answer of paths without a registry's name if there are several registries.
    ///
    /// <https://github.com/digitalocean/doctl/issues/1776>
    pub(super) fn several_registries() -> Self {
        let message = "This API is not supported if you have created multiple registries. Please \
                       use ‘/v2/registries/{registry_name}’ instead.";
        Self::new(StatusCode::PRECONDITION_FAILED, message)
    }

    /// The status and the short name for it.
    pub(super) fn answer(&self, call: &Call) -> Answer {
        let id = match self.status.as_u16() {
            401 => "unauthorized",
            403 => "forbidden",
            412 => "precondition_failed",
            429 => "too_many_requests",
            500 => "server_error",
            _ => {
                let reason = self.status.canonical_reason().unwrap_or("error");
                &reason.to_ascii_lowercase().replace([' ', '-'], "_")
            }
        };
        let request = crate::model::Digest::of(call.target.as_bytes());
        let request = &request.encoded()[..32];
        let body = json!({"id": id, "message": self.message, "request_id": request});
        Answer::json(self.status, &body)
    }
}

/// With the rate limit headers.
pub(super) fn with_rate_limit(answer: Answer, rate_limit: RateLimit) -> Answer {
    answer
        .with(RATELIMIT_LIMIT, &rate_limit.limit.to_string())
        .with(RATELIMIT_REMAINING, &rate_limit.remaining().to_string())
        .with(RATELIMIT_RESET, &rate_limit.reset.to_string())
}

pub(super) fn time(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A page of a list.
pub(super) struct List<'a> {
    /// The key of the list in the answer.
    pub(super) key: &'a str,
    /// The path of the list below the registry, its parts not encoded.
    pub(super) path: Vec<&'a str>,
    /// The items on the page.
    pub(super) items: Vec<Value>,
    /// How many items there are on all pages.
    pub(super) total: usize,
    /// Whether links contain a page token besides the page number.
    pub(super) tokens: bool,
}

impl List<'_> {
    /// The page with its total, and with links if there is more than one page.
    pub(super) fn page(self, call: &Call, page: Page) -> Answer {
        let total = self.total;
        let links = self.links(call, page);
        let mut body = Map::new();
        body.insert(self.key.to_owned(), Value::from(self.items));
        body.insert("meta".to_owned(), json!({"total": total}));
        if let Some(links) = links {
            body.insert("links".to_owned(), json!({"pages": links}));
        }
        Answer::json(StatusCode::OK, &Value::from(body))
    }

    /// Links to the first, previous, next and last page, as far as they exist.
    fn links(&self, call: &Call, page: Page) -> Option<Value> {
        let last = page.last(self.total);
        let mut links = Map::new();
        if page.number > 1 {
            links.insert("first".to_owned(), self.link(call, page, 1));
            links.insert("prev".to_owned(), self.link(call, page, page.number - 1));
        }
        if page.number < last {
            links.insert("next".to_owned(), self.link(call, page, page.number + 1));
            links.insert("last".to_owned(), self.link(call, page, last));
        }
        (last > 1 && !links.is_empty()).then(|| Value::from(links))
    }

    /// As in the examples of the description, links lead below `/v2/registry/`.
    fn link(&self, call: &Call, page: Page, number: usize) -> Value {
        let path: Vec<String> = self.path.iter().map(|part| encoded(part)).collect();
        let token =
            if self.tokens { format!("&page_token={}", page_token(number)) } else { String::new() };
        let query = format!("page={number}{token}&per_page={}", page.size);
        Value::from(format!("http://{}/v2/registry/{}?{query}", call.host, path.join("/")))
    }
}

/// An opaque token for a page.
fn page_token(number: usize) -> String {
    format!("{:016x}", number.rotate_left(17))
}

/// The page that a token is for.
pub(super) fn page_of_token(token: &str) -> Option<usize> {
    let number = usize::from_str_radix(token, 16).ok()?.rotate_right(17);
    (number > 0).then_some(number)
}
