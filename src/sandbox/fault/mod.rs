//! What can be made to go wrong in an embedded registry while it runs.
//!
//! A fault says which requests it is for, what happens to them and how often. The text form for
//! the command line is read in `text`; the server carries faults out.

mod action;
mod hold;
mod text;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Method;

pub use hold::{Held, Moment};
pub use text::InvalidFault;

pub(super) use action::Due;
pub(super) use hold::Holding;

use super::access::Access;
use super::call::Call;
use super::log::RequestRecord;
use action::Action;
use hold::Hold;

/// A fault and the requests that it is for.
///
/// Of several faults that fit a request, the one that was added first happens. As text:
/// `KIND[@[METHOD:]PATH][*TIMES]`, for instance `500@/manifests/*3` or `cut@GET:/blobs/`. `PATH`
/// is any part of the path, and `TIMES` is a number or `always`, once if left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The requests.
    pub when: Matcher,
    /// What happens to them.
    pub kind: FaultKind,
    /// How often.
    pub times: Times,
}

/// Which requests a fault is for; by default all those below `/v2/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matcher {
    /// The method.
    pub method: Option<Method>,
    /// A part of the path, the query not included. Only with one can a fault meet a request
    /// outside of `/v2/`, such as `/token` or the packages API of GHCR.
    pub path_contains: Option<String>,
}

impl Matcher {
    fn fits(&self, call: &Call) -> bool {
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
    /// To the first request that it is for.
    Once,
    /// To so many requests.
    N(u32),
    /// To every request.
    Always,
}

impl Times {
    /// What is left after it happened once.
    fn less_one(self) -> Option<Self> {
        match self {
            Self::Always => Some(Self::Always),
            Self::N(times) if times > 1 => Some(Self::N(times - 1)),
            Self::Once | Self::N(_) => None,
        }
    }
}

/// When a client may come back.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u64),
    /// At an HTTP date, sent as it stands here.
    Date(String),
}

/// Where an answer lies about its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// The body is another of the same length; of an answer without a body, the header.
    Body,
    /// `Docker-Content-Digest` is the digest of something else.
    Header,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// All tokens expire, so that the client must fetch a new one. It meets only requests with
    /// credentials; where there are no tokens that expire, the answer is a bare 401. Text: `401`.
    Unauthorized,
    /// An answer of this status with an OCI error. Text: `403`, `404`, `500` and so on.
    Status(u16),
    /// 429 with or without a time to come back. Text: `429`, `429:retry-after=2`, or an HTTP date.
    TooManyRequests {
        /// When to come back.
        retry_after: Option<RetryAfter>,
    },
    /// 403 with a time to come back and, from GitHub's API, the words of its secondary limit. Text:
    /// `403:retry-after=2`.
    SecondaryLimit {
        /// When to come back, in seconds.
        retry_after: u64,
    },
    /// The connection is closed in the middle of the body. Text: `cut`.
    CutBody,
    /// The body comes so much later than its headers. Text: `slow=2s`.
    SlowBody(Duration),
    /// A manifest or blob that is not what its digest says. Text: `wrong-digest` (the body) or
    /// `wrong-digest=header`.
    WrongDigest(Lie),
    /// 307 to this address with the path and query behind it. Text: `redirect=http://…`.
    RedirectTo(String),
    /// A listing whose next page is at this address. Text: `link=http://…`.
    LinkTo(String),
    /// The answer takes so much longer. Text: `delay=2s`.
    Delay(Duration),
    /// The connection is closed without an answer. Text: `drop`.
    Drop,
}

/// When a fault has to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the request is looked at.
    Request,
    /// Once there is an answer, and a good one.
    Answer,
}

impl FaultKind {
    /// When this happens.
    fn stage(&self) -> Stage {
        match self {
            Self::CutBody | Self::SlowBody(_) | Self::WrongDigest(_) | Self::LinkTo(_) => {
                Stage::Answer
            }
            _ => Stage::Request,
        }
    }

    /// Whether it makes sense for a request; if not, it waits for another.
    fn concerns(&self, call: &Call) -> bool {
        match self {
            Self::Unauthorized => call.headers.contains_key(axum::http::header::AUTHORIZATION),
            Self::CutBody | Self::SlowBody(_) => call.method == Method::GET,
            Self::WrongDigest(_) => {
                (call.method == Method::GET || call.method == Method::HEAD)
                    && (call.path.contains("/manifests/") || call.path.contains("/blobs/"))
            }
            Self::LinkTo(_) => {
                call.path.ends_with("/tags/list") || call.path.ends_with("/versions")
            }
            _ => true,
        }
    }
}

/// The faults that are still to happen. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Pending>>);

#[derive(Debug, Default)]
struct Pending {
    faults: Vec<Fault>,
    hold: Option<Hold>,
    actions: Vec<Action>,
}

impl Faults {
    /// Adds a fault, behind those that are there.
    pub fn add(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Holds the `nth` request from now, whatever it is for; the next one is the first. Instead of
    /// a hold that was not reached yet.
    #[must_use]
    pub fn hold(&self, nth: usize, moment: Moment) -> Held {
        let (hold, handle) = Hold::new(nth, moment);
        self.lock().hold = Some(hold);
        handle
    }

    /// Does something to the registry immediately before the `nth` request from now is carried out,
    /// whatever that request is for; the next one is the first.
    ///
    /// The action may do all that [`Access`] offers, and add faults and further actions. It must
    /// not wait for an answer of the same registry.
    pub fn between(
        &self,
        nth: usize,
        action: impl FnOnce(&RequestRecord, &Access<'_>) + Send + 'static,
    ) {
        self.lock().actions.push(Action::before(nth, action));
    }

    /// The same before every request from now on, until everything is cleared.
    pub fn before_each(&self, action: impl FnMut(&RequestRecord, &Access<'_>) + Send + 'static) {
        self.lock().actions.push(Action::always(action));
    }

    /// Counts a request; the actions that are due before it.
    pub(super) fn due(&self) -> Due {
        let actions = &mut self.lock().actions;
        let due = actions.iter_mut().filter_map(|action| action.counted().then(|| action.clone()));
        let due = due.collect();
        actions.retain(|action| !action.is_over());
        Due(due)
    }

    /// Counts a request; the hold, if it is to be held.
    pub(super) fn holding(&self) -> Option<Holding> {
        let mut pending = self.lock();
        match pending.hold.take()?.counted() {
            Ok(holding) => Some(holding),
            Err(hold) => {
                pending.hold = Some(hold);
                None
            }
        }
    }

    /// Takes all faults, the hold and the actions away.
    pub fn clear(&self) {
        *self.lock() = Pending::default();
    }

    /// What is still to happen.
    #[must_use]
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().faults.clone()
    }

    /// The fault for a request at a stage, counted as happened.
    pub(super) fn take(&self, call: &Call, stage: Stage) -> Option<FaultKind> {
        let faults = &mut self.lock().faults;
        let at = faults.iter().position(|fault| {
            fault.kind.stage() == stage && fault.when.fits(call) && fault.kind.concerns(call)
        })?;
        let kind = faults[at].kind.clone();
        match faults[at].times.less_one() {
            Some(times) => faults[at].times = times,
            None => drop(faults.remove(at)),
        }
        Some(kind)
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
