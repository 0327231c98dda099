//! The pushes of one step to one repository, in one leg.

use std::collections::HashMap;

use crate::lint::evaluate::{JobRun, Leg, Origin, Push, Workflows};
use crate::lint::images;
use crate::lint::position::Position;
use crate::lint::reference::{Reference, TagKind};

/// What one step pushes to one repository.
pub(super) struct PushGroup<'s> {
    pub(super) run: &'s JobRun<'s>,
    pub(super) leg: &'s Leg,
    pub(super) anchor: Position,
    pub(super) repository: String,
    pub(super) pushes: Vec<&'s Push>,
}

/// Whether pushes of other alternatives of the same leg count; only one alternative runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherAlternatives {
    Count,
    DoNotCount,
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
                groups.push(PushGroup { run, leg, anchor, repository, pushes });
            }
            groups[at].pushes.push(push);
        }
    }
    groups
}

/// Whether the conventions about tags cover a push: always with a policy, otherwise only where the
/// workflows follow them.
pub(super) fn is_covered(workflows: &Workflows<'_>, run: &JobRun<'_>, push: &Push) -> bool {
    let image = push.reference.image();
    let shown = workflows.conventions.policy.is_some()
        || workflows.facts.environment_images.contains(image);
    shown && is_release(workflows, run, push)
}

/// Whether a push may be of a release: not for a test or a pull request, and of an image that the
/// project builds.
pub(super) fn is_release(workflows: &Workflows<'_>, run: &JobRun<'_>, push: &Push) -> bool {
    !run.is_for_pull_requests()
        && !images::is_exempt(&push.reference, workflows.conventions)
        && !copies_of_others(workflows, push)
}

/// Whether a push only copies an image that the set does not build.
fn copies_of_others(workflows: &Workflows<'_>, push: &Push) -> bool {
    let Some(Origin::Image(source)) = &push.origin else { return false };
    let source = Reference::parse(source, push.anchor, workflows.symbols);
    source.is_some_and(|source| {
        let repository = source.repository();
        repository != push.reference.repository()
            && !workflows.facts.repositories.contains(&repository)
            && !workflows.conventions.names(&repository)
            && !source.is_unresolved(workflows.symbols)
    })
}

impl PushGroup<'_> {
    /// The kind of a tag, by the policy's patterns first.
    fn kind(workflows: &Workflows<'_>, push: &Push) -> TagKind {
        workflows.conventions.kind(&push.reference, workflows.symbols)
    }

    /// Whether the conventions about tags cover it.
    pub(super) fn is_covered(&self, workflows: &Workflows<'_>) -> bool {
        self.pushes.iter().all(|push| is_covered(workflows, self.run, push))
    }

    /// Whether some tag of the group is of a kind.
    pub(super) fn has(&self, workflows: &Workflows<'_>, is: impl Fn(TagKind) -> bool) -> bool {
        self.pushes.iter().any(|push| is(Self::kind(workflows, push)))
    }

    /// Whether the same workflow pushes a tag of a kind to this repository elsewhere, for an
    /// environment that may be the same.
    pub(super) fn has_elsewhere(
        &self,
        workflows: &Workflows<'_>,
        is: impl Fn(TagKind) -> bool,
        alternatives: OtherAlternatives,
    ) -> bool {
        let found = self.pushed_by_workflow(workflows, alternatives).any(|other| {
            let same_set = other.step == self.pushes[0].step;
            let here = self.pushes.iter().any(|own| std::ptr::eq(*own, other));
            // Within one step, different texts are taken for different repositories.
            let apart = same_set && other.reference.repository() != self.repository;
            !here
                && !apart
                && is(Self::kind(workflows, other))
                && self.pushes.iter().any(|own| agree(workflows, &own.reference, &other.reference))
        });
        found || workflows.is_exhausted()
    }

    /// All that the same workflow pushes, in any event, to a repository that may be this one.
    pub(super) fn pushed_by_workflow<'w>(
        &'w self,
        workflows: &'w Workflows<'_>,
        alternatives: OtherAlternatives,
    ) -> impl Iterator<Item = &'w Push> {
        workflows.pushes_to(&self.repository).into_iter().filter_map(move |found| {
            let run = &workflows.job_runs[found.run];
            let same_leg = run.number == self.run.number && found.leg.number == self.leg.number;
            let alternative = same_leg && !std::ptr::eq(found.leg, self.leg);
            let counts = alternatives == OtherAlternatives::Count || !alternative;
            (std::ptr::eq(run.root, self.run.root) && counts).then_some(found.push)
        })
    }

    /// Whether the group pushes only copies of images of the same repository whose tags never move.
    pub(super) fn copies_a_release(&self, workflows: &Workflows<'_>) -> bool {
        self.pushes.iter().all(|push| {
            let Some(Origin::Image(source)) = &push.origin else { return false };
            let source = Reference::parse(source, push.anchor, workflows.symbols);
            source.is_some_and(|source| {
                source.repository() == self.repository
                    && source.kind != TagKind::Moving
                    && agree(workflows, &source, &push.reference)
            })
        })
    }
}

/// Whether two tags may belong to the same environment.
fn agree(workflows: &Workflows<'_>, a: &Reference, b: &Reference) -> bool {
    let prefix = |of: &Reference| workflows.conventions.prefix(of.tag(), workflows.symbols);
    match (prefix(a), prefix(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
