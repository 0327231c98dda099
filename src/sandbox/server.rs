//! Handles a request to an embedded registry: log, delay, actions, faults, protocol, answer.
//!
//! The protocols (`oci`, `docr`, `ghcr`) make the answers; faults change or suppress them here.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;

use super::auth::{self, Auth};
use super::call::{Answer, Call};
use super::connection::ConnectionHandle;
use super::fault::{FaultKind, HoldPoint, RequestHold, RetryAfter, Stage};
use super::log::Entry;
use super::reply::{self, ReplyChange};
use super::settings::Imitation;
use super::shared::Shared;
use super::{body, docr, ghcr, github, oci, response};

/// Runs the actions that are due before a request; returns how they change its answer.
fn act_before(shared: &Shared, entry: Entry) -> Vec<ReplyChange> {
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

/// What a fault does to a request before the registry handles it.
enum FaultEffect {
    Continue,
    Answer(Answer),
    Disconnect,
}

pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
) -> Response {
    let _active = shared.concurrency.begin();
    let (parts, body) = request.into_parts();
    let entry = shared.log.begin(&parts);
    let Some(body) = body::receive(body).await else {
        shared.log.finish(entry, StatusCode::PAYLOAD_TOO_LARGE);
        return response::complete(Answer::new(StatusCode::PAYLOAD_TOO_LARGE), &Method::GET);
    };
    let call = Call::new(parts, body);
    if let Some(delay) = shared.settings.response_delay {
        tokio::time::sleep(delay).await;
    }
    let changes = act_before(&shared, entry);
    let hold = shared.faults.take_hold();
    let hold = match hold {
        Some(hold) if hold.moment == HoldPoint::Before => {
            return disconnect(&connection, Some(hold)).await;
        }
        other => other,
    };
    let answer = match fault_effect(&shared, &call).await {
        FaultEffect::Continue => answer(&shared, &call),
        FaultEffect::Answer(answer) => answer,
        FaultEffect::Disconnect => return disconnect(&connection, None).await,
    };
    let answer = reply::apply_changes(shared.clock.with_date_header(answer), changes).await;
    shared.log.finish(entry, answer.status);
    if hold.is_some() {
        return disconnect(&connection, hold).await;
    }
    let fault = answer.status.is_success().then(|| shared.faults.take(&call, Stage::Answer));
    match fault.flatten() {
        Some(kind) => response::faulty(answer, &call.method, kind),
        None => response::complete(answer, &call.method),
    }
}

/// Ends a request by closing its connection, after the hold if there is one.
async fn disconnect(connection: &ConnectionHandle, hold: Option<RequestHold>) -> Response {
    if let Some(hold) = hold {
        hold.wait_for_release().await;
    }
    connection.close();
    Response::new(Body::empty())
}

/// The answer of the registry that is imitated.
fn answer(shared: &Shared, call: &Call) -> Answer {
    match (&shared.settings.imitates, call.path.as_str()) {
        (Imitation::Docr(docr), _) => docr::answer(shared, docr, call),
        (Imitation::Ghcr(ghcr), _) => ghcr::answer(shared, ghcr, call),
        (Imitation::GitHub(github), _) => github::answer(shared, github, call),
        (Imitation::GitHubLogs(pipeline), _) => github::log_answer(pipeline, call),
        (Imitation::Oci, "/token") => {
            auth::endpoint::answer(shared.auth_config(), &shared.tokens, call)
        }
        (Imitation::Oci, _) => oci::answer(shared, call),
    }
}

async fn fault_effect(shared: &Shared, call: &Call) -> FaultEffect {
    let Some(kind) = shared.faults.take(call, Stage::Request) else { return FaultEffect::Continue };
    match kind {
        FaultKind::Unauthorized => unauthorized(shared, call),
        FaultKind::Status(status) => FaultEffect::Answer(failure(shared, call, status)),
        FaultKind::TooManyRequests { retry_after } => {
            let answer = failure(shared, call, StatusCode::TOO_MANY_REQUESTS.as_u16());
            FaultEffect::Answer(match retry_after {
                None => answer,
                Some(RetryAfter::Seconds(seconds)) => {
                    answer.with(header::RETRY_AFTER, &seconds.to_string())
                }
                Some(RetryAfter::Date(date)) => answer.with(header::RETRY_AFTER, &date),
            })
        }
        FaultKind::SecondaryLimit { retry_after } => {
            let answer = match &shared.settings.imitates {
                Imitation::Ghcr(ghcr) => ghcr::secondary_limit(shared, ghcr, call),
                Imitation::GitHub(github) => Some(github::secondary_limit(shared, github)),
                _ => None,
            };
            let answer = answer.unwrap_or_else(|| failure(shared, call, 403));
            FaultEffect::Answer(answer.with(header::RETRY_AFTER, &retry_after.to_string()))
        }
        FaultKind::RedirectTo(prefix) => {
            let location = format!("{}{}", prefix.trim_end_matches('/'), call.target);
            let answer = Answer::new(StatusCode::TEMPORARY_REDIRECT);
            FaultEffect::Answer(answer.with(header::LOCATION, &location))
        }
        FaultKind::Delay(delay) => {
            tokio::time::sleep(delay).await;
            FaultEffect::Continue
        }
        FaultKind::Drop => FaultEffect::Disconnect,
        FaultKind::CutBody
        | FaultKind::SlowBody(_)
        | FaultKind::WrongDigest(_)
        | FaultKind::LinkTo(_) => FaultEffect::Continue,
    }
}

/// Expires all tokens, or answers 401 where tokens do not expire.
fn unauthorized(shared: &Shared, call: &Call) -> FaultEffect {
    match (own_failure(shared, call, StatusCode::UNAUTHORIZED), &shared.settings.auth) {
        (Some(answer), _) => FaultEffect::Answer(answer),
        (None, Auth::Token { .. }) => {
            shared.tokens.expire_all();
            FaultEffect::Continue
        }
        (None, Auth::None | Auth::Basic { .. }) => FaultEffect::Answer(auth::bare_refusal()),
    }
}

/// An error answer caused by a fault.
fn failure(shared: &Shared, call: &Call, status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(answer) = own_failure(shared, call, status) {
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

/// The error as DOCR, GHCR or GitHub words it; none where the generic one applies.
fn own_failure(shared: &Shared, call: &Call, status: StatusCode) -> Option<Answer> {
    match &shared.settings.imitates {
        Imitation::Oci | Imitation::GitHubLogs(_) => None,
        Imitation::GitHub(github) => Some(github::failure(shared, github, status)),
        Imitation::Docr(docr) => docr::failure(shared, docr, call, status),
        Imitation::Ghcr(ghcr) => ghcr::failure(shared, ghcr, call, status),
    }
}
