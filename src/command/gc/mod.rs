//! `gc`: DOCR's garbage collection, started, followed or cancelled.

mod announce;
mod follow;
mod run;

use std::time::Duration;

use super::{CommandError, Session};
use crate::model::RegistryName;
use crate::registry::{Backend, GarbageCollect};

pub use crate::model::CollectionKind;
pub use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};
pub use run::{GarbageJob, GarbageObserver};

use announce::Announcer;

/// Asks for a registry's garbage collection.
#[derive(Debug, Clone)]
pub struct Request {
    /// The name of the registry.
    pub registry: String,
    /// What to do.
    pub action: GarbageAction,
    /// How long to follow the collection; to its end by default.
    pub wait: Option<Duration>,
}

/// Starts, follows or cancels a registry's garbage collection. If the call is dropped before its
/// end, the listener gets a warning that the collection may continue.
///
/// # Errors
/// [`CommandError`] when the policy has no such registry, or it has no garbage collection.
pub async fn gc(session: &Session, request: &Request) -> Result<GarbageRun, CommandError> {
    let (name, garbage) = registry(session, &request.registry)?;
    let announcer = Announcer::new(session, &name, request.action);
    let job = GarbageJob {
        collector: session.collector(),
        name: &name,
        garbage,
        wait: request.wait,
        watch: &announcer,
    };
    let run = job.run(request.action).await;
    announcer.end();
    session.finish_requests();
    Ok(run)
}

/// The registry by its name, if its kind has garbage collection.
fn registry<'a>(
    session: &'a Session,
    text: &str,
) -> Result<(RegistryName, &'a impl GarbageCollect), CommandError> {
    let name = session.registry_name(text)?;
    let backend = session.connections.registry(&name);
    match backend.and_then(Backend::garbage_collect) {
        Some(garbage) => Ok((name, garbage)),
        None => Err(CommandError::usage(format!(
            "`tags gc` works only for registries of kind `docr`, and {name} is not one"
        ))
        .hint("other registries run garbage collection themselves, or their administrator does")),
    }
}
