//! The error of a failed request, with the target named and the cause kept.
//!
//! The message never contains a credential: a URL is shown without user and query, and of a
//! response body only the server's error code and message, shortened.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{Unread, UnreadCause};

/// The kinds of failures that the program treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No connection could be made.
    Connect,
    /// No complete answer came in time.
    Timeout,
    /// The connection broke during an answer.
    Interrupted,
    /// 401 or 403, or the token server refused the credentials, or there are none.
    Credentials,
    /// 404 for something that is not a tag, a manifest or a blob.
    NotFound,
    /// 429, and the requested wait is too long.
    RateLimited,
    /// Another status that does not answer the question.
    Status,
    /// An answer that cannot be the requested content.
    BadAnswer,
    /// The request cannot be sent; the fault is on this machine.
    Client,
}

/// A failed request: to a registry, its management API or its token server.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct RequestError {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
    hint: Option<String>,
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Equal kind, status and message; the cause is not compared.
impl PartialEq for RequestError {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.status, &self.message) == (other.kind, other.status, &other.message)
    }
}

impl Eq for RequestError {}

impl RequestError {
    /// A new error. The message names the target.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            retry_after: None,
            hint: None,
            source: None,
        }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.retry_after = delay;
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What to try next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether the same request may succeed a moment later: no connection, a broken one, 429, 500,
    /// 502, 503 and 504.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self.kind {
            ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::RateLimited => true,
            ErrorKind::Status => matches!(self.status, Some(500 | 502..=504)),
            _ => false,
        }
    }

    /// Whether a request to change something certainly had no effect: it was never sent, or the answer
    /// says that nothing was done. Otherwise the effect is unknown.
    #[must_use]
    pub fn had_no_effect(&self) -> bool {
        match self.kind {
            ErrorKind::Connect
            | ErrorKind::Credentials
            | ErrorKind::NotFound
            | ErrorKind::RateLimited
            | ErrorKind::Client => true,
            ErrorKind::Status => matches!(self.status, Some(300..=499 | 503)),
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::BadAnswer => false,
        }
    }

    /// The failure as the reason why something could not be read, with its causes.
    #[must_use]
    pub fn to_unread(&self) -> Unread {
        let cause = match self.kind {
            ErrorKind::Credentials => UnreadCause::Credentials,
            ErrorKind::NotFound => UnreadCause::NotFound,
            _ => UnreadCause::Unreachable,
        };
        Unread { cause, message: self.chain(), hint: self.hint.clone() }
    }

    /// The message and those of its causes. A cause that the text contains already is left out.
    fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let message = error.to_string();
            if !text.contains(&message) {
                text = format!("{text}: {message}");
            }
            cause = error.source();
        }
        text
    }
}
