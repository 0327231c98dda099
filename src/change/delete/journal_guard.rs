//! The journal of a run, and the check before each step: nothing is started after the journal could not be
//! written, or after a requested stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::change::journal::{Journal, JournalError, JournalStep, LatestTagsSeen};
use crate::change::result::{AppliedEntry, ApplyResult, FailureCause};
use crate::change::stop::Stop;
use crate::model::{Digest, Repository};

/// A step that was started, with its result and message once they are known.
type StartedStep = (Repository, Digest, Option<(ApplyResult, String)>);

/// Records steps, and decides whether another one may start.
pub(super) struct JournalGuard<'a> {
    journal: &'a Journal,
    stop: &'a Stop,
    broken: Mutex<Option<JournalError>>,
    /// Whether something was left undone because of `stop`.
    interrupted: AtomicBool,
    /// The started steps in their order.
    begun: Mutex<Vec<StartedStep>>,
}

impl<'a> JournalGuard<'a> {
    pub(super) fn new(journal: &'a Journal, stop: &'a Stop) -> Self {
        let interrupted = AtomicBool::new(false);
        Self { journal, stop, broken: Mutex::default(), interrupted, begun: Mutex::default() }
    }

    /// Whether something new may start. Call it only if there is something to start.
    pub(super) fn may_begin(&self) -> bool {
        if self.stop.is_requested() {
            self.interrupted.store(true, Ordering::SeqCst);
            return false;
        }
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Records a step before it is carried out, which is allowed only if this returns `true`.
    pub(super) fn step(&self, step: &JournalStep) -> bool {
        let begins = self.may_begin() && self.note(self.journal.step(step));
        if begins {
            let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
            begun.push((step.repository.clone(), step.digest.clone(), None));
        }
        begins
    }

    /// Records the result of a step.
    pub(super) fn result(
        &self,
        repository: &Repository,
        digest: &Digest,
        result: (ApplyResult, &str),
    ) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |(at, of, _): &&mut (Repository, Digest, _)| at == repository && of == digest;
        if let Some((.., outcome)) = begun.iter_mut().rev().find(is_of) {
            *outcome = Some((result.0, result.1.to_owned()));
        }
        drop(begun);
        self.note(self.journal.result(repository, digest, result));
    }

    /// Records where the latest tags of a repository pointed after its last step.
    pub(super) fn latest(&self, repository: &Repository, seen: &LatestTagsSeen) {
        self.note(self.journal.latest(repository, seen));
    }

    /// Whether a stop was requested.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_requested()
    }

    /// Records that everything was done.
    pub(super) fn end(&self) {
        self.note(self.journal.end());
    }

    /// The results of all started steps, when the run does not wait for the rest.
    pub(super) fn so_far(&self) -> Vec<AppliedEntry> {
        self.interrupted.store(true, Ordering::SeqCst);
        let unknown = || {
            let message =
                "interrupted before the registry had answered; the step is in the journal";
            (ApplyResult::Failed(FailureCause::Registry), message.to_owned())
        };
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let entry = |(repository, digest, outcome): (_, _, Option<(ApplyResult, String)>)| {
            let (result, message) = outcome.unwrap_or_else(unknown);
            AppliedEntry { repository, digest, result, message }
        };
        begun.into_iter().map(entry).collect()
    }

    pub(super) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Why the journal could not be written, if so.
    pub(super) fn into_broken(self) -> Option<JournalError> {
        self.broken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, written: Result<(), JournalError>) -> bool {
        match written {
            Ok(()) => true,
            Err(error) => {
                let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
                broken.get_or_insert(error);
                false
            }
        }
    }
}
