//! Parses faults from text, `KIND[@[METHOD:]PATH][*TIMES]`, for the command line.

use std::str::FromStr;
use std::time::Duration;

use axum::http::Method;

use super::{DigestMismatch, Fault, FaultKind, Matcher, RetryAfter, Times};

/// The text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFault {
    /// The kind is not known.
    #[error(
        "`{0}` is not a kind of fault (a status such as `500`, `429:retry-after=2`, `403:retry-after=2`, `cut`, `slow=2s`, `delay=2s`, `drop`, `wrong-digest`, `redirect=URL`, `link=URL`)"
    )]
    Kind(String),
    /// What follows `*` is neither a number from 1 nor `always`.
    #[error("`{0}` is not a number of times (1 or more, or `always`)")]
    Times(String),
    /// What follows `slow=` or `delay=` is not a duration.
    #[error("`{0}` is not a duration such as `2s` or `150ms`")]
    Duration(String),
    /// What follows `redirect=` or `link=` is not a URL.
    #[error("`{0}` is not an http or https URL")]
    Url(String),
    /// What follows `@` is empty.
    #[error("`@` must be followed by a part of a path, such as `/manifests/`")]
    Path,
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let (rest, times) = match text.rsplit_once('*') {
            Some((rest, times)) => (rest, times.parse()?),
            None => (text, Times::Once),
        };
        let (kind, when) = match rest.rsplit_once('@') {
            Some((kind, when)) => (kind, when.parse()?),
            None => (rest, Matcher::default()),
        };
        Ok(Self { when, kind: kind.parse()?, times })
    }
}

impl FromStr for Times {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        match text.parse() {
            Ok(1) => Ok(Self::Once),
            Ok(times) if times > 1 => Ok(Self::N(times)),
            _ if text == "always" => Ok(Self::Always),
            _ => Err(InvalidFault::Times(text.to_owned())),
        }
    }
}

impl FromStr for Matcher {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let is_method =
            |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_uppercase());
        let (method, path) = match text.split_once(':') {
            Some((method, path)) if is_method(method) => {
                (Method::from_bytes(method.as_bytes()).ok(), path)
            }
            _ => (None, text),
        };
        if path.is_empty() && method.is_none() {
            return Err(InvalidFault::Path);
        }
        let path_contains = (!path.is_empty()).then(|| path.to_owned());
        Ok(Self { method, path_contains })
    }
}

impl FromStr for FaultKind {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let unknown = || InvalidFault::Kind(text.to_owned());
        if let Some(retry_after) = text.strip_prefix("429:retry-after=") {
            let retry_after = match retry_after.parse() {
                Ok(seconds) => RetryAfter::Seconds(seconds),
                Err(_) if httpdate::parse_http_date(retry_after).is_ok() => {
                    RetryAfter::Date(retry_after.to_owned())
                }
                Err(_) => return Err(unknown()),
            };
            return Ok(Self::TooManyRequests { retry_after: Some(retry_after) });
        }
        if let Some(retry_after) = text.strip_prefix("403:retry-after=") {
            let retry_after = retry_after.parse().map_err(|_| unknown())?;
            return Ok(Self::SecondaryLimit { retry_after });
        }
        match text.split_once('=') {
            Some(("slow", value)) => duration(value).map(Self::SlowBody),
            Some(("delay", value)) => duration(value).map(Self::Delay),
            Some(("redirect", value)) => address(value).map(Self::RedirectTo),
            Some(("link", value)) => address(value).map(Self::LinkTo),
            Some(("wrong-digest", "body")) => Ok(Self::WrongDigest(DigestMismatch::Body)),
            Some(("wrong-digest", "header")) => Ok(Self::WrongDigest(DigestMismatch::Header)),
            Some(_) => Err(unknown()),
            None => plain(text).ok_or_else(unknown),
        }
    }
}

/// A kind without a value.
fn plain(text: &str) -> Option<FaultKind> {
    match text {
        "cut" => Some(FaultKind::CutBody),
        "drop" => Some(FaultKind::Drop),
        "wrong-digest" => Some(FaultKind::WrongDigest(DigestMismatch::Body)),
        _ => match text.parse() {
            Ok(401) => Some(FaultKind::Unauthorized),
            Ok(429) => Some(FaultKind::TooManyRequests { retry_after: None }),
            Ok(status @ 400..=599) => Some(FaultKind::Status(status)),
            _ => None,
        },
    }
}

fn duration(text: &str) -> Result<Duration, InvalidFault> {
    humantime::parse_duration(text).map_err(|_| InvalidFault::Duration(text.to_owned()))
}

fn address(text: &str) -> Result<String, InvalidFault> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text.to_owned()),
        _ => Err(InvalidFault::Url(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Fault {
        text.parse().unwrap()
    }

    #[test]
    fn a_fault_has_a_kind_a_place_and_a_number() {
        let fault = read("500@/manifests/*3");
        assert_eq!(fault.kind, FaultKind::Status(500));
        assert_eq!(fault.when.path_contains.as_deref(), Some("/manifests/"));
        assert_eq!((fault.when.method, fault.times), (None, Times::N(3)));

        let fault = read("cut@GET:/blobs/sha256:00*always");
        assert_eq!(fault.when.method, Some(Method::GET));
        assert_eq!(fault.when.path_contains.as_deref(), Some("/blobs/sha256:00"));
        assert_eq!((fault.kind, fault.times), (FaultKind::CutBody, Times::Always));

        assert_eq!(read("drop@DELETE:").when.method, Some(Method::DELETE));
        assert_eq!(read("drop").when, Matcher::default());
    }

    #[test]
    fn every_kind_can_be_written() {
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        let limited = |retry_after| FaultKind::TooManyRequests { retry_after };
        for (text, kind) in [
            ("401", FaultKind::Unauthorized),
            ("404", FaultKind::Status(404)),
            ("429", limited(None)),
            ("429:retry-after=2", limited(Some(RetryAfter::Seconds(2)))),
            (
                "429:retry-after=Wed, 21 Oct 2026 07:28:00 GMT",
                limited(Some(RetryAfter::Date(date.to_owned()))),
            ),
            ("403:retry-after=2", FaultKind::SecondaryLimit { retry_after: 2 }),
            ("cut", FaultKind::CutBody),
            ("slow=2s", FaultKind::SlowBody(Duration::from_secs(2))),
            ("delay=150ms", FaultKind::Delay(Duration::from_millis(150))),
            ("wrong-digest", FaultKind::WrongDigest(DigestMismatch::Body)),
            ("wrong-digest=header", FaultKind::WrongDigest(DigestMismatch::Header)),
            ("redirect=http://h:1/x", FaultKind::RedirectTo("http://h:1/x".to_owned())),
            ("link=https://h/", FaultKind::LinkTo("https://h/".to_owned())),
            ("drop", FaultKind::Drop),
        ] {
            assert_eq!(text.parse(), Ok(kind), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "200", "600", "boom", "slow", "slow=soon", "link=file:///etc", "cut*0"] {
            assert!(text.parse::<Fault>().is_err(), "{text:?} was accepted");
        }
        for text in ["cut*-1", "cut@", "429:retry-after=soon", "wrong-digest=both", "500*"] {
            assert!(text.parse::<Fault>().is_err(), "{text:?} was accepted");
        }
    }
}
