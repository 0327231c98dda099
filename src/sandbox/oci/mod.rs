//! The face of an OCI registry: `/v2/…` as the distribution specification has it.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>. Where the
//! specification leaves a choice, the answer is that of the distribution project's registry.

mod blobs;
mod listing;
mod manifests;
mod referrers;
mod route;
mod uploads;

use axum::http::{Method, StatusCode};

pub(super) use uploads::Uploads;

use super::auth::{self, Scope};
use super::call::{Answer, Call};
use super::settings::Face;
use super::shared::Shared;
use crate::model::RepositoryPath;
pub(super) use route::{Place, Reference, Route};

/// Answers a request to any path.
pub(super) fn answer(shared: &Shared, call: &Call) -> Answer {
    let route = match Route::parse(&call.path) {
        Ok(route) => route,
        Err(answer) => return answer,
    };
    let needed = needed(&route, call);
    if let Some(refusal) = auth::refusal(shared.gate(), &shared.tokens, call, &needed) {
        return refusal;
    }
    match route {
        Route::Ping => Answer::json(StatusCode::OK, &serde_json::json!({})),
        // What the others answer here is not known.
        Route::Catalog if shared.settings.face != Face::Oci => Answer::no_such_page(),
        Route::Catalog => listing::catalog(shared, call),
        Route::Within(repository, place) => within(shared, call, &repository, place),
    }
}

fn within(shared: &Shared, call: &Call, repository: &RepositoryPath, place: Place) -> Answer {
    match place {
        Place::Tags => listing::tags(shared, call, repository),
        Place::Manifest(reference) => manifests::answer(shared, call, repository, &reference),
        Place::Blob(digest) => blobs::answer(shared, call, repository, &digest),
        Place::Uploads => shared.uploads.start(&shared.store, call, repository),
        Place::Upload(id) => shared.uploads.resume(&shared.store, call, (repository, &id)),
        Place::Referrers(digest) => referrers::answer(shared, call, repository, &digest),
    }
}

/// The scopes that a request needs.
fn needed(route: &Route, call: &Call) -> Vec<Scope> {
    let (repository, place) = match route {
        Route::Ping => return Vec::new(),
        Route::Catalog => return vec![Scope::catalog()],
        Route::Within(repository, place) => (repository, place),
    };
    let actions: &[&str] = match call.method {
        Method::GET | Method::HEAD => &["pull"],
        Method::DELETE if !matches!(place, Place::Upload(_)) => &["delete"],
        _ => &["pull", "push"],
    };
    let mut scopes = vec![Scope::repository(repository, actions)];
    // A mount reads from another repository.
    if let (Place::Uploads, Some(_), Some(from)) = (place, call.param("mount"), call.param("from"))
        && let Ok(from) = RepositoryPath::parse(from)
        && from != *repository
    {
        scopes.push(Scope::repository(&from, &["pull"]));
    }
    scopes
}
