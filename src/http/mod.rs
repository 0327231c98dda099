//! The HTTP transport: takes a call, returns a reply. Each file has one concern: connecting, throttling,
//! retrying, redirects, body limits, counting.
//!
//! It knows nothing about registries. It adds no credentials, and never sends a caller's credentials to
//! another host.

mod attempt;
mod call;
mod client;
mod clocks;
mod diagnose;
mod error;
mod error_body;
mod failure;
mod meter;
mod page;
mod retry;
mod stream;
mod throttle;
mod trust;
mod variable_token;

pub(crate) use call::{Call, Redirects, Reply, RetryPolicy};
pub use client::{Http, TransportSettings};
pub use clocks::LocalTime;
pub(crate) use diagnose::{ask, budget, scopes};
pub use error::{ErrorKind, RequestError};
pub(crate) use error_body::sanitized;
pub use meter::{Meter, Traffic};
pub(crate) use page::{has_next, link_target, next_page, next_referrers};
pub(crate) use stream::{BodyStream, Inspector, Opened, RelayError};
pub(crate) use throttle::{HostBudget, SendPermit};
pub(crate) use trust::CredentialSource;
pub use trust::{InvalidTrustedHost, Trust, TrustSettings};
pub use variable_token::VariableToken;
pub(crate) use variable_token::sensitive;

/// A URL for messages and logs: without user, password, query and fragment.
#[must_use]
pub(crate) fn redacted_url(url: &url::Url) -> String {
    let authority = authority(url);
    format!("{}://{authority}{}", url.scheme(), url.path())
}

/// A URL below a base URL that may have a path (`https://ghe.example/api/v3`).
#[must_use]
pub(crate) fn below(base: &url::Url, path: &str) -> url::Url {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/');
    url.set_path(&format!("{prefix}/{path}"));
    url
}

/// `host` or `host:port`.
#[must_use]
pub(crate) fn authority(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
