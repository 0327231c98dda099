//! Turns transport failures and error statuses into errors that name their target.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::call::{Call, Reply};
use super::error::{ErrorKind, RequestError};
use super::redacted_url;

/// The error of a request without a complete answer.
pub(super) fn transport(call: &Call, error: &reqwest::Error) -> RequestError {
    let target = redacted_url(&call.url);
    let (kind, what) = if error.is_timeout() && !error.is_connect() {
        (ErrorKind::Timeout, "no complete answer in time from")
    } else if error.is_connect() {
        (ErrorKind::Connect, "cannot connect to")
    } else if error.is_builder() {
        (ErrorKind::Client, "cannot send a request to")
    } else {
        (ErrorKind::Interrupted, "the connection broke during a request to")
    };
    let hint = match kind {
        ErrorKind::Connect => {
            "check the network, the registry's `url` in the policy, and the proxy variables"
        }
        ErrorKind::Timeout => "try again, or give it more time with --timeout",
        _ => "try again; `-vv` shows each request",
    };
    let cause = deepest(error);
    RequestError::new(kind, format!("{what} {target}: {cause}")).with_hint(hint)
}

/// The innermost cause. reqwest's own message is not used: it repeats the URL with its query.
fn deepest(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, std::ptr::from_ref(error)) {
        return "request failed".to_owned();
    }
    cause.to_string()
}

/// The error of a reply with 429, a 403 that is a rate limit, or 5xx.
pub(super) fn refusal(call: &Call, reply: &Reply) -> Option<RequestError> {
    let status = reply.status;
    let limited = status == StatusCode::TOO_MANY_REQUESTS || is_secondary_limit(reply);
    if !limited && !status.is_server_error() {
        return None;
    }
    let target = redacted_url(&call.url);
    let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    // Without a stated time GitHub asks to wait at least a minute, and may ban clients that do not.
    let default_wait =
        (limited && status == StatusCode::FORBIDDEN).then_some(Duration::from_mins(1));
    let wait = retry_after(&reply.headers).or(default_wait);
    let (kind, message, hint) = if limited {
        let asks = wait.map(|wait| format!(", which asks to wait {}s", wait.as_secs()));
        let message =
            format!("too many requests for {target}{}{explanation}", asks.unwrap_or_default());
        (ErrorKind::RateLimited, message, "try again later, or less often")
    } else {
        let message = format!("{target} answered {status}{explanation}");
        (
            ErrorKind::Status,
            message,
            "the server has a problem; try again, and look at the registry's status page",
        )
    };
    Some(
        RequestError::new(kind, message)
            .with_status(status.as_u16())
            .with_retry_after(wait)
            .with_hint(hint),
    )
}

/// Whether a 403 is one of GitHub's rate limits, for which other servers answer 429: no requests
/// remain, or a time to wait is stated, or the message says so.
/// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
fn is_secondary_limit(reply: &Reply) -> bool {
    reply.status == StatusCode::FORBIDDEN
        && (reply.header("x-ratelimit-remaining") == Some("0")
            || reply.header("retry-after").is_some()
            || reply.explanation().is_some_and(|text| text.to_lowercase().contains("rate limit")))
}

/// The wait that a server asks for. `Retry-After` is a number of seconds or an HTTP date:
/// <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>. A date is compared with the server's own
/// `Date`, so that a wrong clock on either side has no effect.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    // An upper bound, so that no value overflows.
    const LONGEST: Duration = Duration::from_hours(24 * 365);
    retry_after_header(headers).or_else(|| reset(headers)).map(|wait| wait.min(LONGEST))
}

/// The time until an exhausted rate limit is reset. GitHub's `x-ratelimit-reset` and DigitalOcean's
/// `ratelimit-reset` are in seconds since 1970.
fn reset(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (left, end) = match text("x-ratelimit-remaining") {
        Some(left) => (left, text("x-ratelimit-reset")?),
        None => (text("ratelimit-remaining")?, text("ratelimit-reset")?),
    };
    if left != "0" {
        return None;
    }
    let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end.parse().ok()?))?;
    Some(end.duration_since(server_time(headers)).unwrap_or_default())
}

fn retry_after_header(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = server_time(headers);
    Some(until.duration_since(now).unwrap_or_default())
}

/// The time in the answer, else this machine's.
fn server_time(headers: &HeaderMap) -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "only where the server sends no Date of its own")]
    headers
        .get("date")
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok())
        .unwrap_or_else(SystemTime::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().expect("name"), v.parse().expect("value"))).collect()
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date_by_the_servers_clock() {
        let seconds = headers(&[("retry-after", "7")]);
        assert_eq!(retry_after(&seconds), Some(Duration::from_secs(7)));
        let date = headers(&[
            ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"),
        ]);
        assert_eq!(retry_after(&date), Some(Duration::from_secs(30)));
        let past = headers(&[
            ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT"),
        ]);
        assert_eq!(retry_after(&past), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
    }
}
