//! Pushing blobs: at once, in chunks, or mounted from another repository.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs>. An
//! unfinished upload is kept as long as the registry runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode, header};

use super::super::call::{Answer, Call};
use super::super::response::DOCKER_CONTENT_DIGEST;
use super::super::store::Store;
use super::route;
use crate::model::{ByteCheck, Digest, RepositoryPath};

const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// The unfinished uploads, by repository and id.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    begun: Mutex<BTreeMap<(RepositoryPath, String), Vec<u8>>>,
    counter: AtomicU64,
}

impl Uploads {
    /// `POST blobs/uploads/`: a mount, a whole blob, or the beginning of an upload.
    pub(super) fn start(&self, store: &Store, call: &Call, repository: &RepositoryPath) -> Answer {
        if call.method != Method::POST {
            return Answer::unsupported();
        }
        if let Some(digest) = mounted(store, call, repository) {
            return created(repository, &digest);
        }
        if let Some(digest) = call.param("digest") {
            return finish(store, repository, digest, &call.body);
        }
        let id = self.begin(repository);
        progress(StatusCode::ACCEPTED, repository, &id, 0)
    }

    /// Requests to an upload that was started.
    pub(super) fn resume(
        &self,
        store: &Store,
        call: &Call,
        (repository, id): (&RepositoryPath, &str),
    ) -> Answer {
        let key = (repository.clone(), id.to_owned());
        let mut uploads = self.lock();
        let Some(received) = uploads.get_mut(&key) else {
            let message = "blob upload unknown to registry";
            return Answer::error(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", message);
        };
        match call.method {
            Method::GET => progress(StatusCode::NO_CONTENT, repository, id, received.len()),
            Method::PATCH if !continues(call, received.len()) => Answer::error(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "RANGE_INVALID",
                "the chunk does not begin where the last one ended",
            ),
            Method::PATCH => {
                received.extend_from_slice(&call.body);
                progress(StatusCode::ACCEPTED, repository, id, received.len())
            }
            Method::PUT => {
                let mut whole = std::mem::take(received);
                uploads.remove(&key);
                whole.extend_from_slice(&call.body);
                finish(store, repository, call.param("digest").unwrap_or_default(), &whole)
            }
            Method::DELETE => {
                uploads.remove(&key);
                Answer::new(StatusCode::NO_CONTENT)
            }
            _ => Answer::unsupported(),
        }
    }

    fn begin(&self, repository: &RepositoryPath) -> String {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{count:012x}");
        self.lock().insert((repository.clone(), id.clone()), Vec::new());
        id
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(RepositoryPath, String), Vec<u8>>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Mounts a blob from another repository; none if not requested, or there is no such blob.
fn mounted(store: &Store, call: &Call, repository: &RepositoryPath) -> Option<Digest> {
    let digest = Digest::parse(call.param("mount")?).ok()?;
    let from = RepositoryPath::parse(call.param("from")?).ok()?;
    let bytes = store.blob(&from, &digest)?;
    store.put_blob(repository, digest.clone(), bytes);
    Some(digest)
}

/// Whether a chunk begins where the last one ended; without `Content-Range` it is assumed to.
fn continues(call: &Call, received: usize) -> bool {
    call.header(&header::CONTENT_RANGE).is_none_or(|range| {
        let range = range.strip_prefix("bytes ").unwrap_or(range);
        range.split_once('-').and_then(|(from, _)| from.parse().ok()) == Some(received)
    })
}

fn finish(store: &Store, repository: &RepositoryPath, digest: &str, bytes: &[u8]) -> Answer {
    let digest = match route::digest(digest) {
        Ok(digest) => digest,
        Err(refusal) => return refusal,
    };
    if digest.check(bytes) != ByteCheck::Match {
        return Answer::error(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        );
    }
    store.put_blob(repository, digest.clone(), Arc::from(bytes));
    created(repository, &digest)
}

fn created(repository: &RepositoryPath, digest: &Digest) -> Answer {
    Answer::new(StatusCode::CREATED)
        .with(header::LOCATION, &format!("/v2/{repository}/blobs/{digest}"))
        .with(DOCKER_CONTENT_DIGEST, digest.as_str())
}

fn progress(status: StatusCode, repository: &RepositoryPath, id: &str, received: usize) -> Answer {
    Answer::new(status)
        .with(header::LOCATION, &format!("/v2/{repository}/blobs/uploads/{id}"))
        .with(header::RANGE, &format!("0-{}", received.saturating_sub(1)))
        .with(DOCKER_UPLOAD_UUID, id)
}
