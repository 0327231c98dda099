//! Concurrent calls for the same value share one request. A failure is shared as well, so that a registry
//! that is down is waited for only once.

use std::future::Future;

use tokio::sync::Mutex;

use crate::http::RequestError;

/// A value that is requested when needed, and kept while it is valid.
#[derive(Debug)]
pub(crate) struct SingleFlight<T> {
    slot: Mutex<Slot<T>>,
    /// How many requests have ended. A call that saw a smaller number before it waited has waited for the
    /// last one.
    ended: std::sync::atomic::AtomicU64,
}

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    failure: Option<RequestError>,
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self { slot: Mutex::new(Slot { value: None, failure: None }), ended: 0.into() }
    }
}

impl<T: Clone> SingleFlight<T> {
    /// The kept value if it is valid, else the result of `ask`.
    pub(crate) async fn get<F>(
        &self,
        is_good: impl Fn(&T) -> bool,
        ask: impl FnOnce() -> F,
    ) -> Result<T, RequestError>
    where
        F: Future<Output = Result<T, RequestError>>,
    {
        use std::sync::atomic::Ordering::SeqCst;
        let before = self.ended.load(SeqCst);
        let mut slot = self.slot.lock().await;
        if let Some(value) = slot.value.as_ref().filter(|value| is_good(value)) {
            return Ok(value.clone());
        }
        if self.ended.load(SeqCst) != before
            && let Some(failure) = &slot.failure
        {
            return Err(failure.clone());
        }
        let answer = ask().await;
        self.ended.fetch_add(1, SeqCst);
        match answer {
            Ok(value) => {
                *slot = Slot { value: Some(value.clone()), failure: None };
                Ok(value)
            }
            Err(failure) => {
                *slot = Slot { value: None, failure: Some(failure.clone()) };
                Err(failure)
            }
        }
    }

    /// Replaces the kept value.
    pub(super) async fn set(&self, value: T) {
        self.slot.lock().await.value = Some(value);
    }

    /// Drops the kept value if `is_bad` says so.
    pub(super) async fn drop_if(&self, is_bad: impl Fn(&T) -> bool) {
        let mut slot = self.slot.lock().await;
        if slot.value.as_ref().is_some_and(is_bad) {
            slot.value = None;
        }
    }
}
