//! Changes an answer before it is sent, so that it differs from the content of the registry.

use std::fmt;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::call::Answer;

/// An answer as it would be sent, to be changed.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; that of HEAD is not sent.
    pub body: Vec<u8>,
    /// How long to wait before it is sent.
    pub delay: Duration,
    /// As many zero bytes instead of the body.
    zeros: Option<u64>,
}

impl Reply {
    /// Changes the body if it is JSON.
    pub fn change_json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut value) = serde_json::from_slice(&self.body) {
            change(&mut value);
            self.body = value.to_string().into_bytes();
        }
    }

    /// Sets a header and removes all others of that name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn of(answer: &Answer) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers.iter();
        Self {
            status: answer.status.as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: answer.body.to_vec(),
            delay: Duration::ZERO,
            zeros: answer.zeros,
        }
    }

    fn answer(self) -> Answer {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let header = |(name, value): (String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let headers = self.headers.into_iter().filter_map(header).collect();
        Answer { status, headers, body: Bytes::from(self.body), zeros: self.zeros }
    }
}

/// A change of one answer.
pub(super) struct ReplyChange(Box<dyn FnOnce(&mut Reply) + Send>);

impl ReplyChange {
    pub(super) fn new(change: impl FnOnce(&mut Reply) + Send + 'static) -> Self {
        Self(Box::new(change))
    }
}

impl fmt::Debug for ReplyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyChange")
    }
}

/// Applies the changes to an answer, and waits for its delay.
pub(super) async fn apply_changes(answer: Answer, changes: Vec<ReplyChange>) -> Answer {
    if changes.is_empty() {
        return answer;
    }
    let mut reply = Reply::of(&answer);
    for change in changes {
        (change.0)(&mut reply);
    }
    tokio::time::sleep(reply.delay).await;
    reply.answer()
}
