//! What the management APIs of DigitalOcean and GitHub have in common: a bearer token, addresses
//! with encoded names, and refusals to explain.

use reqwest::header::HeaderValue;
use url::Url;

use super::error::{ErrorKind, RegistryError};
use super::http::{Call, Http, Redirects, Reply, shown};

/// Sends calls with a token; a redirect is an answer, since the token may not follow it.
pub(super) struct Caller<'a> {
    pub(super) http: &'a Http,
    pub(super) token: HeaderValue,
}

impl Caller<'_> {
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, RegistryError> {
        let call = call.clone().authorization(Some(self.token.clone()));
        self.http.send(&call.redirects(Redirects::Refuse)).await
    }
}

/// An address below a base that may have a path of its own (`https://ghe.example/api/v3`).
pub(super) fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let below = base.path().trim_end_matches('/');
    url.set_path(&format!("{below}/{path}"));
    url
}

/// A name as one segment of a path: `team/backend` is `team%2Fbackend`.
pub(super) fn encoded(name: &str) -> String {
    name.replace('/', "%2F")
}

/// A refusal, by what its status is about.
pub(super) fn refused(url: &Url, reply: &Reply, origin: &str) -> RegistryError {
    let said = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let kind = match status.as_u16() {
        401 | 403 => ErrorKind::Credentials,
        404 => ErrorKind::NotFound,
        _ => ErrorKind::Status,
    };
    let who = match kind {
        ErrorKind::Credentials => format!(" to the token from {origin}"),
        _ => String::new(),
    };
    RegistryError::new(kind, format!("{} answered {status}{who}{said}", shown(url)))
        .with_status(status.as_u16())
}
