//! The parts of a diagnosis that registries and GitHub share: one request to a host, its clock and its rate limit.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::authority;
use super::call::{Call, Reply};
use super::client::Http;
use super::error::RequestError;
use crate::model::{HostAnswer, RateLimit, ServerClock};

/// Sends one request to a host: returns whether it answers, with its clock, and the reply.
pub(crate) async fn ask(
    http: &Http,
    call: &Call,
    start: Instant,
) -> (HostAnswer, Result<Reply, RequestError>) {
    let reply = http.send(call).await;
    let elapsed = TimeDelta::from_std(start.elapsed()).unwrap_or(TimeDelta::MAX);
    let answer = match &reply {
        Ok(reply) => Ok(time(reply).map(|time| ServerClock { time, elapsed })),
        // A server that answers with an error is reachable.
        Err(error) if error.status().is_some() => Ok(None),
        Err(error) => Err(error.to_unread()),
    };
    (HostAnswer { host: authority(&call.url), answer }, reply)
}

/// The `Date` of an answer.
fn time(reply: &Reply) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(reply.header("date")?).ok().map(DateTime::from)
}

/// What remains of a rate limit, from the headers that begin with `prefix`.
pub(crate) fn budget(reply: &Reply, prefix: &str) -> Option<RateLimit> {
    let number = |name: &str| -> Option<u64> {
        reply.header(&format!("{prefix}-{name}"))?.trim().parse().ok()
    };
    let seconds = number("reset").and_then(|seconds| i64::try_from(seconds).ok());
    Some(RateLimit {
        remaining: number("remaining")?,
        limit: number("limit"),
        resets: seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
    })
}

/// The scopes of a classic token, which GitHub names in every answer to it.
pub(crate) fn scopes(reply: &Reply) -> Option<BTreeSet<String>> {
    let header = reply.header("x-oauth-scopes")?;
    let names = header.split(',').map(str::trim).filter(|name| !name.is_empty());
    Some(names.map(str::to_owned).collect())
}
