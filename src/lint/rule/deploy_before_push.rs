//! The rule `deploy-before-push`: the using job does not need the pushing job.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::reference::{Reference, TagKind};

pub(super) const RULE: Rule = Rule {
    name: "deploy-before-push",
    severity: Severity::Error,
    summary: "the using job does not need the pushing job",
    why: "
        Jobs without `needs` run at the same time: the pull then finds the image of the run before, or none.
        The job that pushes must be needed, directly or through others.",
    bad: include_str!("deploy_before_push.bad.yml"),
    good: include_str!("deploy_before_push.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        for used in task.legs.iter().flat_map(|leg| &leg.uses) {
            let reference = &used.reference;
            let Some(pusher) = pushed_beside(set, at, reference) else { continue };
            let text = set.symbols.show(&reference.text());
            let (user, pusher) = (&task.job.id, &set.tasks[pusher].job.id);
            let say = Say::new(
                text.clone(),
                format!(
                    "`{text}` is pushed by the job `{pusher}`, which `{user}` does not wait for"
                ),
                format!("add `{pusher}` to the `needs` of `{user}`"),
            );
            out.at(task, reference.at, say);
        }
    }
}

/// A job that surely pushes the reference, when none does that has ended before.
fn pushed_beside(set: &Set<'_>, at: usize, reference: &Reference) -> Option<usize> {
    let task = &set.tasks[at];
    let before = |other: usize| other == at || task.after.contains(&other);
    let pushes = set.pushes_of(reference);
    if pushes.iter().any(|(other, _)| before(*other)) || set.opaque.iter().any(|o| before(*o)) {
        return None;
    }
    let (beside, _) = pushes.into_iter().find(|(other, push)| {
        set.tasks[*other].tree == task.tree && push.certain && push.reference.equals(reference)
    })?;
    // A job that pushes later, on purpose, moves the tag that is used here.
    let later = reference.kind == TagKind::Mutable && set.tasks[beside].after.contains(&at);
    (!later).then_some(beside)
}
