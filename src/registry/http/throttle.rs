//! How many requests one host gets at once, and when it wants none for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// A gate in front of every host.
#[derive(Debug)]
pub(crate) struct Throttle {
    at_once: usize,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug, Clone)]
struct Host {
    places: Arc<Semaphore>,
    not_before: Option<Instant>,
}

impl Throttle {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once, hosts: Mutex::default() }
    }

    fn with_host<T>(&self, authority: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(authority) {
            return act(host);
        }
        let host = Host { places: Arc::new(Semaphore::new(self.at_once)), not_before: None };
        act(hosts.entry(authority.to_owned()).or_insert(host))
    }

    /// Waits for a place at this host, and for the end of a pause that it asked for.
    pub(crate) async fn enter(&self, authority: &str) -> Option<OwnedSemaphorePermit> {
        let places = self.with_host(authority, |host| Arc::clone(&host.places));
        let place = places.acquire_owned().await.ok();
        while let Some(until) = self.with_host(authority, |host| host.not_before) {
            if until <= Instant::now() {
                break;
            }
            tokio::time::sleep_until(until).await;
        }
        place
    }

    /// Nobody asks this host for a while: it said so.
    pub(crate) fn pause(&self, authority: &str, delay: Duration) {
        let until = Instant::now() + delay;
        self.with_host(authority, |host| {
            if host.not_before.is_none_or(|known| known < until) {
                host.not_before = Some(until);
            }
        });
    }
}
