//! The rule `tag-never-pushed`: a job uses an image of the project that no workflow pushes.

use super::event_dependence::EventDependence;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Leg, Use, Workflows, why_empty};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::reference::{Reference, TagKind};
use crate::lint::symbol::{Commit, SymbolKind};

pub(super) const RULE: Rule = Rule {
    name: "tag-never-pushed",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a job uses an image of the project that no workflow pushes",
    why: "
        The deploy fails when it pulls the image, or finds an old one under that name. A tag with
        the SHA of this run must be pushed by this workflow or its caller; a tag that moves, by one
        of the workflows that are checked together. Nothing is reported where a push cannot be read:
        in a script, in an action, or in a workflow of another repository.",
    bad: include_str!("tag_never_pushed.bad.yml"),
    good: include_str!("tag_never_pushed.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut events = EventDependence::default();
    let mut found = Vec::new();
    for (run, leg) in workflows.legs() {
        for used in &leg.uses {
            let reference = &used.reference;
            let is_wrong = !used.built_here
                && !images::is_exempt(reference, workflows.conventions)
                && is_missing(workflows, run, reference);
            events.note((run, leg), reference.at, is_wrong);
            found.extend(is_wrong.then_some((run, leg, used)));
        }
    }
    for (run, leg, used) in found {
        // An event that pushes nothing, or leaves a value empty, may never get here.
        if !events.at((run, leg), used.reference.at) || run.surely_uses(leg, used) {
            report(workflows, (run, leg), used, out);
        }
    }
}

fn report(
    workflows: &Workflows<'_>,
    (run, leg): (&JobRun<'_>, &Leg),
    used: &Use,
    out: &mut Reporter<'_>,
) {
    let text = workflows.show_in(run, &used.reference);
    let empty = why_empty(run, &used.reference);
    let not_by = match used.reference.kind {
        TagKind::Moving => "no workflow",
        _ => "neither this workflow nor its caller",
    };
    let problem = Problem::new(
        text.clone(),
        format!("{not_by} pushes `{text}`{empty}"),
        "push it first, or correct the registry, the repository or the tag",
    );
    out.report_leg(out.severity(), (run, leg), used.reference.at, problem);
}

/// Whether the reference is surely not pushed: a moving tag by any workflow, a tag with the commit of
/// this run by this run.
fn is_missing(workflows: &Workflows<'_>, run: &JobRun<'_>, reference: &Reference) -> bool {
    let is_unpushed = |of: Option<usize>| {
        let is_within = |at: usize| of.is_none_or(|of| workflows.job_runs[at].workflow_run == of);
        !workflows.pushes_of(reference).into_iter().any(|found| is_within(found.run))
            && !workflows.is_exhausted()
            && !workflows.may_push_unread(is_within)
    };
    match reference.kind {
        TagKind::Moving => {
            workflows.facts.repositories.contains(&reference.repository())
                && workflows.complete
                && is_unpushed(None)
        }
        TagKind::FullSha | TagKind::ShortSha => {
            in_own_namespace(workflows, reference)
                && is_of_this_run(workflows, run, reference)
                && !workflows.has_unknown_caller(run.workflow_run)
                && is_unpushed(Some(run.workflow_run))
                // A run that another workflow run or a person starts may use what was pushed before.
                && (run.events.iter().all(|event| event.is_push() || event.is_pull_request())
                    || is_unpushed(None))
        }
        _ => false,
    }
}

fn in_own_namespace(workflows: &Workflows<'_>, reference: &Reference) -> bool {
    // Who only copies images takes what workflows elsewhere have pushed.
    let namespace = (reference.host.clone(), reference.namespace().to_owned());
    workflows.facts.building.contains(&namespace)
}

/// Whether the tag has the commit of this run in it.
fn is_of_this_run(workflows: &Workflows<'_>, run: &JobRun<'_>, reference: &Reference) -> bool {
    let of_pull_request = run.is_for_pull_requests();
    reference.tag().chars().filter_map(|c| workflows.symbols.get(c)).any(|symbol| {
        match symbol.kind {
            SymbolKind::Sha(_, Commit::OfRun) => true,
            SymbolKind::Sha(_, Commit::OfHead) => of_pull_request,
            _ => false,
        }
    })
}
