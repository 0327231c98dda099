//! Follows a collection until it ends.

use std::time::Duration;

use tokio::time::Instant;

use super::GarbageJob;
use crate::model::Collection;
use crate::registry::{ErrorKind, RequestError};
use crate::report::GarbageOutcome;

/// The first pause between two polls, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// How many polls in a row may fail, or find no active collection and no final state.
const MAX_FAILED_POLLS: usize = 5;

/// The result of one poll.
enum Look {
    /// It is the active one.
    Active(Collection),
    /// It is not active any more; this is what the registry recorded about it.
    Gone(Option<Collection>),
}

impl GarbageJob<'_> {
    /// Polls until the collection ends, or the time is over.
    pub(super) async fn follow(&self, mut collection: Collection) -> GarbageOutcome {
        let deadline = self.wait.map(|wait| Instant::now() + wait);
        let (mut pause, mut strange) = (PAUSES.0, 0);
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
            strange += 1;
            match self.look(&collection.id).await {
                Ok(Look::Active(seen)) => (collection, strange) = (seen, 0),
                Ok(Look::Gone(Some(seen))) if seen.state.is_over() => collection = seen,
                // The registry may not have recorded the end yet.
                Ok(Look::Gone(seen)) if strange >= MAX_FAILED_POLLS => {
                    return GarbageOutcome::Over(seen.unwrap_or(collection));
                }
                Ok(Look::Gone(_)) => {}
                Err(error) if may_pass(&error) && strange < MAX_FAILED_POLLS => {}
                Err(error) => return GarbageOutcome::Unread(error.to_unread(), Some(collection)),
            }
        }
    }

    async fn look(&self, id: &str) -> Result<Look, RequestError> {
        match self.garbage.collection_active().await? {
            Some(active) if active.id == id => Ok(Look::Active(active)),
            _ => self.garbage.collection_find(id).await.map(Look::Gone),
        }
    }
}

fn may_pass(error: &RequestError) -> bool {
    error.is_temporary() || error.kind() == ErrorKind::Timeout
}
