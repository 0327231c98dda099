//! What `tags gc` reports: the requested action, and how the garbage collection ended.

use crate::model::{
    Collection, CollectionKind, CollectionState, IndexAtRisk, RegistryName, Unread,
};

/// The requested action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GarbageAction {
    /// Start a collection and follow it.
    Start {
        /// What it deletes.
        kind: CollectionKind,
        /// Start it even if it may break tagged indexes.
        may_break_indexes: bool,
    },
    /// Follow the one that is running.
    Follow,
    /// Cancel the one that is running.
    Cancel,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum GarbageOutcome {
    /// The collection is over.
    Over(Collection),
    /// It is still running, and the time for following it is over.
    Running(Collection),
    /// There is none to follow or to cancel.
    Idle,
    /// None was started, because another one is running.
    Active(Collection),
    /// None was started, because these indexes may break.
    AtRisk(Vec<IndexAtRisk>),
    /// The registry did not answer. The collection is the last known one, if any.
    Unread(Unread, Option<Collection>),
}

/// The requested action, and how it ended.
#[derive(Debug, Clone)]
pub struct GarbageRun {
    /// The registry.
    pub registry: RegistryName,
    /// The requested action.
    pub action: GarbageAction,
    /// How it ended.
    pub end: GarbageOutcome,
}

impl GarbageRun {
    /// The outcome in one word.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match &self.end {
            GarbageOutcome::Over(collection) => match collection.state {
                CollectionState::Succeeded => "ok",
                CollectionState::Failed => "failed",
                CollectionState::Cancelled => "cancelled",
                CollectionState::Running(_) | CollectionState::Unknown(_) => "unknown",
            },
            GarbageOutcome::Running(_) => "running",
            GarbageOutcome::Idle => "idle",
            GarbageOutcome::Active(_) | GarbageOutcome::AtRisk(_) => "refused",
            GarbageOutcome::Unread(..) => "unknown",
        }
    }

    /// The collection, where there is one.
    #[must_use]
    pub fn collection(&self) -> Option<&Collection> {
        match &self.end {
            GarbageOutcome::Over(collection)
            | GarbageOutcome::Running(collection)
            | GarbageOutcome::Active(collection) => Some(collection),
            GarbageOutcome::Unread(_, collection) => collection.as_ref(),
            GarbageOutcome::Idle | GarbageOutcome::AtRisk(_) => None,
        }
    }
}
