//! What can go wrong in an embedded registry: which requests fail, how, and how often.
//!
//! `text` parses the form that the command line takes; `server` applies the faults.

mod hold;
mod text;

use std::time::Duration;

use axum::http::Method;

pub use hold::{HoldHandle, HoldPoint};
pub use text::InvalidFault;

pub(super) use hold::{PendingHold, RequestHold};

use super::call::Call;

/// A fault and the requests that it applies to.
///
/// If several faults match a request, the one that was added first happens. As text:
/// `KIND[@[METHOD:]PATH][*TIMES]`, for instance `500@/manifests/*3` or `cut@GET:/blobs/`. `PATH`
/// is any part of the path, and `TIMES` is a number or `always`; the default is once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The requests.
    pub when: Matcher,
    /// What happens to them.
    pub kind: FaultKind,
    /// How often.
    pub times: Times,
}

/// Which requests a fault applies to; by default all below `/v2/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matcher {
    /// The method.
    pub method: Option<Method>,
    /// A part of the path, without the query. It is needed to match requests outside of `/v2/`,
    /// such as `/token` or the packages API of GHCR.
    pub path_contains: Option<String>,
}

impl Matcher {
    pub(super) fn matches(&self, call: &Call) -> bool {
        self.method.as_ref().is_none_or(|method| *method == call.method)
            && match &self.path_contains {
                Some(part) => call.path.contains(part),
                None => call.path.starts_with("/v2"),
            }
    }
}

/// How often a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// To the first request that matches.
    Once,
    /// To this many requests.
    N(u32),
    /// To every request.
    Always,
}

impl Times {
    /// How often it still happens after it happened once.
    pub(super) fn decremented(self) -> Option<Self> {
        match self {
            Self::Always => Some(Self::Always),
            Self::N(times) if times > 1 => Some(Self::N(times - 1)),
            Self::Once | Self::N(_) => None,
        }
    }
}

/// When a client may retry.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// After this many seconds.
    Seconds(u64),
    /// At an HTTP date, sent unchanged.
    Date(String),
}

/// Which part of an answer contradicts the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestMismatch {
    /// The body is changed but not its length; in an answer without a body, the header.
    Body,
    /// `Docker-Content-Digest` is the digest of something else.
    Header,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// All tokens expire, so that the client must fetch a new one; a registry without such tokens
    /// answers 401. It applies only to requests with credentials. Text: `401`.
    Unauthorized,
    /// An answer of this status with an OCI error. Text: `403`, `404`, `500` and so on.
    Status(u16),
    /// 429 with or without `Retry-After`. Text: `429`, `429:retry-after=2`, or an HTTP date.
    TooManyRequests {
        /// The value of `Retry-After`.
        retry_after: Option<RetryAfter>,
    },
    /// 403 with `Retry-After` and, from GitHub's API, the message of its secondary limit. Text:
    /// `403:retry-after=2`.
    SecondaryLimit {
        /// The value of `Retry-After`, in seconds.
        retry_after: u64,
    },
    /// The connection is closed in the middle of the body. Text: `cut`.
    CutBody,
    /// The body is sent this long after its headers. Text: `slow=2s`.
    SlowBody(Duration),
    /// A manifest or blob that does not match its digest. Text: `wrong-digest` (the body) or
    /// `wrong-digest=header`.
    WrongDigest(DigestMismatch),
    /// 307 to this address followed by the path and query. Text: `redirect=http://…`.
    RedirectTo(String),
    /// A listing whose next page is at this address. Text: `link=http://…`.
    LinkTo(String),
    /// The answer is delayed by this long. Text: `delay=2s`.
    Delay(Duration),
    /// The connection is closed without an answer. Text: `drop`.
    Drop,
}

/// When a fault takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the request is handled.
    Request,
    /// Once there is a successful answer.
    Answer,
}

impl FaultKind {
    /// When this takes effect.
    pub(super) fn stage(&self) -> Stage {
        match self {
            Self::CutBody | Self::SlowBody(_) | Self::WrongDigest(_) | Self::LinkTo(_) => {
                Stage::Answer
            }
            _ => Stage::Request,
        }
    }

    /// Whether this kind can apply to a request.
    pub(super) fn applies_to(&self, call: &Call) -> bool {
        match self {
            Self::Unauthorized => call.headers.contains_key(axum::http::header::AUTHORIZATION),
            Self::CutBody | Self::SlowBody(_) => call.method == Method::GET,
            Self::WrongDigest(_) => {
                (call.method == Method::GET || call.method == Method::HEAD)
                    && (call.path.contains("/manifests/") || call.path.contains("/blobs/"))
            }
            Self::LinkTo(_) => ["/tags/list", "/versions", "/runs", "/jobs", "/deployments"]
                .iter()
                .any(|list| call.path.ends_with(list)),
            _ => true,
        }
    }
}
