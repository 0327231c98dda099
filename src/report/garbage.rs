//! What `tags gc` reports: a garbage collection as it was asked for, and how it ended.

use crate::model::{
    Collection, CollectionKind, CollectionState, IndexAtRisk, RegistryName, Unread,
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GarbageAction {
    /// Start a collection and follow it.
    Start {
        /// What it takes away.
        kind: CollectionKind,
        /// Start it even if it may break tagged indexes.
        may_break_indexes: bool,
    },
    /// Follow the one that goes on.
    Follow,
    /// Cancel the one that goes on.
    Cancel,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum GarbageOutcome {
    /// The collection is over.
    Over(Collection),
    /// It goes on, and the time for following it is over.
    Running(Collection),
    /// There is none to follow or to cancel.
    Idle,
    /// None was started, since another one goes on.
    Active(Collection),
    /// None was started, since these may break.
    AtRisk(Vec<IndexAtRisk>),
    /// The registry did not answer; the collection was known before, or may have begun.
    Unread(Unread, Option<Collection>),
}

/// A collection as it was asked for, and how it ended.
#[derive(Debug, Clone)]
pub struct GarbageRun {
    /// The registry.
    pub registry: RegistryName,
    /// What was asked for.
    pub action: GarbageAction,
    /// How it ended.
    pub end: GarbageOutcome,
}

impl GarbageRun {
    /// The word for the outcome.
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

    /// The collection that it is about.
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
