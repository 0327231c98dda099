//! DigitalOcean's container registry: the OCI protocol and the control API.
//!
//! One address serves what the real one has at `registry.digitalocean.com` and at
//! `api.digitalocean.com`. Both use `/v2/`; paths of the control API take precedence. It follows
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries>; billing,
//! credentials and the creation of registries are left out.

mod collection;
mod control;
mod listing;
mod request;
mod settings;
mod state;
mod sweep;
mod wire;

use axum::http::{Method, StatusCode};

pub use settings::{Assumptions, CollectionSettings, DocrScope, DocrSettings, StateDuration};

pub(super) use state::Collections;

use super::auth::{Scope, endpoint};
use super::call::{Answer, Call};
use super::oci;
use super::shared::Shared;
use settings::is_in_registry;
use wire::Problem;

/// The token endpoint, below the control API.
const AUTH: &str = "/v2/registry/auth";

/// Answers a request to any path.
pub(super) fn answer(shared: &Shared, docr: &DocrSettings, call: &Call) -> Answer {
    shared.collections.advance(&shared.store, docr);
    if call.path == AUTH {
        token(shared, docr, call).unwrap_or_else(|problem| problem.answer(call))
    } else if is_control(&call.path) {
        control::answer(shared, docr, call)
    } else {
        content(shared, docr, call)
    }
}

/// An error of this status in the shape of the control API; none for paths of the registry.
pub(super) fn failure(
    shared: &Shared,
    docr: &DocrSettings,
    call: &Call,
    status: StatusCode,
) -> Option<Answer> {
    is_control(&call.path).then(|| {
        let answer = Problem::of(status).answer(call);
        wire::with_rate_limit(answer, shared.rate_limiter.count(docr.hourly_limit, 0, shared.clock))
    })
}

fn is_control(path: &str) -> bool {
    ["/v2/registries", "/v2/registry"].iter().any(|root| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// A token for the registry. While garbage is collected, it permits no writing there.
fn token(shared: &Shared, docr: &DocrSettings, call: &Call) -> Result<Answer, Problem> {
    if call.method != Method::GET {
        return Err(Problem::of(StatusCode::METHOD_NOT_ALLOWED));
    }
    let mut read_only = false;
    let scopes = call.query.iter().filter(|(key, _)| key == "scope");
    for name in scopes.filter_map(|(_, scope)| Scope::repository_name(scope)) {
        let registry = docr.registries().find(|registry| is_in_registry(name, registry));
        let registry = registry.ok_or_else(|| {
            Problem::bad_request("the scope names no repository of one of your registries")
        })?;
        read_only |= shared.collections.is_active(docr, registry);
    }
    let allows = |action: &str| docr.allows(action) && (action == "pull" || !read_only);
    let answer =
        endpoint::answer_with_permissions(shared.auth_config(), &shared.tokens, call, allows);
    if answer.status == StatusCode::UNAUTHORIZED {
        return Err(Problem::of(StatusCode::UNAUTHORIZED));
    }
    Ok(answer)
}

/// The OCI protocol. From the scan of a collection on, writing is refused, also with old tokens.
fn content(shared: &Shared, docr: &DocrSettings, call: &Call) -> Answer {
    let name = call.path.strip_prefix("/v2/").unwrap_or_default();
    let writes = call.method != Method::GET && call.method != Method::HEAD;
    let mut closed = docr.registries().filter(|registry| is_in_registry(name, registry));
    if writes && closed.any(|registry| shared.collections.is_read_only(docr, registry)) {
        let message = "the registry is read-only while garbage is collected";
        return Answer::error(StatusCode::FORBIDDEN, "DENIED", message);
    }
    oci::answer(shared, call)
}
