//! Makes the HTTP response of an answer, with a fault in it or without.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, HeaderName, LINK};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::call::Answer;
use super::fault::{DigestMismatch, FaultKind};
use crate::model::Digest;

/// The header with the digest of a manifest or blob.
pub(super) const DOCKER_CONTENT_DIGEST: HeaderName =
    HeaderName::from_static("docker-content-digest");

/// The answer without a fault. For HEAD there is no body, but `Content-Length` is its length.
pub(super) fn complete(answer: Answer, method: &Method) -> Response {
    let body = match answer.zeros {
        _ if *method == Method::HEAD => Body::empty(),
        Some(length) => Body::from_stream(zeros(length)),
        None => Body::from(answer.body.clone()),
    };
    response(answer, body)
}

/// The answer with a fault in it.
pub(super) fn faulty(answer: Answer, method: &Method, kind: FaultKind) -> Response {
    match kind {
        FaultKind::CutBody => {
            let half = match answer.zeros {
                Some(length) => Body::from_stream(zeros(length / 2).chain(broken_off())),
                None => cut(answer.body.slice(..answer.body.len() / 2)),
            };
            response(answer, half)
        }
        FaultKind::SlowBody(pause) => {
            let whole = answer.body.clone();
            response(answer, late(whole, pause))
        }
        FaultKind::LinkTo(address) => {
            complete(answer.with(LINK, &format!("<{address}>; rel=\"next\"")), method)
        }
        FaultKind::WrongDigest(DigestMismatch::Body) if *method != Method::HEAD => {
            let altered = altered(&answer.body);
            complete(answer.with_body(altered), method)
        }
        FaultKind::WrongDigest(_) => {
            let other = Digest::of(b"the digest of something else");
            complete(answer.with(DOCKER_CONTENT_DIGEST, &other.to_string()), method)
        }
        _ => complete(answer, method),
    }
}

fn response(answer: Answer, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    if answer.status != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(answer.length()));
    }
    response
        .headers_mut()
        .extend(answer.headers.into_iter().map(|(name, value)| (Some(name), value)));
    response
}

/// A body that breaks off after these bytes.
fn cut(bytes: Bytes) -> Body {
    Body::from_stream(stream::iter([Ok(bytes)]).chain(broken_off()))
}

/// The end of a body that breaks off.
fn broken_off() -> impl Stream<Item = io::Result<Bytes>> {
    stream::once(async {
        // The pause lets the bytes be sent before the connection closes.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "cut by a fault"))
    })
}

/// As many zero bytes, in pieces.
fn zeros(length: u64) -> impl Stream<Item = io::Result<Bytes>> {
    const PIECE: usize = 64 * 1024;
    let piece = Bytes::from(vec![0; PIECE]);
    stream::iter(std::iter::successors(Some(length), |left| {
        left.checked_sub(PIECE as u64).filter(|left| *left > 0)
    }))
    .map(move |left| {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
        Ok(piece.slice(..size))
    })
}

/// The bytes after a pause.
fn late(bytes: Bytes, pause: Duration) -> Body {
    Body::from_stream(stream::once(async move {
        tokio::time::sleep(pause).await;
        Ok::<_, io::Error>(bytes)
    }))
}

/// The bytes with one digit changed, so that JSON stays readable and the length the same.
fn altered(bytes: &Bytes) -> Bytes {
    let mut altered = bytes.to_vec();
    if let Some(digit) = altered.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'1' } else { *digit + 1 };
    } else if let Some(last) = altered.last_mut() {
        *last ^= 1;
    }
    Bytes::from(altered)
}
