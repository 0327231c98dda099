//! Reports the entries that a reviewed plan would change and the new decision would not: each with the reason
//! to keep it, or as deleted already. Nothing is done to them.

use futures_util::{StreamExt as _, stream};

use crate::change::result::{AppliedEntry, ApplyResult, FailureCause};
use crate::collect::Collector;
use crate::registry::manifest_exists;
use crate::retention::WithheldEntry;

/// How many requests are sent at once.
const AT_ONCE: usize = 16;

/// The results of the entries that are not changed, in their order.
pub async fn report_withheld(
    collector: Collector<'_>,
    left: &[WithheldEntry],
) -> Vec<AppliedEntry> {
    stream::iter(left)
        .map(|entry| applied_entry(collector, entry))
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn applied_entry(collector: Collector<'_>, left: &WithheldEntry) -> AppliedEntry {
    let (result, message) = match &left.why {
        Some(why) => (ApplyResult::Skipped, why.clone()),
        None => found_now(collector, left).await,
    };
    let (repository, digest) = (left.repository.clone(), left.digest.clone());
    AppliedEntry { repository, digest, result, message }
}

/// The result for a manifest that no listing contains and no manifest references.
async fn found_now(collector: Collector<'_>, left: &WithheldEntry) -> (ApplyResult, String) {
    let repository = &left.repository;
    let Some(registry) = collector.connections.registry(&repository.registry) else {
        let message = "the policy has no such registry".to_owned();
        return (ApplyResult::Failed(FailureCause::Registry), message);
    };
    match manifest_exists(registry, &repository.path, &left.digest).await {
        Ok(false) => (ApplyResult::AlreadyGone, "it was deleted already".to_owned()),
        Ok(true) => {
            let message = "nothing that was read references it any more, so it is unknown whether it may be deleted";
            (ApplyResult::Skipped, message.to_owned())
        }
        Err(error) => {
            let message = format!(
                "it is unknown whether it was deleted already: {}",
                error.to_unread().message
            );
            (ApplyResult::Skipped, message)
        }
    }
}
