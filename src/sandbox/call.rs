//! A request and an answer as plain values, between the HTTP server and the protocols.
//!
//! The protocols are synchronous functions from a request to an answer.

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::body::ReceivedBody;

/// A request whose body has been read.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    /// The host and port that the client used, for absolute URLs in answers.
    pub(super) host: String,
    /// The path with the query, as the client sent it.
    pub(super) target: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The body, where it is too large to be held: as many zero bytes.
    pub(super) zeros: Option<u64>,
}

impl Call {
    pub(super) fn new(parts: Parts, body: ReceivedBody) -> Self {
        let (body, zeros) = match body {
            ReceivedBody::Bytes(body) => (body, None),
            ReceivedBody::Zeros(length) => (Bytes::new(), Some(length)),
        };
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        // HTTP/2 sends the authority in the URI, HTTP/1 in a header.
        let in_header = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = parts.uri.authority().map(Authority::as_str).or(in_header);
        Self {
            host: host.unwrap_or("localhost").to_owned(),
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            target,
            headers: parts.headers,
            body,
            zeros,
        }
    }

    /// The first value of a query parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header, if it is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Name and value pairs of a query or a form.
pub(super) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

/// An answer to the client.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
    /// As many zero bytes instead of the body.
    pub(super) zeros: Option<u64>,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn new(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), zeros: None }
    }

    /// A JSON answer.
    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self::new(status)
            .with(CONTENT_TYPE, "application/json; charset=utf-8")
            .with_body(Bytes::from(value.to_string()))
    }

    /// An error in the shape of the distribution specification.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes>
    pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        Self::json(status, &json!({"errors": [{"code": code, "message": message}]}))
    }

    /// A 404 for a path that the server does not know: plain text, not an OCI error.
    pub(super) fn no_such_page() -> Self {
        Self::new(StatusCode::NOT_FOUND)
            .with(CONTENT_TYPE, "text/plain; charset=utf-8")
            .with_body(Bytes::from_static(b"404 page not found\n"))
    }

    /// A 405 for a method that this registry does not support.
    pub(super) fn unsupported() -> Self {
        Self::error(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            "the operation is unsupported here",
        )
    }

    /// With a header; a value that is not valid in a header is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.retain(|(other, _)| *other != name);
            self.headers.push((name, value));
        }
        self
    }

    /// The length of the body.
    pub(super) fn length(&self) -> u64 {
        self.zeros.unwrap_or(self.body.len() as u64)
    }

    /// With a body.
    pub(super) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }
}
