//! Garbage collections and the states that they go through.
//!
//! The states are those of
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registries/operation/registries_get_garbageCollection>.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::store::Store;
use super::settings::{DocrSettings, StateDuration, is_in_registry};
use super::sweep::{CollectionType, SweepResult, sweep};
use super::wire::time;

/// A moment of a collection, as a time and as a number of polls.
#[derive(Debug, Clone, Copy)]
pub(super) struct PollMark {
    at: Instant,
    polls: u32,
}

/// One collection.
#[derive(Debug, Clone)]
pub(super) struct Collection {
    pub(super) uuid: String,
    pub(super) registry: String,
    pub(super) kind: CollectionType,
    created: DateTime<Utc>,
    began: PollMark,
    cancelled: Option<PollMark>,
    /// How often it was read.
    polls: u32,
    pub(super) swept: Option<SweepResult>,
}

/// The phase of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// Write tokens that were issued before still work.
    Waiting(&'static str),
    /// The registry is read-only.
    Closed(String),
    Ended(&'static str),
}

impl Collection {
    /// A collection that starts now.
    pub(super) fn new(
        uuid: String,
        registry: &str,
        kind: CollectionType,
        created: DateTime<Utc>,
    ) -> Self {
        let began = PollMark { at: Instant::now(), polls: 0 };
        let registry = registry.to_owned();
        Self { uuid, registry, kind, created, began, cancelled: None, polls: 0, swept: None }
    }

    /// Cancels it, unless it was cancelled before.
    pub(super) fn cancel(&mut self) {
        let now = PollMark { at: Instant::now(), polls: self.polls };
        self.cancelled.get_or_insert(now);
    }

    /// Counts that it was read.
    pub(super) fn count_poll(&mut self) {
        self.polls = self.polls.saturating_add(1);
    }

    /// How many states it passed since a mark.
    fn steps(&self, pace: StateDuration, since: PollMark) -> u32 {
        match pace {
            StateDuration::UntilPolled => self.polls - since.polls,
            StateDuration::Time(pace) => {
                let steps = since.at.elapsed().as_nanos() / pace.as_nanos().max(1);
                u32::try_from(steps).unwrap_or(u32::MAX)
            }
        }
    }

    pub(super) fn phase(&self, docr: &DocrSettings) -> Phase {
        let settings = &docr.collection;
        if let Some(cancelled) = self.cancelled {
            return if self.steps(settings.state_duration, cancelled) > 0 {
                Phase::Ended("cancelled")
            } else {
                Phase::Closed("cancelling".into())
            };
        }
        let mut closed = vec!["scanning manifests".to_owned()];
        closed.extend(settings.unknown_state.clone());
        closed.push("deleting unreferenced blobs".to_owned());
        match self.steps(settings.state_duration, self.began) {
            0 => Phase::Waiting("requested"),
            1 => Phase::Waiting("waiting for write JWTs to expire"),
            step => match closed.get(step as usize - 2) {
                Some(state) => Phase::Closed(state.clone()),
                None if settings.fails => Phase::Ended("failed"),
                None => Phase::Ended("succeeded"),
            },
        }
    }

    pub(super) fn is_active(&self, docr: &DocrSettings) -> bool {
        !matches!(self.phase(docr), Phase::Ended(_))
    }

    /// Whether it has reached its deletion and not deleted yet.
    pub(super) fn is_due(&self, docr: &DocrSettings) -> bool {
        let deletes = match self.phase(docr) {
            Phase::Closed(state) => state == "deleting unreferenced blobs",
            Phase::Ended(state) => state == "succeeded",
            Phase::Waiting(_) => false,
        };
        deletes && self.swept.is_none() && !docr.collection.fails
    }

    /// When it reached its current state.
    fn changed(&self, docr: &DocrSettings) -> DateTime<Utc> {
        let pace = docr.collection.state_duration;
        let each = match pace {
            StateDuration::Time(each) => each,
            StateDuration::UntilPolled => Duration::from_secs(1),
        };
        let last = 4 + u32::from(docr.collection.unknown_state.is_some());
        let passed = match self.cancelled {
            None => each.saturating_mul(self.steps(pace, self.began).min(last)),
            Some(mark) => {
                let over = self.steps(pace, mark).min(1);
                (mark.at - self.began.at).saturating_add(each.saturating_mul(over))
            }
        };
        let passed = TimeDelta::from_std(passed).unwrap_or_default();
        self.created.checked_add_signed(passed).unwrap_or(self.created)
    }

    /// The JSON that the API gives for it.
    pub(super) fn value(&self, docr: &DocrSettings) -> Value {
        let status = match self.phase(docr) {
            Phase::Waiting(state) | Phase::Ended(state) => state.to_owned(),
            Phase::Closed(state) => state,
        };
        let swept = self.swept.unwrap_or_default();
        json!({
            "uuid": self.uuid,
            "registry_name": self.registry,
            "status": status,
            "created_at": time(self.created),
            "updated_at": time(self.changed(docr)),
            "blobs_deleted": swept.blobs,
            "freed_bytes": swept.bytes,
        })
    }
}

/// All collections since the start.
#[derive(Debug, Default)]
pub(in super::super) struct Collections(Mutex<Vec<Collection>>);

impl Collections {
    /// Runs the deletions of the collections that have reached them.
    pub(super) fn advance(&self, store: &Store, docr: &DocrSettings) {
        for collection in self.lock().iter_mut().filter(|collection| collection.is_due(docr)) {
            let mut total = SweepResult::default();
            for path in store.repositories() {
                if is_in_registry(path.as_str(), &collection.registry) {
                    let spares = !docr.assumptions.collects_children;
                    let swept = sweep(store, &path, collection.kind, spares);
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

    /// Whether a collection has made this registry read-only.
    pub(super) fn is_read_only(&self, docr: &DocrSettings, registry: &str) -> bool {
        let closed = |found: &Collection| matches!(found.phase(docr), Phase::Closed(_));
        self.lock().iter().any(|found| found.registry == registry && closed(found))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Collection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
