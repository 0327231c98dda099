//! A request to send and the reply to it, as values.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

use super::throttle::RequestCost;
use crate::secrets::Secrets;

/// Whether a redirect is followed; credentials are never sent to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// Up to five hops, without credentials.
    Follow,
    /// A redirect is returned as the reply.
    Refuse,
}

/// When a failed request is sent again automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// After every temporary failure: sending it twice has the same effect as once.
    Always,
    /// Only if it certainly had no effect: no connection, 429, 503.
    IfNoEffect,
    /// Never.
    Never,
}

/// A request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// Sent only to the authority of the URL, not to the target of a redirect.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) form: Option<Vec<(String, String)>>,
    pub(crate) json: Option<String>,
    pub(crate) bytes: Option<Arc<[u8]>>,
    pub(crate) redirects: Redirects,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) cost: RequestCost,
    /// The largest body that is accepted, in bytes.
    pub(crate) body_limit: usize,
    /// How long the request may take; by default as long as every other.
    pub(crate) timeout: Option<Duration>,
}

impl Call {
    /// A request without headers, body and credentials that follows redirects. A request that may change
    /// something is sent only once.
    pub(crate) fn new(method: Method, url: Url) -> Self {
        let retry_policy = if is_read(&method) { RetryPolicy::Always } else { RetryPolicy::Never };
        Self {
            retry_policy,
            method,
            url,
            headers: HeaderMap::new(),
            authorization: None,
            form: None,
            json: None,
            bytes: None,
            redirects: Redirects::Follow,
            cost: RequestCost::Free,
            body_limit: 1 << 20,
            timeout: None,
        }
    }

    pub(crate) fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    pub(crate) fn head(url: Url) -> Self {
        Self::new(Method::HEAD, url)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    pub(crate) fn authorization(mut self, value: Option<HeaderValue>) -> Self {
        self.authorization = value;
        self
    }

    pub(crate) fn form(mut self, form: Vec<(String, String)>) -> Self {
        self.form = Some(form);
        self.retry_policy(RetryPolicy::Always)
    }

    /// Sends this JSON.
    pub(crate) fn json(mut self, text: String) -> Self {
        self.json = Some(text);
        self.header(CONTENT_TYPE, "application/json")
    }

    /// Sends these bytes as content of this type.
    pub(crate) fn content(mut self, content_type: HeaderValue, bytes: Arc<[u8]>) -> Self {
        self.bytes = Some(bytes);
        self.headers.insert(CONTENT_TYPE, content_type);
        self
    }

    pub(crate) fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    pub(crate) fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.retry_policy = retry_policy;
        self
    }

    pub(crate) fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Gives the request more time than others have, since it carries many bytes.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Counts the request against the budget of the host's management API.
    pub(crate) fn on_budget(mut self) -> Self {
        self.cost = if self.is_read() { RequestCost::Read } else { RequestCost::Change };
        self
    }

    /// Whether it is a GET or a HEAD, which change nothing.
    pub(crate) fn is_read(&self) -> bool {
        is_read(&self.method)
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// A reply. 429 and 5xx are not replies but errors.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the reply came from the target of a redirect.
    pub(crate) redirected: bool,
    /// The authority that answered, if a redirect led to another one.
    pub(crate) redirected_to: Option<String>,
    /// The secrets to redact in what is quoted from it.
    pub(crate) secrets: Secrets,
}

impl Reply {
    /// A header as text, if it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The error code and message in the body of an OCI or management API, shortened.
    pub(crate) fn explanation(&self) -> Option<String> {
        super::error_body::explanation(&self.body, &self.secrets)
    }

    /// The code of the first error of an OCI body, such as `UNSUPPORTED`.
    pub(crate) fn error_code(&self) -> Option<String> {
        self.error_codes().into_iter().next()
    }

    /// The codes of all errors of an OCI body.
    pub(crate) fn error_codes(&self) -> Vec<String> {
        super::error_body::error_codes(&self.body)
    }
}
