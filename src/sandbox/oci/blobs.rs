//! Pulling and deleting blobs.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs>. A
//! blob is always sent whole; range requests are optional and not supported.

use axum::body::Bytes;
use axum::http::{Method, StatusCode, header};

use super::super::call::{Answer, Call};
use super::super::response::DOCKER_CONTENT_DIGEST;
use super::super::shared::Shared;
use super::super::store::StoredBlob;
use crate::model::{Digest, RepositoryPath};

pub(super) fn answer(
    shared: &Shared,
    call: &Call,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Answer {
    match call.method {
        Method::GET | Method::HEAD => match shared.store.stored_blob(repository, digest) {
            Some(blob) => whole(digest, blob),
            None => unknown(),
        },
        Method::DELETE if !shared.settings.delete => Answer::unsupported(),
        Method::DELETE if shared.store.remove_blob(repository, digest) => {
            Answer::new(StatusCode::ACCEPTED).with(DOCKER_CONTENT_DIGEST, &digest.to_string())
        }
        Method::DELETE => unknown(),
        _ => Answer::unsupported(),
    }
}

fn whole(digest: &Digest, blob: StoredBlob) -> Answer {
    let answer = Answer::new(StatusCode::OK)
        .with(header::CONTENT_TYPE, "application/octet-stream")
        .with(DOCKER_CONTENT_DIGEST, &digest.to_string());
    match blob {
        StoredBlob::Bytes(bytes) => answer.with_body(Bytes::from_owner(bytes)),
        StoredBlob::Zeros(length) => Answer { zeros: Some(length), ..answer },
    }
}

fn unknown() -> Answer {
    Answer::error(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", "blob unknown to registry")
}
