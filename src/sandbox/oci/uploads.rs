//! Pushing blobs: at once, in chunks, or mounted from another repository.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs>. An
//! unfinished upload is kept as long as the registry runs.

use std::sync::Arc;

use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode, header};

use super::super::call::{Answer, Call};
use super::super::quirk::{Quirk, Quirks};
use super::super::response::DOCKER_CONTENT_DIGEST;
use super::super::settings::Imitation;
use super::super::shared::Shared;
use super::super::store::{Store, StoredBlob};
use super::route;
use crate::model::{Digest, RepositoryPath};

const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// The most that GHCR takes in a chunk.
const GHCR_CHUNK: usize = 4 << 20;

/// `POST blobs/uploads/`: a mount, a whole blob, or the beginning of an upload.
pub(super) fn start(shared: &Shared, call: &Call, repository: &RepositoryPath) -> Answer {
    if call.method != Method::POST {
        return Answer::unsupported();
    }
    let mounts = call.param("mount").is_some() && call.param("from").is_some();
    if mounts && shared.quirks.has(&Quirk::MountRefused) {
        let message = "the source repository is not known";
        return Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
    }
    if !shared.quirks.has(&Quirk::MountsNothing)
        && let Some(digest) = mounted(&shared.store, call, repository)
    {
        return created(repository, &digest);
    }
    if let Some(digest) = call.param("digest") {
        return finish(&shared.store, repository, digest, received(call, &[]));
    }
    let id = shared.uploads.begin(repository);
    let progress = progress(StatusCode::ACCEPTED, repository, &id, 0);
    located(progress, &shared.quirks, call)
}

/// Requests to an upload that was started.
pub(super) fn resume(
    shared: &Shared,
    call: &Call,
    (repository, id): (&RepositoryPath, &str),
) -> Answer {
    let key = (repository.clone(), id.to_owned());
    let mut uploads = shared.uploads.lock();
    let Some(begun) = uploads.get_mut(&key) else {
        let message = "blob upload unknown to registry";
        return Answer::error(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", message);
    };
    if let Some(refusal) = too_large(shared, call) {
        return refusal;
    }
    match call.method {
        Method::GET => progress(StatusCode::NO_CONTENT, repository, id, begun.len()),
        Method::PATCH if !continues(call, begun.len()) => Answer::error(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "RANGE_INVALID",
            "the chunk does not begin where the last one ended",
        ),
        Method::PATCH => {
            begun.extend_from_slice(&call.body);
            let answer = progress(StatusCode::ACCEPTED, repository, id, begun.len());
            located(answer, &shared.quirks, call)
        }
        Method::PUT => {
            let blob = received(call, begun);
            uploads.remove(&key);
            let digest = call.param("digest").unwrap_or_default();
            finish(&shared.store, repository, digest, blob)
        }
        Method::DELETE => {
            uploads.remove(&key);
            Answer::new(StatusCode::NO_CONTENT)
        }
        _ => Answer::unsupported(),
    }
}

/// The refusal of a request with more bytes than the registry takes.
fn too_large(shared: &Shared, call: &Call) -> Option<Answer> {
    let length = call.zeros.unwrap_or(call.body.len() as u64);
    let of_quirk = |quirk: &Quirk| match quirk {
        Quirk::MaxChunk(most) => Some(*most),
        _ => None,
    };
    let of_kind = matches!(shared.settings.imitates, Imitation::Ghcr(_)).then_some(GHCR_CHUNK);
    let is_chunk = call.method == Method::PATCH && call.header(&header::CONTENT_RANGE).is_some();
    let most = shared.quirks.find(of_quirk).or(of_kind).filter(|_| is_chunk);
    if let Some(most) = most.filter(|most| length > *most as u64) {
        let message = format!("chunk exceeds the maximum permissible limit of {most} bytes");
        return Some(Answer::error(StatusCode::RANGE_NOT_SATISFIABLE, "SIZE_INVALID", &message));
    }
    let most = shared.quirks.find(|quirk| match quirk {
        Quirk::MaxRequest(most) => Some(*most),
        _ => None,
    });
    most.filter(|most| length > *most).map(|_| Answer::new(StatusCode::PAYLOAD_TOO_LARGE))
}

/// The answer with the address in the form that a quirk demands.
fn located(answer: Answer, quirks: &Quirks, call: &Call) -> Answer {
    let elsewhere = |quirk: &Quirk| match quirk {
        Quirk::LocationElsewhere(base) => Some(base.clone()),
        Quirk::AbsoluteLocation => Some(format!("http://{}", call.host)),
        _ => None,
    };
    let Some(base) = quirks.find(elsewhere) else { return answer };
    let path = answer.headers.iter().find(|(name, _)| *name == header::LOCATION);
    let path = path.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default().to_owned();
    answer.with(header::LOCATION, &format!("{base}{path}"))
}

/// Mounts a blob from another repository; none if not requested, or there is no such blob.
fn mounted(store: &Store, call: &Call, repository: &RepositoryPath) -> Option<Digest> {
    let digest = Digest::parse(call.param("mount")?).ok()?;
    let from = RepositoryPath::parse(call.param("from")?).ok()?;
    let blob = store.stored_blob(&from, &digest)?;
    store.store_blob(repository, digest.clone(), blob);
    Some(digest)
}

/// Whether a chunk begins where the last one ended; without `Content-Range` it is assumed to.
fn continues(call: &Call, received: usize) -> bool {
    call.header(&header::CONTENT_RANGE).is_none_or(|range| {
        let range = range.strip_prefix("bytes ").unwrap_or(range);
        range.split_once('-').and_then(|(from, _)| from.parse().ok()) == Some(received)
    })
}

/// What was sent before, and the body of this request.
fn received(call: &Call, before: &[u8]) -> StoredBlob {
    match call.zeros {
        Some(length) => StoredBlob::Zeros(length),
        None => StoredBlob::Bytes(Arc::from([before, call.body.as_ref()].concat())),
    }
}

fn finish(store: &Store, repository: &RepositoryPath, digest: &str, blob: StoredBlob) -> Answer {
    let digest = match route::digest(digest) {
        Ok(digest) => digest,
        Err(refusal) => return refusal,
    };
    if !blob.is_of(&digest) {
        return Answer::error(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        );
    }
    store.store_blob(repository, digest.clone(), blob);
    created(repository, &digest)
}

fn created(repository: &RepositoryPath, digest: &Digest) -> Answer {
    Answer::new(StatusCode::CREATED)
        .with(header::LOCATION, &format!("/v2/{repository}/blobs/{digest}"))
        .with(DOCKER_CONTENT_DIGEST, &digest.to_string())
}

fn progress(status: StatusCode, repository: &RepositoryPath, id: &str, received: usize) -> Answer {
    Answer::new(status)
        .with(header::LOCATION, &format!("/v2/{repository}/blobs/uploads/{id}"))
        .with(header::RANGE, &format!("0-{}", received.saturating_sub(1)))
        .with(DOCKER_UPLOAD_UUID, id)
}
