//! Garbage collection: asked for, followed through its states, cancelled, listed.
//!
//! States are a matter of time alone. Nothing runs in the background: what a collection has come
//! to is worked out when somebody asks. The states are those of
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries/operation/registries_get_garbageCollection>.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::call::Answer;
use super::super::server::Shared;
use super::control::Request;
use super::settings::DocrSettings;
use super::sweep::{Swept, sweep};
use super::wire::{Problem, time};

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Manifests,
    Blobs,
    Both,
}

impl Kind {
    /// By the name that a request has for it; blobs if it has none.
    fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("unreferenced blobs only") => Some(Self::Blobs),
            Some("untagged manifests only") => Some(Self::Manifests),
            Some("untagged manifests and unreferenced blobs") => Some(Self::Both),
            Some(_) => None,
        }
    }

    pub(super) fn takes_manifests(self) -> bool {
        self != Self::Blobs
    }

    pub(super) fn takes_blobs(self) -> bool {
        self != Self::Manifests
    }
}

/// How many states have passed since then.
fn steps(pace: Duration, since: Instant) -> u32 {
    let steps = since.elapsed().as_nanos() / pace.as_nanos().max(1);
    u32::try_from(steps).unwrap_or(u32::MAX)
}

/// One collection.
#[derive(Debug, Clone)]
struct Collection {
    uuid: String,
    registry: String,
    kind: Kind,
    created: DateTime<Utc>,
    began: Instant,
    cancelled: Option<Instant>,
    swept: Option<Swept>,
}

