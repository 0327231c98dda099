//! Reports the progress of a garbage collection to the listener; if dropped before the end, also that
//! the collection may continue.

use std::sync::{Mutex, PoisonError};

use super::{GarbageAction, GarbageObserver};
use crate::command::Session;
use crate::model::{Collection, RegistryName};

pub(super) struct Announcer<'a> {
    session: &'a Session,
    name: &'a RegistryName,
    action: GarbageAction,
    known: Mutex<Known>,
}

/// What is known about the collection.
#[derive(PartialEq, Eq)]
enum Known {
    /// No collection runs, or the report contains it.
    Nothing,
    /// The request was sent, and the answer is outstanding.
    Sent,
    /// It was last seen in this state.
    Seen(String),
}

impl<'a> Announcer<'a> {
    pub(super) fn new(session: &'a Session, name: &'a RegistryName, action: GarbageAction) -> Self {
        Self { session, name, action, known: Mutex::new(Known::Nothing) }
    }

    /// Stores what is known now, and returns what was known before.
    fn replace(&self, known: Known) -> Known {
        std::mem::replace(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner), known)
    }

    /// Reports nothing more: from now on the report contains everything.
    pub(super) fn end(&self) {
        self.replace(Known::Nothing);
    }
}

impl GarbageObserver for Announcer<'_> {
    fn starting(&self) {
        let text = "is read-only until the collection ends: pushes fail, pulls work";
        self.session.warn(format!("{} {text}", self.name), None);
        self.replace(Known::Sent);
    }

    fn cancelling(&self) {
        self.replace(Known::Sent);
    }

    fn seen(&self, collection: &Collection) {
        let state = collection.state.to_string();
        let before = self.replace(Known::Seen(state.clone()));
        if before != Known::Seen(state.clone()) {
            self.session.status(format!("{}: {state}", self.name));
        }
    }
}

impl Drop for Announcer<'_> {
    fn drop(&mut self) {
        let is_cancel = self.action == GarbageAction::Cancel;
        let what = match self.replace(Known::Nothing) {
            Known::Nothing => return,
            Known::Sent if is_cancel => {
                "a cancel request may have been sent, and its result is unknown".to_owned()
            }
            Known::Sent => "a collection may have started".to_owned(),
            Known::Seen(state) => {
                let verb = if is_cancel { "is being cancelled" } else { "continues" };
                format!("the collection {verb} ({state})")
            }
        };
        let name = self.name;
        self.session.warn(
            format!("interrupted; {what}; {name} is read-only until the collection ends"),
            Some(format!(
                "`tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it"
            )),
        );
    }
}
