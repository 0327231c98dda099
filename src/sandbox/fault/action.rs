//! What somebody else does to a registry between two requests of the client under test.
//!
//! An action runs on the thread that carries the request out, with nothing locked, so that nothing
//! comes between the two. It must not wait for an answer of the same registry.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::access::Access;
use super::super::log::RequestRecord;

type Run = dyn FnMut(&RequestRecord, &Access<'_>) + Send;

/// An action and how many requests are still to come before it; none if it runs before each.
#[derive(Clone)]
pub(super) struct Action {
    left: Option<usize>,
    run: Arc<Mutex<Run>>,
}

impl Action {
    /// One that runs before the `nth` request from now, the next one being the first.
    pub(super) fn before(
        nth: usize,
        run: impl FnOnce(&RequestRecord, &Access<'_>) + Send + 'static,
    ) -> Self {
        let mut run = Some(run);
        let once = move |request: &RequestRecord, access: &Access<'_>| {
            if let Some(run) = run.take() {
                run(request, access);
            }
        };
        Self { left: Some(nth.max(1)), run: Arc::new(Mutex::new(once)) }
    }

    /// One that runs before every request.
    pub(super) fn always(run: impl FnMut(&RequestRecord, &Access<'_>) + Send + 'static) -> Self {
        Self { left: None, run: Arc::new(Mutex::new(run)) }
    }

    /// Counts a request; whether it is this one's.
    pub(super) fn counted(&mut self) -> bool {
        let Some(left) = &mut self.left else { return true };
        *left = left.saturating_sub(1);
        *left == 0
    }

    /// Whether there is nothing left to run.
    pub(super) fn is_over(&self) -> bool {
        self.left == Some(0)
    }
}

/// The actions that are due before one request.
#[derive(Debug)]
pub(in crate::sandbox) struct Due(pub(super) Vec<Action>);

impl Due {
    /// Carries them out, in the order in which they were added.
    pub(in crate::sandbox) fn run(self, request: &RequestRecord, access: &Access<'_>) {
        for action in self.0 {
            let mut run = action.run.lock().unwrap_or_else(PoisonError::into_inner);
            run(request, access);
        }
    }

    pub(in crate::sandbox) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action").field("left", &self.left).finish_non_exhaustive()
    }
}
