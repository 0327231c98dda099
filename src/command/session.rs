//! What every command works with, and what its caller provides: a clock, and somebody to tell.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::collect::{Collector, Progress};
use crate::model::{ClockReading, Digest, now_by_servers};
use crate::policy::Policy;
use crate::registry::Connections;

/// This machine's clock. The program reads the system's; a test hands in one of its own.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;

    /// Waits.
    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()>;
}

/// Something that is said while a command runs, beside its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What goes on.
    Status(String),
    /// Something to know about the report.
    Note(String),
    /// Something that should not be as it is.
    Warning {
        /// What.
        text: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// Who is told what a command says while it runs, and how far it is.
pub trait Listener: Progress {
    /// Something is said.
    fn message(&self, message: &Message);
}

/// What every command works with.
pub struct Session {
    /// The policy.
    pub policy: Policy,
    /// The digest of the policy file's bytes: a plan belongs to one policy.
    pub policy_digest: Digest,
    /// The registries of the policy.
    pub connections: Connections,
    /// This machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub listener: Arc<dyn Listener>,
}

impl Session {
    /// What asks the registries, and tells the listener how far it is.
    #[must_use]
    pub fn collector(&self) -> Collector<'_> {
        Collector { connections: &self.connections, progress: self.listener.as_ref() }
    }

    /// The time that counts as now, by the clocks of the servers that answered so far.
    #[must_use]
    pub fn clock_reading(&self) -> ClockReading {
        now_by_servers(self.clock.now(), &self.connections.http().clock_samples())
    }

    /// Says what goes on.
    pub(crate) fn status(&self, text: impl Into<String>) {
        self.listener.message(&Message::Status(text.into()));
    }

    /// Says something to know about the report.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.listener.message(&Message::Note(text.into()));
    }

    /// Says what should not be as it is.
    pub(crate) fn warn(&self, text: impl Into<String>, hint: Option<String>) {
        self.listener.message(&Message::Warning { text: text.into(), hint });
    }
}
