//! The way of a request through an embedded registry: log, delay, faults, the face, the answer.
//!
//! What the answer is, the faces decide; here it is only sent, or spoilt where a fault says so.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;

use super::auth::{self, Auth};
use super::call::{Answer, Call};
use super::connection::Line;
use super::fault::{FaultKind, Holding, Moment, RetryAfter, Stage};
use super::lie::{self, Change};
use super::log::Entry;
use super::settings::Face;
use super::shared::Shared;
use super::{docr, ghcr, oci, spoil};

/// No body that a client sends may be larger.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// Runs the actions that are due before a request; returns how they change its answer.
fn act_before(shared: &Shared, entry: Entry) -> Vec<Change> {
    let due = shared.faults.due();
    match shared.log.record(entry).filter(|_| !due.is_empty()) {
        Some(request) => {
            let access = shared.access();
            due.run(&request, &access);
            access.into_changes()
        }
        None => Vec::new(),
    }
}

/// What a fault makes of a request before the registry has looked at it.
enum Verdict {
    GoOn,
    Answer(Answer),
    HangUp,
}

pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let _passing = shared.traffic.enter();
    let (parts, body) = request.into_parts();
    let entry = shared.log.begin(&parts);
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        shared.log.finish(entry, StatusCode::PAYLOAD_TOO_LARGE);
        return spoil::plain(Answer::new(StatusCode::PAYLOAD_TOO_LARGE), &Method::GET);
    };
    let call = Call::new(parts, body);
    if let Some(delay) = shared.settings.response_delay {
        tokio::time::sleep(delay).await;
    }
    let changes = act_before(&shared, entry);
    let holding = shared.faults.holding();
    let holding = match holding {
        Some(holding) if holding.moment == Moment::Before => {
            return hung_up(&line, Some(holding)).await;
        }
        other => other,
    };
    let answer = match verdict(&shared, &call).await {
        Verdict::GoOn => face(&shared, &call),
        Verdict::Answer(answer) => answer,
        Verdict::HangUp => return hung_up(&line, None).await,
    };
    let answer = lie::changed(shared.clock.dated(answer), changes).await;
    shared.log.finish(entry, answer.status);
    if holding.is_some() {
        return hung_up(&line, holding).await;
    }
    let fault = answer.status.is_success().then(|| shared.faults.take(&call, Stage::Answer));
    match fault.flatten() {
        Some(kind) => spoil::spoilt(answer, &call.method, kind),
        None => spoil::plain(answer, &call.method),
    }
}

/// The end of a request without an answer, after it was held where it is to be.
async fn hung_up(line: &Line, holding: Option<Holding>) -> Response {
    if let Some(holding) = holding {
        holding.held().await;
    }
    line.sever();
    Response::new(Body::empty())
}

/// The part of the registry that a path belongs to.
fn face(shared: &Shared, call: &Call) -> Answer {
    match (&shared.settings.face, call.path.as_str()) {
        (Face::Docr(docr), _) => docr::answer(shared, docr, call),
        (Face::Ghcr(ghcr), _) => ghcr::answer(shared, ghcr, call),
        (Face::Oci, "/token") => auth::endpoint::answer(shared.gate(), &shared.tokens, call),
        (Face::Oci, _) => oci::answer(shared, call),
    }
}

async fn verdict(shared: &Shared, call: &Call) -> Verdict {
    let Some(kind) = shared.faults.take(call, Stage::Request) else { return Verdict::GoOn };
    match kind {
        FaultKind::Unauthorized => unauthorized(shared, call),
        FaultKind::Status(status) => Verdict::Answer(failure(shared, call, status)),
        FaultKind::TooManyRequests { retry_after } => {
            let answer = failure(shared, call, StatusCode::TOO_MANY_REQUESTS.as_u16());
            Verdict::Answer(match retry_after {
                None => answer,
                Some(RetryAfter::Seconds(seconds)) => {
                    answer.with(header::RETRY_AFTER, &seconds.to_string())
                }
                Some(RetryAfter::Date(date)) => answer.with(header::RETRY_AFTER, &date),
            })
        }
        FaultKind::SecondaryLimit { retry_after } => {
            let answer = match &shared.settings.face {
                Face::Ghcr(ghcr) => ghcr::secondary_limit(shared, ghcr, call),
                _ => None,
            };
            let answer = answer.unwrap_or_else(|| failure(shared, call, 403));
            Verdict::Answer(answer.with(header::RETRY_AFTER, &retry_after.to_string()))
        }
        FaultKind::RedirectTo(prefix) => {
            let location = format!("{}{}", prefix.trim_end_matches('/'), call.target);
            let answer = Answer::new(StatusCode::TEMPORARY_REDIRECT);
            Verdict::Answer(answer.with(header::LOCATION, &location))
        }
        FaultKind::Delay(delay) => {
            tokio::time::sleep(delay).await;
            Verdict::GoOn
        }
        FaultKind::Drop => Verdict::HangUp,
        FaultKind::CutBody
        | FaultKind::SlowBody(_)
        | FaultKind::WrongDigest(_)
        | FaultKind::LinkTo(_) => Verdict::GoOn,
    }
}

/// The end of all tokens, or a refusal where no token has an end.
fn unauthorized(shared: &Shared, call: &Call) -> Verdict {
    match (failure_of_face(shared, call, StatusCode::UNAUTHORIZED), &shared.settings.auth) {
        (Some(answer), _) => Verdict::Answer(answer),
        (None, Auth::Token { .. }) => {
            shared.tokens.expire_all();
            Verdict::GoOn
        }
        (None, Auth::None | Auth::Basic { .. }) => Verdict::Answer(auth::bare_refusal()),
    }
}

/// An error that the registry did not have a reason for.
fn failure(shared: &Shared, call: &Call, status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(answer) = failure_of_face(shared, call, status) {
        return answer;
    }
    let (code, message) = match status.as_u16() {
        401 => ("UNAUTHORIZED", "authentication required"),
        403 => ("DENIED", "requested access to the resource is denied"),
        404 => ("NAME_UNKNOWN", "repository name not known to registry"),
        405 => ("UNSUPPORTED", "the operation is unsupported"),
        429 => ("TOOMANYREQUESTS", "too many requests"),
        503 => ("UNAVAILABLE", "service unavailable"),
        _ => ("UNKNOWN", "unknown error"),
    };
    Answer::error(status, code, message)
}

/// The same in the words of the face, where it has words of its own.
fn failure_of_face(shared: &Shared, call: &Call, status: StatusCode) -> Option<Answer> {
    match &shared.settings.face {
        Face::Oci => None,
        Face::Docr(docr) => docr::failure(shared, docr, call, status),
        Face::Ghcr(ghcr) => ghcr::failure(shared, ghcr, call, status),
    }
}
