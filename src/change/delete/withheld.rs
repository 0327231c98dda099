//! Reports the entries that a reviewed plan would change and the fresh decision would not: each with
//! what keeps it, or as gone where the registry says so. Nothing is done to them.

use futures_util::{StreamExt as _, stream};

use crate::change::result::{AppliedEntry, ApplyResult, FailureCause};
use crate::collect::Collector;
use crate::registry::manifest_exists;
use crate::retention::WithheldEntry;

/// How many questions are under way at once.
const AT_ONCE: usize = 16;

/// The results of the entries that are left as they are, in their order.
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

/// What the registry says of a manifest that no listing has and no manifest names.
async fn found_now(collector: Collector<'_>, left: &WithheldEntry) -> (ApplyResult, String) {
    let repository = &left.repository;
    let Some(registry) = collector.connections.registry(&repository.registry) else {
        let message = "the policy has no such registry".to_owned();
        return (ApplyResult::Failed(FailureCause::Registry), message);
    };
    match manifest_exists(registry, &repository.path, &left.digest).await {
        Ok(false) => (ApplyResult::AlreadyGone, "it had gone already".to_owned()),
        Ok(true) => {
            let message = "nothing that was read names it any more, so it is not known whether it may be deleted";
            (ApplyResult::Skipped, message.to_owned())
        }
        Err(error) => {
            let message = format!("not known to be gone: {}", error.to_unread().message);
            (ApplyResult::Skipped, message)
        }
    }
}