/// How far a collection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// Write tokens of before still work.
    Waiting(&'static str),
    /// Nothing can be written.
    Closed(String),
    Ended(&'static str),
}

impl Collection {
    fn phase(&self, docr: &DocrSettings) -> Phase {
        let settings = &docr.collection;
        if let Some(cancelled) = self.cancelled {
            return if steps(settings.pace, cancelled) > 0 {
                Phase::Ended("cancelled")
            } else {
                Phase::Closed("cancelling".into())
            };
        }
        let mut closed = vec!["scanning manifests".to_owned()];
        closed.extend(settings.unknown_state.clone());
        closed.push("deleting unreferenced blobs".to_owned());
        match steps(settings.pace, self.began) {
            0 => Phase::Waiting("requested"),
            1 => Phase::Waiting("waiting for write JWTs to expire"),
            step => match closed.get(step as usize - 2) {
                Some(state) => Phase::Closed(state.clone()),
                None if settings.fails => Phase::Ended("failed"),
                None => Phase::Ended("succeeded"),
            },
        }
    }

    fn is_active(&self, docr: &DocrSettings) -> bool {
        !matches!(self.phase(docr), Phase::Ended(_))
    }

    /// Whether what is to go must be gone by now.
    fn is_due(&self, docr: &DocrSettings) -> bool {
        let deletes = match self.phase(docr) {
            Phase::Closed(state) => state == "deleting unreferenced blobs",
            Phase::Ended(state) => state == "succeeded",
            Phase::Waiting(_) => false,
        };
        deletes && self.swept.is_none() && !docr.collection.fails
    }

    /// When it came to the state that it is in.
    fn changed(&self, docr: &DocrSettings) -> DateTime<Utc> {
        let pace = docr.collection.pace;
        let last = 4 + u32::from(docr.collection.unknown_state.is_some());
        let since = |from: Instant| steps(pace, from).min(last);
        let passed = match self.cancelled {
            None => pace * since(self.began),
            Some(at) => (at - self.began) + pace * since(at).min(1),
        };
        TimeDelta::from_std(passed).map_or(self.created, |passed| self.created + passed)
    }

    fn value(&self, request: &Request<'_>) -> Value {
        let status = match self.phase(request.docr) {
            Phase::Waiting(state) | Phase::Ended(state) => state.to_owned(),
            Phase::Closed(state) => state,
        };
        let swept = self.swept.unwrap_or_default();
        json!({
            "uuid": self.uuid,
            "registry_name": self.registry,
            "status": status,
            "created_at": time(self.created),
            "updated_at": time(self.changed(request.docr)),
            "blobs_deleted": swept.blobs,
            "freed_bytes": swept.bytes,
        })
    }
}

/// All collections since the start.
#[derive(Debug, Default)]
pub(in super::super) struct Collections(Mutex<Vec<Collection>>);

impl Collections {
    /// Deletes what those under way must have deleted by now.
    pub(super) fn advance(&self, shared: &Shared, docr: &DocrSettings) {
        for collection in self.lock().iter_mut().filter(|collection| collection.is_due(docr)) {
            let mut total = Swept::default();
            for path in shared.store.repositories() {
                if super::within(path.as_str(), &collection.registry) {
                    let spares = !docr.unconfirmed.collects_children;
                    let swept = sweep(&shared.store, &path, collection.kind, spares);
                    total.blobs += swept.blobs;
                    total.bytes += swept.bytes;
                }
            }
            collection.swept = Some(total);
        }
    }

    /// Whether a collection of this registry is under way.
    pub(super) fn is_active(&self, docr: &DocrSettings, registry: &str) -> bool {
        self.lock().iter().any(|found| found.registry == registry && found.is_active(docr))
    }

    /// Whether one is under way and the write tokens of before have expired.
    pub(super) fn is_read_only(&self, docr: &DocrSettings, registry: &str) -> bool {
        let closed = |found: &Collection| matches!(found.phase(docr), Phase::Closed(_));
        self.lock().iter().any(|found| found.registry == registry && closed(found))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Collection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST garbage-collection`
pub(super) fn begin(request: &Request<'_>, registry: &str) -> Result<Answer, Problem> {
    let Request { shared, docr, .. } = request;
    let body = request.body()?;
    let kind = Kind::parse(body.get("type").and_then(Value::as_str))
        .ok_or_else(|| Problem::bad_request("invalid garbage collection type"))?;
    let mut all = shared.collections.lock();
    if all.iter().any(|found| found.registry == registry && found.is_active(docr)) {
        let status = StatusCode::from_u16(docr.unconfirmed.second_collection);
        return Err(Problem::new(
            status.unwrap_or(StatusCode::CONFLICT),
            "a garbage collection is under way",
        ));
    }
    let collection = Collection {
        uuid: format!("00000000-0000-4000-9000-{:012x}", all.len() + 1),
        registry: registry.to_owned(),
        kind,
        created: shared.clock.now(),
        began: Instant::now(),
        cancelled: None,
        swept: None,
    };
    let body = json!({"garbage_collection": collection.value(request)});
    all.push(collection);
    Ok(Answer::json(StatusCode::CREATED, &body))
}

/// `GET garbage-collection`: the one that is under way.
pub(super) fn active(request: &Request<'_>, registry: &str) -> Result<Answer, Problem> {
    let all = request.shared.collections.lock();
    let mut of_registry = all.iter().filter(|found| found.registry == registry);
    let found = of_registry.find(|found| found.is_active(request.docr));
    let found = found.ok_or_else(|| Problem::not_found("active garbage collection"))?;
    Ok(Answer::json(StatusCode::OK, &json!({"garbage_collection": found.value(request)})))
}

/// `PUT garbage-collection/<uuid>`
pub(super) fn cancel(request: &Request<'_>, registry: &str, uuid: &str) -> Result<Answer, Problem> {
    if request.body()?.get("cancel") != Some(&Value::Bool(true)) {
        return Err(Problem::bad_request("only `cancel` can be asked for"));
    }
    let mut all = request.shared.collections.lock();
    let mut of_registry = all.iter_mut().filter(|found| found.registry == registry);
    let found = of_registry
        .find(|found| found.uuid == uuid && found.is_active(request.docr))
        .ok_or_else(|| Problem::not_found("active garbage collection"))?;
    found.cancelled.get_or_insert_with(Instant::now);
    Ok(Answer::json(StatusCode::OK, &json!({"garbage_collection": found.value(request)})))
}

/// `GET garbage-collections`: all of a registry, the newest first.
pub(super) fn all(request: &Request<'_>, registry: &str) -> Answer {
    let all = request.shared.collections.lock();
    let of_registry = all.iter().rev().filter(|found| found.registry == registry);
    let values: Vec<Value> = of_registry.map(|found| found.value(request)).collect();
    Answer::json(StatusCode::OK, &json!({"garbage_collections": values}))
}
