//! The management APIs of the embedded registries, and that of the embedded GitHub, against the
//! official descriptions of the real ones: every answer must have its shape there, and every request
//! be one that is there.
//!
//! The descriptions are not part of this repository. They are looked for in `$TAGS_OPENAPI`, or
//! else in `shared/openapi` beside the checkout; without them nothing is checked, and each test
//! says so.
#![cfg(feature = "sandbox")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of a test fail as tests do"
)]

mod actions;
mod client;
mod description;
mod docr;
mod ghcr;
mod schema;

use crate::sandbox::support::{self, Registry};
use description::Description;
use reqwest::Method;
use serde_json::Value;

/// Sends a request that must be described, and holds the answer against its description.
async fn ask(
    registry: &Registry,
    description: &Description,
    (method, target): (Method, &str),
    body: Option<Value>,
) -> (u16, Value) {
    description.assert_requested(method.as_str(), target);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let request = registry.ask(method.clone(), target).bearer_auth(support::TOKEN);
    let request = match &body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    let body = if bytes.is_empty() { None } else { serde_json::from_slice(&bytes).unwrap() };
    description.assert_answer((method.as_str(), path), status, body.as_ref());
    (status, body.unwrap_or_default())
}
