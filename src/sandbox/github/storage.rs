//! The storage of logs, on another host than the API.

use axum::body::Bytes;
use axum::http::{Method, StatusCode, header};

use super::super::call::{Answer, Call};
use super::pipeline::Pipeline;
use super::run::Log;

/// Answers a request for `/logs/{job}`. A request with credentials is refused, as by Azure's storage:
/// <https://github.com/actions/upload-artifact/issues/543>
pub(in super::super) fn answer(pipeline: &Pipeline, call: &Call) -> Answer {
    if call.headers.contains_key(header::AUTHORIZATION) || call.headers.contains_key(header::COOKIE)
    {
        return refused(StatusCode::BAD_REQUEST, "InvalidAuthenticationInfo");
    }
    let job = call.path.strip_prefix("/logs/").and_then(|id| id.parse().ok());
    let state = pipeline.lock();
    let log = job.and_then(|id| state.job(id)).map(|job| &job.log);
    let log = log.filter(|_| call.method == Method::GET && call.param("sig").is_some());
    let found = Answer::new(StatusCode::OK).with(header::CONTENT_TYPE, "text/plain");
    match log {
        Some(Log::Text(text)) => found.with_body(Bytes::from(text.clone())),
        Some(Log::Zeros(bytes)) => Answer { zeros: Some(*bytes), ..found },
        Some(Log::Expired) | None => refused(StatusCode::NOT_FOUND, "BlobNotFound"),
    }
}

fn refused(status: StatusCode, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    let answer = Answer::new(status).with(header::CONTENT_TYPE, "application/xml");
    answer.with_body(Bytes::from(body))
}
