//! GitHub's container registry: the OCI protocol and the packages API.
//!
//! One address serves what the real one has at `ghcr.io` and at `api.github.com`. It follows
//! <https://docs.github.com/en/rest/packages/packages>; whole packages are neither deleted nor
//! restored here.

mod api;
mod listing;
mod request;
mod settings;
mod versions;
mod wire;

use axum::http::{Method, StatusCode, header};

pub use settings::{
    GhcrSettings, MissingReferrers, MissingRight, OwnerKind, PackageScope, TokenKind,
};

pub(super) use versions::Versions;

use super::auth::endpoint;
use super::call::{Answer, Call};
use super::oci::{self, Endpoint, Reference, Route};
use super::page::encoded;
use super::response::DOCKER_CONTENT_DIGEST;
use super::shared::Shared;
use crate::model::{Digest, RepositoryPath};
use wire::Problem;

/// Answers a request to any path.
pub(super) fn answer(shared: &Shared, ghcr: &GhcrSettings, call: &Call) -> Answer {
    if call.path == "/token" {
        // Only GET was seen to be answered; POST is left to the plain endpoint.
        let allows = |action: &str| ghcr.allows(action);
        return endpoint::answer_with_permissions(
            shared.auth_config(),
            &shared.tokens,
            call,
            allows,
        );
    }
    if is_content(&call.path) {
        content(shared, ghcr, call)
    } else {
        api::answer(shared, ghcr, call)
    }
}

/// An error of this status as this registry or its API words it.
pub(super) fn failure(
    shared: &Shared,
    ghcr: &GhcrSettings,
    call: &Call,
    status: StatusCode,
) -> Option<Answer> {
    if is_content(&call.path) || call.path == "/token" {
        // <https://github.com/dependabot/cli/issues/380>
        let limited = status == StatusCode::TOO_MANY_REQUESTS;
        let message = "retry-after: 880.092µs, allowed: 44000/minute";
        return limited.then(|| Answer::error(status, "TOOMANYREQUESTS", message));
    }
    let rate_limit = shared.rate_limiter.count(ghcr.hourly_limit, 0, shared.clock);
    Some(wire::with_api_headers(Problem::of(status).answer(), ghcr, rate_limit))
}

/// The API's answer to too many requests at a time; none for paths of the registry.
pub(super) fn secondary_limit(shared: &Shared, ghcr: &GhcrSettings, call: &Call) -> Option<Answer> {
    let of_api = !is_content(&call.path) && call.path != "/token";
    of_api.then(|| {
        let rate_limit = shared.rate_limiter.count(ghcr.hourly_limit, 0, shared.clock);
        wire::with_api_headers(Problem::secondary_limit().answer(), ghcr, rate_limit)
    })
}

fn is_content(path: &str) -> bool {
    path == "/v2" || path.starts_with("/v2/")
}

/// The OCI protocol, without what GitHub's registry lacks.
fn content(shared: &Shared, ghcr: &GhcrSettings, call: &Call) -> Answer {
    let answer = oci::answer(shared, call);
    let Ok(Route::Within(repository, place)) = Route::parse(&call.path) else { return answer };
    match (&call.method, answer.status, place) {
        // <https://github.com/containers/skopeo/issues/1880>
        (&Method::DELETE, StatusCode::METHOD_NOT_ALLOWED, _) => {
            Answer::error(answer.status, "UNSUPPORTED", "The operation is unsupported.")
        }
        (_, StatusCode::NOT_FOUND, Endpoint::Referrers(digest)) => {
            referrers(ghcr, call, &repository, &digest)
        }
        (&Method::GET, StatusCode::OK, Endpoint::Manifest(reference)) => {
            count(shared, &repository, &reference, &answer);
            answer
        }
        _ => answer,
    }
}

/// The answer to requests for referrers, which GitHub does not support.
fn referrers(
    ghcr: &GhcrSettings,
    call: &Call,
    repository: &RepositoryPath,
    digest: &Digest,
) -> Answer {
    match &ghcr.referrers {
        MissingReferrers::NotFound => {
            Answer::error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown")
        }
        MissingReferrers::Redirect(address) => {
            let address = address.trim_end_matches('/');
            let here = format!("http://{}", call.host);
            let address = if address.is_empty() { &here } else { address };
            let name = encoded(repository.as_str());
            // The digest is cut off at its colon, as it was seen.
            let algorithm = digest.algorithm();
            let place = format!("-/v2/packages/container/package/{name}%2Freferrers%2F{algorithm}");
            Answer::new(StatusCode::SEE_OTHER).with(header::LOCATION, &format!("{address}/{place}"))
        }
    }
}

/// Counts a download. Whether HEAD counts is not known; here it does not.
fn count(shared: &Shared, repository: &RepositoryPath, reference: &Reference, answer: &Answer) {
    let header = answer.headers.iter().find(|(name, _)| *name == DOCKER_CONTENT_DIGEST);
    let in_header = header.and_then(|(_, value)| Digest::parse(value.to_str().ok()?).ok());
    let digest = match reference {
        Reference::Digest(digest) => Some(digest.clone()),
        Reference::Tag(_) => in_header,
    };
    if let Some(digest) = digest {
        shared.versions.downloaded(repository, &digest);
    }
}
