//! Runs a registry's garbage collection: guards, start or cancel, following to the end.
//!
//! A collection reaches every repository of the registry, which is read-only meanwhile. So none is
//! started beside another one, nor one that may break what is tagged.

use std::time::Duration;

use crate::collect::{Collector, indexes_at_risk};
use crate::model::{Collection, CollectionKind, RegistryName};
use crate::registry::{ErrorKind, GarbageCollect, RegistryError};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};

/// Someone who is told as it happens.
pub trait GarbageObserver: Sync {
    /// Now it is sent, and may begin whatever becomes of the answer.
    fn starting(&self);
    /// Now it is asked to be cancelled, and may be whatever becomes of the answer.
    fn cancelling(&self);
    /// The collection was looked at.
    fn seen(&self, collection: &Collection);
}

/// A registry with its garbage.
pub struct GarbageJob<'a> {
    /// Asks all registries.
    pub collector: Collector<'a>,
    /// The registry's name.
    pub name: &'a RegistryName,
    /// The registry.
    pub garbage: &'a dyn GarbageCollect,
    /// How long a collection is followed; to its end if nothing is said.
    pub wait: Option<Duration>,
    /// Who is told.
    pub watch: &'a dyn GarbageObserver,
}

impl GarbageJob<'_> {
    /// Does what is asked for.
    pub async fn run(&self, action: GarbageAction) -> GarbageRun {
        let end = match self.act(action).await {
            Ok(end) => end,
            Err(error) => GarbageOutcome::Unread(error.to_unread(), None),
        };
        GarbageRun { registry: self.name.clone(), action, end }
    }

    async fn act(&self, action: GarbageAction) -> Result<GarbageOutcome, RegistryError> {
        let active = self.garbage.collection_active().await?;
        let active = active.filter(|collection| !collection.state.is_over());
        match (action, active) {
            (GarbageAction::Start { .. }, Some(active)) => Ok(GarbageOutcome::Active(active)),
            (GarbageAction::Start { kind, may_break_indexes }, None) => {
                if kind.takes_untagged_manifests() && !may_break_indexes {
                    let risks = indexes_at_risk(self.collector, self.name, self.garbage).await?;
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

    async fn cancel(&self, active: Collection) -> Result<GarbageOutcome, RegistryError> {
        self.watch.cancelling();
        match self.garbage.collection_cancel(&active.id).await {
            Ok(cancelled) => Ok(self.follow(cancelled).await),
            // It may have come to its end in the meantime; following it tells.
            Err(error) if matches!(error.status(), Some(404 | 409 | 412)) => {
                Ok(self.follow(active).await)
            }
            Err(error) if error.kind() == ErrorKind::Credentials => Err(error),
            Err(error) => Ok(GarbageOutcome::Unread(error.to_unread(), Some(active))),
        }
    }

    /// What to do when nobody can tell whether one was started.
    fn unsure(&self) -> String {
        let name = self.name;
        format!("it may have begun all the same; `tags gc {name} --follow` tells")
    }

    async fn start(&self, kind: CollectionKind) -> Result<GarbageOutcome, RegistryError> {
        self.watch.starting();
        let error = match self.garbage.collection_start(kind).await {
            Ok(collection) => return Ok(self.follow(collection).await),
            Err(error) => error,
        };
        if matches!(error.kind(), ErrorKind::Credentials | ErrorKind::NotFound) {
            return Err(error);
        }
        // It may have begun all the same, or another one did a moment before.
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
