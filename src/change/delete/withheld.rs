//! What a reviewed plan would change and the fresh decision would not: nothing is done to it, and
//! each is told with what keeps it, or as gone where the registry says so.

use futures_util::{StreamExt as _, stream};

use crate::change::result::{AppliedEntry, ApplyResult, FailureCause};
use crate::collect::Collector;
use crate::registry::manifest_exists;
use crate::retention::WithheldEntry;

/// How many questions are under way at once.
const AT_ONCE: usize = 16;

/// Tells what became of what is left alone, in its order.
pub async fn report_withheld(
    collector: Collector<'_>,
    left: &[WithheldEntry],
) -> Vec<AppliedEntry> {
    stream::iter(left).map(|one| told(collector, one)).buffered(AT_ONCE).collect().await
}

async fn told(collector: Collector<'_>, left: &WithheldEntry) -> AppliedEntry {
    let (result, message) = match &left.why {
        Some(why) => (ApplyResult::Skipped, why.clone()),
        None => asked(collector, left).await,
    };
    let (repository, digest) = (left.repository.clone(), left.digest.clone());
    AppliedEntry { repository, digest, result, message }
}

/// No listing has it, and no manifest that was read names it: it may be gone.
async fn asked(collector: Collector<'_>, left: &WithheldEntry) -> (ApplyResult, String) {
    let repository = &left.repository;
    let Some(registry) = collector.connections.registry(&repository.registry) else {
        let message = "the policy has no such registry".to_owned();
        return (ApplyResult::Failed(FailureCause::Registry), message);
    };
    match manifest_exists(registry, &repository.path, &left.digest).await {
        Ok(false) => (ApplyResult::AlreadyGone, "it had gone already".to_owned()),
        Ok(true) => {
            let message = "nothing that was read now names it, so that nothing says it may go";
            (ApplyResult::Skipped, message.to_owned())
        }
        Err(error) => {
            let message = format!("not known to be gone: {}", error.to_unread().message);
            (ApplyResult::Skipped, message)
        }
    }
}
