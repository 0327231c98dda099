//! SHA tags of one pattern: each group is an environment.

use std::collections::{BTreeMap, BTreeSet};

use super::super::image::Named;
use super::super::sighting::{DraftNote, SeenTag};
use super::words::{environment_word, label};
use crate::model::{ImageName, RegistryName, TagPattern};

/// SHA tags of one pattern; where the tags name no environment and their repositories do, of one
/// environment.
pub(in crate::draft) struct Group<'a> {
    pub(in crate::draft) pattern: TagPattern,
    /// The environment that the tags name.
    pub(in crate::draft) label: Option<String>,
    /// The environment that the repositories name.
    pub(in crate::draft) word: Option<String>,
    pub(in crate::draft) members: Vec<&'a Named<'a>>,
}

impl Group<'_> {
    /// The repositories of its tags.
    pub(in crate::draft) fn places(&self) -> BTreeSet<(RegistryName, ImageName)> {
        let place = |one: &&Named<'_>| (one.registry.clone(), one.image.clone());
        self.members.iter().map(place).collect()
    }
}

/// What is pushed together to one repository.
type PushSet<'a> = (usize, &'a RegistryName, &'a ImageName);

fn push_set<'a>(one: &'a Named<'_>) -> PushSet<'a> {
    (one.sighting.set, &one.registry, &one.image)
}

/// The groups. A tag without an environment beside one that names its environment is the same
/// release once more: a note, and no environment.
pub(super) fn groups<'a>(named: &'a [Named<'a>], notes: &mut Vec<DraftNote>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(String, Option<String>), Group<'a>> = BTreeMap::new();
    for one in named {
        let SeenTag::Commit(pattern) = &one.sighting.tag else { continue };
        let label = label(pattern);
        let word = match label {
            Some(_) => None,
            None => environment_word(one.sighting.path.as_str()),
        };
        let group = groups.entry((pattern.to_string(), word.clone())).or_insert_with(|| Group {
            pattern: pattern.clone(),
            label,
            word,
            members: Vec::new(),
        });
        group.members.push(one);
    }
    let mut groups: Vec<Group<'a>> = groups.into_values().collect();
    // Those whose tags name an environment first, so that the others are compared with them.
    groups.sort_by_key(|group| group.label.is_none());
    let mut kept: Vec<Group<'a>> = Vec::new();
    for mut group in groups {
        if group.label.is_none() {
            leave_out_repeated(&mut group, &kept, notes);
        }
        if !group.members.is_empty() {
            kept.push(group);
        }
    }
    kept
}

/// Leaves out the members of a group beside which an earlier group has a tag.
fn leave_out_repeated(group: &mut Group<'_>, earlier: &[Group<'_>], notes: &mut Vec<DraftNote>) {
    let known: BTreeSet<PushSet<'_>> =
        earlier.iter().flat_map(|one| &one.members).map(|one| push_set(one)).collect();
    let (repeated, own): (Vec<_>, Vec<_>) =
        group.members.drain(..).partition(|one| known.contains(&push_set(one)));
    group.members = own;
    if let Some(first) = repeated.first() {
        let what = format!("`{}` is pushed as well; these tags name no environment", group.pattern);
        notes.push(DraftNote::new(first.sighting.place.clone(), what));
    }
}
