//! The pushes of one step to one repository.

use std::collections::HashMap;

use crate::lint::evaluate::{Origin, Push, Set, Task};
use crate::lint::place::Place;
use crate::lint::reference::{Reference, TagKind};
use crate::model::TagKind as SchemeKind;

/// What one step pushes to one repository.
pub(super) struct Group<'s> {
    pub(super) task: &'s Task<'s>,
    pub(super) anchor: Place,
    pub(super) repository: String,
    pub(super) pushes: Vec<&'s Push>,
}

/// A latest tag that nobody pushes.
pub(super) struct MissingLatest {
    pub(super) tag: String,
    pub(super) required: bool,
}

impl TagKind {
    /// Whether it may turn out to be any kind.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Digest)
    }
}

/// All groups, in the order of the jobs.
pub(super) fn groups<'s>(set: &'s Set<'s>) -> Vec<Group<'s>> {
    let mut groups: Vec<Group<'s>> = Vec::new();
    for task in &set.tasks {
        for leg in &task.legs {
            let mut known: HashMap<(String, usize), usize> = HashMap::new();
            for push in &leg.pushes {
                let reference = &push.reference;
                if reference.is_local() && !set.setup.is_own_host(&reference.host) {
                    continue;
                }
                let repository = reference.repository();
                let at = *known.entry((repository.clone(), push.step)).or_insert(groups.len());
                if at == groups.len() {
                    let (anchor, pushes) = (push.anchor, Vec::new());
                    groups.push(Group { task, anchor, repository, pushes });
                }
                groups[at].pushes.push(push);
            }
        }
    }
    groups
}

impl Group<'_> {
    /// Whether some tag of the group is of a kind.
    pub(super) fn has(&self, is: impl Fn(TagKind) -> bool) -> bool {
        self.pushes.iter().any(|push| is(push.reference.kind))
    }

    /// Whether the same workflow run pushes a tag of a kind to this repository elsewhere, for an
    /// environment that may be the same.
    pub(super) fn has_elsewhere(&self, set: &Set<'_>, is: impl Fn(TagKind) -> bool) -> bool {
        let found = set.pushes_to(&self.repository);
        let found = found.into_iter().any(|(at, push)| {
            let reference = &push.reference;
            set.tasks[at].tree == self.task.tree
                && is(set.setup.kind(reference, set.symbols))
                && self
                    .pushes
                    .iter()
                    .any(|own| !is(own.reference.kind) && agree(set, &own.reference, reference))
        });
        found || set.is_exhausted()
    }

    /// Whether all that is pushed are copies inside the repository of what has its tag already.
    pub(super) fn copies_a_release(&self, set: &Set<'_>) -> bool {
        self.pushes.iter().all(|push| {
            let Some(Origin::Image(source)) = &push.origin else { return false };
            let source = Reference::parse(source, push.anchor, set.symbols);
            source.is_some_and(|source| {
                source.repository() == self.repository
                    && source.kind != TagKind::Mutable
                    && agree(set, &source, &push.reference)
            })
        })
    }

    /// The latest tag that is missing beside the tags of the group.
    pub(super) fn missing_latest(&self, set: &Set<'_>) -> Option<MissingLatest> {
        let tag = |push: &Push| push.reference.tag.clone().unwrap_or_default();
        let environment = self.pushes.iter().find_map(|push| {
            let found = set.setup.environment(&tag(push), set.symbols);
            found.filter(|(_, kind)| matches!(kind, SchemeKind::Sha(_))).map(|(env, _)| env)
        });
        if let Some(environment) = environment {
            let wanted = environment.scheme.latest.to_string();
            let pushed = set.pushes_to(&self.repository).into_iter().any(|(at, push)| {
                set.tasks[at].tree == self.task.tree
                    && set.symbols.may_equal(push.reference.tag(), &wanted)
            });
            let missing = MissingLatest { tag: wanted, required: environment.latest_required };
            return (!pushed && !set.is_exhausted()).then_some(missing);
        }
        let open = |kind: TagKind| kind.is_open() || kind == TagKind::Mutable;
        let own_latest = self.pushes.iter().all(|push| push.reference.kind == TagKind::Mutable);
        if own_latest || self.has(TagKind::is_open) || self.has_elsewhere(set, open) {
            return None;
        }
        let prefix = self.pushes.iter().find_map(|push| set.setup.prefix(&tag(push)));
        let tag = prefix.map_or_else(|| "latest".to_owned(), |prefix| format!("{prefix}-latest"));
        Some(MissingLatest { tag, required: true })
    }
}

/// Whether two tags may belong to the same environment.
fn agree(set: &Set<'_>, a: &Reference, b: &Reference) -> bool {
    match (set.setup.prefix(a.tag()), set.setup.prefix(b.tag())) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
