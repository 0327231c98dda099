//! Follows a collection until it is over, however its states are called.

use std::time::Duration;

use tokio::time::Instant;

use super::GarbageJob;
use crate::model::Collection;
use crate::registry::{ErrorKind, RegistryError};
use crate::report::GarbageOutcome;

/// The first pause between two looks, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// So many looks in a row may fail, or find it gone without an end.
const FOLLOW_TIMEOUT: usize = 5;

/// What one look found.
enum Look {
    /// It is the active one.
    Active(Collection),
    /// It is not active any more; this is what the registry remembers.
    Gone(Option<Collection>),
}

impl GarbageJob<'_> {
    /// Looks until the collection is over, or the time is.
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
                // It may only not have been written down yet.
                Ok(Look::Gone(seen)) if strange >= FOLLOW_TIMEOUT => {
                    return GarbageOutcome::Over(seen.unwrap_or(collection));
                }
                Ok(Look::Gone(_)) => {}
                Err(error) if may_pass(&error) && strange < FOLLOW_TIMEOUT => {}
                Err(error) => return GarbageOutcome::Unread(error.to_unread(), Some(collection)),
            }
        }
    }

    async fn look(&self, id: &str) -> Result<Look, RegistryError> {
        match self.garbage.collection_active().await? {
            Some(active) if active.id == id => Ok(Look::Active(active)),
            _ => self.garbage.collection_find(id).await.map(Look::Gone),
        }
    }
}

fn may_pass(error: &RegistryError) -> bool {
    error.is_temporary() || error.kind() == ErrorKind::Timeout
}
