//! The OCI protocol: `/v2/…` of the distribution specification.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>. Where the
//! specification leaves a choice, the answer is that of the distribution project's registry.

mod blobs;
mod listing;
mod manifests;
mod referrers;
mod route;
mod unfinished;
mod uploads;

use axum::http::{Method, StatusCode};

pub(super) use unfinished::Uploads;

use super::auth::{self, Scope};
use super::call::{Answer, Call};
use super::settings::Imitation;
use super::shared::Shared;
use crate::model::RepositoryPath;
pub(super) use route::{Endpoint, Reference, Route};

/// Answers a request to any path.
pub(super) fn answer(shared: &Shared, call: &Call) -> Answer {
    let route = match Route::parse(&call.path) {
        Ok(route) => route,
        Err(answer) => return answer,
    };
    let needed = needed(&route, call);
    if let Some(refusal) = auth::refusal(shared.auth_config(), &shared.tokens, call, &needed) {
        return refusal;
    }
    match route {
        Route::Ping => Answer::json(StatusCode::OK, &serde_json::json!({})),
        // What DOCR and GHCR answer here is not known.
        Route::Catalog if shared.settings.imitates != Imitation::Oci => Answer::no_such_page(),
        Route::Catalog => listing::catalog(shared, call),
        Route::Within(repository, endpoint) => within(shared, call, &repository, endpoint),
    }
}

fn within(shared: &Shared, call: &Call, repository: &RepositoryPath, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Tags => listing::tags(shared, call, repository),
        Endpoint::Manifest(reference) => manifests::answer(shared, call, repository, &reference),
        Endpoint::Blob(digest) => blobs::answer(shared, call, repository, &digest),
        Endpoint::Uploads => uploads::start(shared, call, repository),
        Endpoint::Upload(id) => uploads::resume(shared, call, (repository, &id)),
        Endpoint::Referrers(digest) => referrers::answer(shared, call, repository, &digest),
    }
}

/// The scopes that a request needs.
fn needed(route: &Route, call: &Call) -> Vec<Scope> {
    let (repository, endpoint) = match route {
        Route::Ping => return Vec::new(),
        Route::Catalog => return vec![Scope::catalog()],
        Route::Within(repository, endpoint) => (repository, endpoint),
    };
    let actions: &[&str] = match call.method {
        Method::GET | Method::HEAD => &["pull"],
        Method::DELETE if !matches!(endpoint, Endpoint::Upload(_)) => &["delete"],
        _ => &["pull", "push"],
    };
    let mut scopes = vec![Scope::repository(repository, actions)];
    // A mount reads from another repository.
    if let (Endpoint::Uploads, Some(_), Some(from)) =
        (endpoint, call.param("mount"), call.param("from"))
        && let Ok(from) = RepositoryPath::parse(from)
        && from != *repository
    {
        scopes.push(Scope::repository(&from, &["pull"]));
    }
    scopes
}
