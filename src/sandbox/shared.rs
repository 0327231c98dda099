//! The state of a running registry, which all its requests share.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::access::{Access, Faults};
use super::auth::{Gate, Tokens};
use super::budget::Budget;
use super::clock::Clock;
use super::docr::Collections;
use super::ghcr::Versions;
use super::log::Log;
use super::oci::Uploads;
use super::quirk::Quirks;
use super::settings::{Face, Settings};
use super::store::Store;

/// Everything that requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) faults: Faults,
    pub(super) quirks: Quirks,
    pub(super) log: Log,
    pub(super) tokens: Tokens,
    pub(super) uploads: Uploads,
    pub(super) traffic: Traffic,
    pub(super) budget: Budget,
    pub(super) collections: Collections,
    pub(super) versions: Versions,
}

impl Shared {
    /// Who is asked for what, where.
    pub(super) fn gate(&self) -> Gate<'_> {
        Gate::of(&self.settings)
    }

    /// What can be done to the registry without a request.
    pub(super) fn access(&self) -> Access<'_> {
        Access {
            store: &self.store,
            faults: &self.faults,
            quirks: &self.quirks,
            versions: matches!(self.settings.face, Face::Ghcr(_)).then_some(&self.versions),
            clock: self.clock,
            changes: Mutex::default(),
        }
    }
}

/// How many requests are being answered, and how many were at most.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Traffic {
    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(super) fn enter(&self) -> Passing<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(now, Ordering::Relaxed);
        Passing(self)
    }
}

/// One request on its way; it is over when this is dropped, also when the client has gone.
pub(super) struct Passing<'a>(&'a Traffic);

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}
