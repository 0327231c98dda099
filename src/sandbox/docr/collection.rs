//! The requests about garbage collections: start, read, cancel, list.
//!
//! Nothing runs in the background: the state of a collection is computed on each request,
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries/operation/registries_run_garbageCollection>.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Answer;
use super::request::Request;
use super::state::Collection;
use super::sweep::CollectionType;
use super::wire::Problem;

/// `POST garbage-collection`
pub(super) fn begin(request: &Request<'_>, registry: &str) -> Result<Answer, Problem> {
    let Request { shared, docr, .. } = request;
    let body = request.body()?;
    let kind = CollectionType::parse(body.get("type").and_then(Value::as_str))
        .ok_or_else(|| Problem::bad_request("invalid garbage collection type"))?;
    let mut all = shared.collections.lock();
    if all.iter().any(|found| found.registry == registry && found.is_active(docr)) {
        let status = StatusCode::from_u16(docr.assumptions.second_collection);
        return Err(Problem::new(
            status.unwrap_or(StatusCode::CONFLICT),
            "a garbage collection is under way",
        ));
    }
    let uuid = format!("00000000-0000-4000-9000-{:012x}", all.len() + 1);
    let collection = Collection::new(uuid, registry, kind, shared.clock.now());
    let body = json!({"garbage_collection": collection.value(docr)});
    all.push(collection);
    Ok(Answer::json(StatusCode::CREATED, &body))
}

/// `GET garbage-collection`: the one that is under way.
pub(super) fn active(request: &Request<'_>, registry: &str) -> Result<Answer, Problem> {
    let mut all = request.shared.collections.lock();
    let mut of_registry = all.iter_mut().filter(|found| found.registry == registry);
    let found = of_registry.find(|found| found.is_active(request.docr));
    let found = found.ok_or_else(|| Problem::not_found("active garbage collection"))?;
    let body = json!({"garbage_collection": found.value(request.docr)});
    found.count_poll();
    Ok(Answer::json(StatusCode::OK, &body))
}

/// `PUT garbage-collection/<uuid>`
pub(super) fn cancel(request: &Request<'_>, registry: &str, uuid: &str) -> Result<Answer, Problem> {
    if request.body()?.get("cancel") != Some(&Value::Bool(true)) {
        return Err(Problem::bad_request("only `cancel` is supported"));
    }
    let mut all = request.shared.collections.lock();
    let mut of_registry = all.iter_mut().filter(|found| found.registry == registry);
    let found = of_registry
        .find(|found| found.uuid == uuid && found.is_active(request.docr))
        .ok_or_else(|| Problem::not_found("active garbage collection"))?;
    found.cancel();
    Ok(Answer::json(StatusCode::OK, &json!({"garbage_collection": found.value(request.docr)})))
}

/// `GET garbage-collections`: all of a registry, the newest first.
pub(super) fn all(request: &Request<'_>, registry: &str) -> Answer {
    let mut all = request.shared.collections.lock();
    let mut values = Vec::new();
    for found in all.iter_mut().rev().filter(|found| found.registry == registry) {
        values.push(found.value(request.docr));
        found.count_poll();
    }
    Answer::json(StatusCode::OK, &json!({"garbage_collections": values}))
}
