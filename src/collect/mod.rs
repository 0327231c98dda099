//! Reads from registries: inventories (the tags of an environment), observations (one release in each
//! place), content (everything below one tag) and contents (everything in whole repositories).
//!
//! Failures become part of the result (partial coverage, unread tags), for the pure modules to judge.
//! Concurrency is limited, results are sorted, and nothing is decided here.

mod by_id;
mod content;
mod contents;
mod inventory;
mod latest;
mod manifest_copy;
mod observe;
mod progress;
mod reader;
mod resolve;
mod risk;
mod vanished;

use crate::model::{Place, RegistryName};
use crate::registry::{Backend, Connections, ErrorKind, RequestError};

pub use by_id::{FoundById, Root, find_images_by_id, find_roots_by_id};
pub use content::check_content;
pub(crate) use content::tag_with_content;
pub use contents::{Completion, ContentsQuestion, DeletionCandidate, complete, confirm, contents};
pub use inventory::{TimesWanted, inventory};
pub use latest::find_latest_releases;
pub use manifest_copy::manifest_copy;
pub use observe::{Depth, observe, observe_tag};
pub use progress::{NoProgress, Progress};
pub use resolve::find_agreeing_shas;
pub use risk::indexes_at_risk;

/// How many requests run at once; the HTTP client also limits the requests to each host.
const AT_ONCE: usize = 64;

/// Reads from the registries, and reports progress.
#[derive(Clone, Copy)]
pub struct Collector<'a> {
    /// The registries.
    pub connections: &'a Connections,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
}

impl<'a> Collector<'a> {
    fn registry(&self, name: &RegistryName) -> Result<&'a Backend, RequestError> {
        self.connections.registry(name).ok_or_else(|| {
            RequestError::new(ErrorKind::Client, format!("the policy has no registry `{name}`"))
        })
    }

    fn reader(&self, name: &RegistryName) -> Result<reader::ContentReader<'a>, RequestError> {
        Ok(reader::ContentReader {
            registry: self.registry(name)?,
            cache: self.connections.cache(),
        })
    }
}

/// The places of an environment with their repositories.
fn places(
    environment: &crate::policy::Environment,
) -> impl Iterator<Item = (Place, &crate::model::Repository)> {
    environment.images.iter().flat_map(|(image, settings)| {
        settings.repositories.iter().map(move |(registry, repository)| {
            (Place { image: image.clone(), registry: registry.clone() }, repository)
        })
    })
}
