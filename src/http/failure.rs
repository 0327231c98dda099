//! Turns transport failures and refusing statuses into errors that name their target.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::call::{Call, Reply};
use super::error::{ErrorKind, RegistryError};
use super::redacted_url;
use crate::secrets::Secrets;

/// The error of a request that got no whole answer.
pub(super) fn transport(call: &Call, error: &reqwest::Error) -> RegistryError {
    let target = redacted_url(&call.url);
    let (kind, what) = if error.is_timeout() && !error.is_connect() {
        (ErrorKind::Timeout, "no whole answer in time from")
    } else if error.is_connect() {
        (ErrorKind::Connect, "cannot connect to")
    } else if error.is_builder() {
        (ErrorKind::Client, "cannot send a request to")
    } else {
        (ErrorKind::Interrupted, "the connection broke while talking to")
    };
    let hint = match kind {
        ErrorKind::Connect => {
            "check the network, the registry's `url` in the policy, and the proxy variables"
        }
        ErrorKind::Timeout => "try again, or give it more time with --timeout",
        _ => "try again; `-vv` shows each request",
    };
    let cause = deepest(error);
    RegistryError::new(kind, format!("{what} {target}: {cause}")).with_hint(hint)
}

/// The innermost cause says most: reqwest's own message repeats the URL, query included.
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

/// The error of a reply that is no answer: 429 and everything from 500.
pub(super) fn refusal(call: &Call, reply: &Reply) -> Option<RegistryError> {
    let status = reply.status;
    let limited = status == StatusCode::TOO_MANY_REQUESTS || is_secondary_limit(reply);
    if !limited && !status.is_server_error() {
        return None;
    }
    let target = redacted_url(&call.url);
    let said = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    // Words without a figure: GitHub asks for a minute at least, and bans who does not wait.
    let unsaid = (limited && status == StatusCode::FORBIDDEN).then_some(Duration::from_mins(1));
    let wait = retry_after(&reply.headers).or(unsaid);
    let (kind, message, hint) = if limited {
        let asks = wait.map(|wait| format!(", which asks to wait {}s", wait.as_secs()));
        let message = format!("too many requests for {target}{}{said}", asks.unwrap_or_default());
        (ErrorKind::RateLimited, message, "try again later, or less often")
    } else {
        let message = format!("{target} answered {status}{said}");
        (
            ErrorKind::Status,
            message,
            "the registry has trouble of its own; try again, and look at its status page",
        )
    };
    Some(
        RegistryError::new(kind, message)
            .with_status(status.as_u16())
            .with_retry_after(wait)
            .with_hint(hint),
    )
}

/// GitHub answers 403 where others say 429: with nothing left of the budget, with a time to wait,
/// or with words.
/// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
fn is_secondary_limit(reply: &Reply) -> bool {
    reply.status == StatusCode::FORBIDDEN
        && (reply.header("x-ratelimit-remaining") == Some("0")
            || reply.header("retry-after").is_some()
            || reply.explanation().is_some_and(|said| said.to_lowercase().contains("rate limit")))
}

/// `Retry-After`, in seconds or as an HTTP date:
/// <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>. A date is counted from the
/// server's own `Date`, so that a wrong clock on either side does no harm.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    // No server may ask for more than that, and none may break the arithmetic.
    const LONGEST: Duration = Duration::from_hours(24 * 365);
    retry_after_header(headers).or_else(|| reset(headers)).map(|wait| wait.min(LONGEST))
}

/// When a budget that is used up is filled again, in seconds since 1970: GitHub's
/// `x-ratelimit-reset`, DigitalOcean's `ratelimit-reset`.
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

/// The server's own clock, if it says what it shows.
fn server_time(headers: &HeaderMap) -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "only where the server sends no Date of its own")]
    headers
        .get("date")
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok())
        .unwrap_or_else(SystemTime::now)
}

/// The first error of an OCI error body (`errors[].code`, `.message`) or of a management API
/// (`message`), as one short line.
pub(super) fn explanation(body: &[u8], secrets: &Secrets) -> Option<String> {
    let wire: ErrorBody = serde_json::from_slice(body).ok()?;
    let text = match wire.errors.unwrap_or_default().into_iter().next() {
        Some(first) => match first.message.filter(|message| !message.is_empty()) {
            Some(message) => format!("{}: {message}", first.code.unwrap_or_default()),
            None => first.code?,
        },
        None => wire.message.or(wire.details)?,
    };
    // A secret that is cut off or broken up is not recognised later.
    let text = secrets.redact_text(&text);
    Some(sanitized(&text).chars().take(200).collect())
}

/// Text of a server's for messages and logs: no controls, no marks that turn text around, no
/// old-style commands of CI runners.
pub(crate) fn sanitized(text: &str) -> String {
    let plain = |c: char| !c.is_control() && !is_invisible(c);
    let line: String = text.chars().map(|c| if plain(c) { c } else { ' ' }).collect();
    line.replace("##[", "## [")
}

/// The codes of the errors of an OCI error body.
pub(super) fn error_codes(body: &[u8]) -> Vec<String> {
    let wire: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let errors = wire.and_then(|wire| wire.errors).unwrap_or_default();
    errors.into_iter().filter_map(|error| error.code).collect()
}

/// Marks that turn text around, break lines or cannot be seen at all.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[derive(Deserialize)]
struct ErrorBody {
    errors: Option<Vec<ErrorEntry>>,
    message: Option<String>,
    details: Option<String>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    code: Option<String>,
    message: Option<String>,
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

    #[test]
    fn what_a_registry_says_becomes_one_short_line() {
        let explanation = |body: &[u8]| explanation(body, &Secrets::default());
        let body = br#"{"errors":[{"code":"DENIED","message":"no\n::error::access"}]}"#;
        assert_eq!(explanation(body).as_deref(), Some("DENIED: no ::error::access"));
        assert_eq!(explanation(br#"{"errors":[{"code":"DENIED"}]}"#).as_deref(), Some("DENIED"));
        assert_eq!(explanation(br#"{"id":"x","message":"gone"}"#).as_deref(), Some("gone"));
        assert_eq!(explanation(b"<html>"), None);
    }

    #[test]
    fn a_secret_that_would_be_cut_in_two_is_gone_before() {
        let secrets = Secrets::default();
        secrets.learn("s3cr3t-t0ken-0123456789");
        let words = format!("{}s3cr3t-t0ken-0123456789", "x".repeat(190));
        let said = explanation(format!(r#"{{"message":"{words}"}}"#).as_bytes(), &secrets);
        assert_eq!(said, Some(format!("{}***", "x".repeat(190))));
    }
}
