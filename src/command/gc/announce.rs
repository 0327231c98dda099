//! Tells the listener what a garbage collection does; if it is dropped before the end, what may go
//! on.

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

/// What is known of the collection.
#[derive(PartialEq, Eq)]
enum Known {
    /// Nothing goes on, or the report tells of it.
    Nothing,
    /// The request was sent, and the answer is outstanding.
    Sent,
    /// It was seen in this state.
    Seen(String),
}

impl<'a> Announcer<'a> {
    pub(super) fn new(session: &'a Session, name: &'a RegistryName, action: GarbageAction) -> Self {
        Self { session, name, action, known: Mutex::new(Known::Nothing) }
    }

    /// Remembers what is known now, and gives what was known before.
    fn replace(&self, known: Known) -> Known {
        std::mem::replace(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner), known)
    }

    /// Nothing goes on that the report does not tell of.
    pub(super) fn end(&self) {
        self.replace(Known::Nothing);
    }
}

impl GarbageObserver for Announcer<'_> {
    fn starting(&self) {
        let text = "is read-only until the collection is over: pushes fail, pulls go on";
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
            Known::Sent if is_cancel => "a cancel may have been sent, and may be obeyed".to_owned(),
            Known::Sent => "a collection may have begun".to_owned(),
            Known::Seen(state) => {
                let verb = if is_cancel { "was told to end" } else { "goes on" };
                format!("the collection {verb} ({state})")
            }
        };
        let name = self.name;
        self.session.warn(
            format!("interrupted; {what}, and {name} stays read-only until it is over"),
            Some(format!(
                "`tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it"
            )),
        );
    }
}
