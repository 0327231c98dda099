//! The state of a running registry, which all its requests share.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::access::{Access, Faults};
use super::auth::{AuthConfig, Tokens};
use super::clock::Clock;
use super::docr::Collections;
use super::ghcr::Versions;
use super::log::Log;
use super::oci::Uploads;
use super::quirk::Quirks;
use super::rate_limit::RateLimiter;
use super::settings::{Imitation, Settings};
use super::store::Store;

/// The state that all requests share.
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
    pub(super) concurrency: Concurrency,
    pub(super) rate_limiter: RateLimiter,
    pub(super) collections: Collections,
    pub(super) versions: Versions,
}

impl Shared {
    /// The settings of authentication.
    pub(super) fn auth_config(&self) -> AuthConfig<'_> {
        AuthConfig::of(&self.settings)
    }

    /// Direct access to the registry, without a request.
    pub(super) fn access(&self) -> Access<'_> {
        Access {
            store: &self.store,
            faults: &self.faults,
            quirks: &self.quirks,
            versions: matches!(self.settings.imitates, Imitation::Ghcr(_))
                .then_some(&self.versions),
            clock: self.clock,
            changes: Mutex::default(),
        }
    }
}

/// Counts the requests that are being answered at the same time.
#[derive(Debug, Default)]
pub(super) struct Concurrency {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Concurrency {
    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) -> ActiveRequest<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(now, Ordering::Relaxed);
        ActiveRequest(self)
    }
}

/// One request under way; it ends when this is dropped, also if the client disconnects.
pub(super) struct ActiveRequest<'a>(&'a Concurrency);

impl Drop for ActiveRequest<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}
