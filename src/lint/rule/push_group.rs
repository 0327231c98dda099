//! The pushes of one step to one repository.

use std::collections::HashMap;

use crate::lint::evaluate::{JobRun, Origin, Push, Workflows};
use crate::lint::position::Position;
use crate::lint::reference::{Reference, TagKind};
use crate::model::TagKind as SchemeKind;

/// What one step pushes to one repository.
pub(super) struct PushGroup<'s> {
    pub(super) run: &'s JobRun<'s>,
    pub(super) anchor: Position,
    pub(super) repository: String,
    pub(super) pushes: Vec<&'s Push>,
}

/// A latest tag that is not pushed.
pub(super) struct MissingLatest {
    pub(super) tag: String,
    /// Whether the policy requires it; without a policy it does.
    pub(super) required: bool,
}

impl TagKind {
    /// Whether it may turn out to be any kind.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Digest)
    }
}

/// All groups, in the order of the jobs.
pub(super) fn push_groups<'s>(workflows: &'s Workflows<'s>) -> Vec<PushGroup<'s>> {
    let mut groups: Vec<PushGroup<'s>> = Vec::new();
    for (run, leg) in workflows.legs() {
        let mut known: HashMap<(String, usize), usize> = HashMap::new();
        for push in &leg.pushes {
            let reference = &push.reference;
            if reference.is_local() && !workflows.conventions.is_own_host(&reference.host) {
                continue;
            }
            let repository = reference.repository();
            let at = *known.entry((repository.clone(), push.step)).or_insert(groups.len());
            if at == groups.len() {
                let (anchor, pushes) = (push.anchor, Vec::new());
                groups.push(PushGroup { run, anchor, repository, pushes });
            }
            groups[at].pushes.push(push);
        }
    }
    groups
}

impl PushGroup<'_> {
    /// Whether some tag of the group is of a kind.
    pub(super) fn has(&self, is: impl Fn(TagKind) -> bool) -> bool {
        self.pushes.iter().any(|push| is(push.reference.kind))
    }

    /// Whether the same workflow run pushes a tag of a kind to this repository elsewhere, for an
    /// environment that may be the same.
    pub(super) fn has_elsewhere(
        &self,
        workflows: &Workflows<'_>,
        is: impl Fn(TagKind) -> bool,
    ) -> bool {
        let found = workflows.pushes_to(&self.repository);
        let found = found.into_iter().any(|(at, push)| {
            let reference = &push.reference;
            workflows.job_runs[at].workflow_run == self.run.workflow_run
                && is(workflows.conventions.kind(reference, workflows.symbols))
                && self.pushes.iter().any(|own| {
                    !is(own.reference.kind) && agree(workflows, &own.reference, reference)
                })
        });
        found || workflows.is_exhausted()
    }

    /// Whether all that it pushes are copies of images of the same repository that have their SHA tag.
    pub(super) fn copies_a_release(&self, workflows: &Workflows<'_>) -> bool {
        self.pushes.iter().all(|push| {
            let Some(Origin::Image(source)) = &push.origin else { return false };
            let source = Reference::parse(source, push.anchor, workflows.symbols);
            source.is_some_and(|source| {
                source.repository() == self.repository
                    && source.kind != TagKind::Mutable
                    && agree(workflows, &source, &push.reference)
            })
        })
    }

    /// The latest tag that is missing beside the tags of the group.
    pub(super) fn missing_latest(&self, workflows: &Workflows<'_>) -> Option<MissingLatest> {
        let tag = |push: &Push| push.reference.tag.clone().unwrap_or_default();
        let environment = self.pushes.iter().find_map(|push| {
            let found = workflows.conventions.environment(&tag(push), workflows.symbols);
            found.filter(|(_, kind)| matches!(kind, SchemeKind::Sha(_))).map(|(env, _)| env)
        });
        if let Some(environment) = environment {
            let wanted = environment.scheme.latest.to_string();
            let pushed = workflows.pushes_to(&self.repository).into_iter().any(|(at, push)| {
                workflows.job_runs[at].workflow_run == self.run.workflow_run
                    && workflows.symbols.may_equal(push.reference.tag(), &wanted)
            });
            let missing = MissingLatest { tag: wanted, required: environment.latest_required };
            return (!pushed && !workflows.is_exhausted()).then_some(missing);
        }
        let open = |kind: TagKind| kind.is_open() || kind == TagKind::Mutable;
        let own_latest = self.pushes.iter().all(|push| push.reference.kind == TagKind::Mutable);
        if own_latest || self.has(TagKind::is_open) || self.has_elsewhere(workflows, open) {
            return None;
        }
        let prefix = self.pushes.iter().find_map(|push| workflows.conventions.prefix(&tag(push)));
        let tag = prefix.map_or_else(|| "latest".to_owned(), |prefix| format!("{prefix}-latest"));
        Some(MissingLatest { tag, required: true })
    }
}

/// Whether two tags may belong to the same environment.
fn agree(workflows: &Workflows<'_>, a: &Reference, b: &Reference) -> bool {
    match (workflows.conventions.prefix(a.tag()), workflows.conventions.prefix(b.tag())) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
