//! The journal of a run together with what it stands for: nothing is begun once it cannot be
//! written, or once somebody asked to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::journal::{Journal, JournalError, LatestSeen, Step};
use super::{ApplyResult, Stop};
use crate::model::{Digest, Repository};

/// Records steps, and says whether another may begin.
pub(super) struct JournalGuard<'a> {
    journal: &'a Journal,
    stop: &'a Stop,
    broken: Mutex<Option<JournalError>>,
    /// Whether something was left undone for the sake of `stop`.
    interrupted: AtomicBool,
}

impl<'a> JournalGuard<'a> {
    pub(super) fn new(journal: &'a Journal, stop: &'a Stop) -> Self {
        Self { journal, stop, broken: Mutex::default(), interrupted: AtomicBool::new(false) }
    }

    /// Whether something new may begin; asked only by who has something to begin.
    pub(super) fn may_begin(&self) -> bool {
        if self.stop.is_asked() {
            self.interrupted.store(true, Ordering::SeqCst);
            return false;
        }
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Records a step that is about to be taken; only after `true` may it be.
    pub(super) fn step(&self, step: &Step) -> bool {
        self.may_begin() && self.note(self.journal.step(step))
    }

    /// Records what became of a step.
    pub(super) fn result(
        &self,
        repository: &Repository,
        digest: &Digest,
        result: (ApplyResult, &str),
    ) {
        self.note(self.journal.result(repository, digest, result));
    }

    /// Records where the latest tags of a repository pointed after its last step.
    pub(super) fn latest(&self, repository: &Repository, seen: &LatestSeen) {
        self.note(self.journal.latest(repository, seen));
    }

    /// Whether somebody asked to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// Records that everything was done.
    pub(super) fn end(&self) {
        self.note(self.journal.end());
    }

    pub(super) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// What is wrong with the journal, if anything is.
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
