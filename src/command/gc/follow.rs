//! Follows a collection until it ends.

use std::time::Duration;

use tokio::time::Instant;

use super::GarbageJob;
use crate::model::Collection;
use crate::registry::{ErrorKind, GarbageCollect, RequestError};
use crate::report::GarbageOutcome;

/// The first pause between two polls, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// How many polls in a row may fail, or find no active collection and no final state.
const MAX_FAILED_POLLS: usize = 5;

/// The result of one poll.
enum Poll {
    /// It is the active one.
    Active(Collection),
    /// It is not active any more; this is what the registry recorded about it.
    Inactive(Option<Collection>),
}

impl<G: GarbageCollect> GarbageJob<'_, G> {
    /// Polls until the collection ends, or the time is over.
    pub(super) async fn follow(&self, mut collection: Collection) -> GarbageOutcome {
        let deadline = self.wait.map(|wait| Instant::now() + wait);
        let (mut pause, mut failed_polls) = (PAUSES.0, 0);
        loop {
            self.watch.seen(&collection);
            if collection.state.is_over() {
                return GarbageOutcome::Over(collection);
            }
            let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return GarbageOutcome::Running(collection);
            }
            tokio::time::sleep(left.map_or(pause, |left| pause.min(left))).await;
            pause = (pause * 2).min(PAUSES.1);
            failed_polls += 1;
            match self.poll(&collection.id).await {
                Ok(Poll::Active(seen)) => (collection, failed_polls) = (seen, 0),
                Ok(Poll::Inactive(Some(seen))) if seen.state.is_over() => collection = seen,
                // The registry may not have recorded the end yet.
                Ok(Poll::Inactive(seen)) if failed_polls >= MAX_FAILED_POLLS => {
                    return GarbageOutcome::Over(seen.unwrap_or(collection));
                }
                Ok(Poll::Inactive(_)) => {}
                Err(error) if is_temporary(&error) && failed_polls < MAX_FAILED_POLLS => {}
                Err(error) => return GarbageOutcome::Unread(error.to_unread(), Some(collection)),
            }
        }
    }

    async fn poll(&self, id: &str) -> Result<Poll, RequestError> {
        match self.garbage.collection_active().await? {
            Some(active) if active.id == id => Ok(Poll::Active(active)),
            _ => self.garbage.collection_find(id).await.map(Poll::Inactive),
        }
    }
}

fn is_temporary(error: &RequestError) -> bool {
    error.is_temporary() || error.kind() == ErrorKind::Timeout
}
