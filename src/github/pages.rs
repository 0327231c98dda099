//! Pages of runs that were read, for a command that asks for the same ones twice.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{GitHub, RunPage};

/// The pages by workflow and number, once they are to be kept.
#[derive(Default)]
pub(super) struct Pages(Mutex<Option<HashMap<(String, u32), RunPage>>>);

impl Pages {
    pub(super) fn get(&self, workflow: &str, page: u32) -> Option<RunPage> {
        self.lock().as_ref()?.get(&(workflow.to_owned(), page)).cloned()
    }

    pub(super) fn put(&self, workflow: &str, page: u32, read: &RunPage) {
        if let Some(pages) = self.lock().as_mut() {
            pages.insert((workflow.to_owned(), page), read.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<(String, u32), RunPage>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GitHub {
    /// From now on each page of runs is asked for once. Only for commands that change nothing: what
    /// decides about a change must be as new as it can be.
    pub fn keep_pages(&self) {
        self.pages.lock().get_or_insert_default();
    }
}
