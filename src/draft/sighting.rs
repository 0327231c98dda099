//! What was seen: a tag, or a kind of tags, in a repository of a registry.

use std::collections::{BTreeMap, BTreeSet};

use super::RegistryAddress;
use crate::lint::survey::Branches;
use crate::model::{RepositoryPath, TagName, TagPattern};

/// A tag, or a kind of tags, in a repository.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) registry: RegistryAddress,
    /// The path below the registry's namespace.
    pub(super) path: RepositoryPath,
    pub(super) tag: SeenTag,
    /// The branches whose pushes set it.
    pub(super) branches: Branches,
    /// The environment that the job names.
    pub(super) environment: Option<String>,
    /// What is pushed together, or is in one repository, has one number.
    pub(super) set: usize,
    pub(super) place: String,
}

/// A tag, or a kind of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SeenTag {
    /// Tags that name a commit.
    Commit(TagPattern),
    /// A tag that moves.
    Moving(TagName),
    /// Any other; only its repository counts.
    Other,
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftNote {
    /// Where: a place in a workflow, or a repository.
    pub place: String,
    /// What, as a sentence without its full stop.
    pub what: String,
}

impl DraftNote {
    /// A note.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// All that was seen.
#[derive(Debug, Default)]
pub struct Sightings {
    pub(super) list: Vec<Sighting>,
    pub(super) notes: Vec<DraftNote>,
    /// Globs of tags of pull requests, tests and previews, each with a place where it was seen.
    pub(super) other_tags: BTreeMap<String, String>,
    /// Globs of tags that name versions.
    pub(super) versions: BTreeSet<String>,
    pub(super) github: Option<String>,
    /// Why something was left out, where and what first, and how many more there are.
    pub(super) left_out: Vec<LeftOut>,
}

/// What was left out for one reason.
#[derive(Debug)]
pub(super) struct LeftOut {
    why: String,
    place: String,
    what: String,
    more: usize,
}

impl Sightings {
    /// Whether no repository was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Leaves a reference out; those with the same reason become one note.
    pub(super) fn leave_out(&mut self, place: &str, what: String, why: String) {
        match self.left_out.iter_mut().find(|known| known.why == why) {
            Some(known) => known.more += 1,
            None => self.left_out.push(LeftOut { why, place: place.to_owned(), what, more: 0 }),
        }
    }

    /// Adds the notes of what was left out.
    pub(super) fn note_left_out(&mut self) {
        for LeftOut { why, place, what, more } in std::mem::take(&mut self.left_out) {
            let others = match more {
                0 => String::new(),
                more => format!(" (and {more} more like it)"),
            };
            self.note(DraftNote::new(place, format!("`{what}`: {why}{others}")));
        }
    }

    /// Adds what is not known.
    pub fn note(&mut self, note: DraftNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
