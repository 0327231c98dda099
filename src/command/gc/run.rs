//! Starts, follows or cancels a registry's garbage collection.
//!
//! A collection works on every repository of the registry, which is read-only meanwhile. None is
//! started while another one runs, or if it may break tagged images.

use std::time::Duration;

use crate::collect::{Collector, indexes_at_risk};
use crate::model::{Collection, CollectionKind, RegistryName};
use crate::registry::{ErrorKind, GarbageCollect, RequestError};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};

/// Is notified of each step.
pub trait GarbageObserver: Sync {
    /// The request to start is sent now: the collection may start even if no answer comes.
    fn starting(&self);
    /// The request to cancel is sent now: it may work even if no answer comes.
    fn cancelling(&self);
    /// The state of the collection was read.
    fn seen(&self, collection: &Collection);
}

/// A garbage collection of one registry.
pub struct GarbageJob<'a, G> {
    /// Reads from the registries.
    pub collector: Collector<'a>,
    /// The registry's name.
    pub name: &'a RegistryName,
    /// The registry.
    pub garbage: &'a G,
    /// How long to follow the collection; to its end by default.
    pub wait: Option<Duration>,
    /// Is notified of each step.
    pub watch: &'a dyn GarbageObserver,
}

impl<G: GarbageCollect> GarbageJob<'_, G> {
    /// Starts, follows or cancels.
    pub async fn run(&self, action: GarbageAction) -> GarbageRun {
        let end = match self.act(action).await {
            Ok(end) => end,
            Err(error) => GarbageOutcome::Unread(error.to_unread(), None),
        };
        GarbageRun { registry: self.name.clone(), action, end }
    }

    async fn act(&self, action: GarbageAction) -> Result<GarbageOutcome, RequestError> {
        let active = self.garbage.collection_active().await?;
        let active = active.filter(|collection| !collection.state.is_over());
        match (action, active) {
            (GarbageAction::Start { .. }, Some(active)) => Ok(GarbageOutcome::Active(active)),
            (GarbageAction::Start { kind, may_break_indexes }, None) => {
                if kind.deletes_untagged_manifests() && !may_break_indexes {
                    let repositories = self.garbage.repository_list().await?;
                    let risks = indexes_at_risk(self.collector, self.name, &repositories).await?;
                    if !risks.is_empty() {
                        return Ok(GarbageOutcome::AtRisk(risks));
                    }
                }
                self.start(kind).await
            }
            (_, None) => Ok(GarbageOutcome::Idle),
            (GarbageAction::Follow, Some(active)) => Ok(self.follow(active).await),
            (GarbageAction::Cancel, Some(active)) => self.cancel(active).await,
        }
    }

    async fn cancel(&self, active: Collection) -> Result<GarbageOutcome, RequestError> {
        self.watch.cancelling();
        match self.garbage.collection_cancel(&active.id).await {
            Ok(cancelled) => Ok(self.follow(cancelled).await),
            // It may have ended meanwhile; following it shows that.
            Err(error) if matches!(error.status(), Some(404 | 409 | 412)) => {
                Ok(self.follow(active).await)
            }
            Err(error) if error.kind() == ErrorKind::Credentials => Err(error),
            Err(error) => Ok(GarbageOutcome::Unread(error.to_unread(), Some(active))),
        }
    }

    /// The hint when it is unknown whether a collection was started.
    fn unsure(&self) -> String {
        let name = self.name;
        format!("a collection may have started; check with `tags gc {name} --follow`")
    }

    async fn start(&self, kind: CollectionKind) -> Result<GarbageOutcome, RequestError> {
        self.watch.starting();
        let error = match self.garbage.collection_start(kind).await {
            Ok(collection) => return Ok(self.follow(collection).await),
            Err(error) => error,
        };
        if matches!(error.kind(), ErrorKind::Credentials | ErrorKind::NotFound) {
            return Err(error);
        }
        // It may have started although the answer was an error, or another one was started just before.
        let active = self.garbage.collection_active().await.ok().flatten();
        let refused = error.status().is_some_and(|status| (400..500).contains(&status));
        Ok(match active.filter(|collection| !collection.state.is_over()) {
            Some(active) if refused => GarbageOutcome::Active(active),
            None if !refused => {
                GarbageOutcome::Unread(error.with_hint(self.unsure()).to_unread(), None)
            }
            active => GarbageOutcome::Unread(error.to_unread(), active),
        })
    }
}
