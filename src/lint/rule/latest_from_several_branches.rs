//! The rule `latest-from-several-branches`: pushes of two branches move one latest tag.

use std::collections::{BTreeMap, BTreeSet};

use super::latest_on_pull_request::is_latest;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Event, GitRef, JobRun, Leg, Push, Workflows, is_main};
use crate::lint::finding::Severity;
use crate::lint::images;

pub(super) const RULE: Rule = Rule {
    name: "latest-from-several-branches",
    severity: Severity::Warning,
    applies: Applies::Always,
    summary: "pushes of two branches move one latest tag",
    why: "
        The tag is then whatever branch was pushed last: production may restart with the code of
        `develop`. `main` and `master` count as one branch. A filter with a pattern, or none, stands
        for several branches. A push is reported only if its conditions are known to hold.",
    bad: include_str!("latest_from_several_branches.bad.yml"),
    good: include_str!("latest_from_several_branches.good.yml"),
    check,
};

/// Stands for the other branches that a pattern covers.
const OTHERS: &str = "another one";

/// A push of a latest tag by a push to a branch.
struct Moved<'s> {
    run: &'s JobRun<'s>,
    leg: &'s Leg,
    push: &'s Push,
    branch: String,
}

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    let mut moved: BTreeMap<String, Vec<Moved<'_>>> = BTreeMap::new();
    for (run, leg) in workflows.legs() {
        for push in leg.pushes.iter().filter(|push| is_latest(&push.reference)) {
            let reference = &push.reference;
            if images::is_exempt(reference, workflows.conventions) || !run.surely_pushes(leg, push)
            {
                continue;
            }
            for branch in run.events.iter().flat_map(branches) {
                let moved = moved.entry(reference.text()).or_default();
                moved.push(Moved { run, leg, push, branch });
            }
        }
    }
    for of_one in moved.values() {
        let names: BTreeSet<&str> = of_one.iter().map(|moved| moved.branch.as_str()).collect();
        if names.len() > 1 {
            for moved in culprits(of_one) {
                report(workflows, moved, &names, out);
            }
        }
    }
}

/// The branches whose pushes an event stands for; a pattern stands for at least two.
fn branches(event: &Event) -> Vec<String> {
    if !event.is_push() {
        return Vec::new();
    }
    match &event.git_ref {
        GitRef::Branch(name) if is_main(name) => vec!["main".to_owned()],
        GitRef::Branch(name) => vec![name.clone()],
        GitRef::Branches(start) => vec![format!("{start}*"), format!("{OTHERS} of {start}*")],
        GitRef::AnyBranch => vec!["any branch".to_owned(), OTHERS.to_owned()],
        _ => Vec::new(),
    }
}

/// The pushes to report: those of other branches than `main`, unless all lines have both.
fn culprits<'s>(moved: &'s [Moved<'s>]) -> Vec<&'s Moved<'s>> {
    let others: Vec<&Moved<'_>> = moved.iter().filter(|moved| moved.branch != "main").collect();
    if others.is_empty() { moved.iter().collect() } else { others }
}

fn report(
    workflows: &Workflows<'_>,
    moved: &Moved<'_>,
    branches: &BTreeSet<&str>,
    out: &mut Reporter<'_>,
) {
    let text = workflows.show(&moved.push.reference);
    let problem = Problem::new(
        text.clone(),
        format!("pushes of several branches move `{text}`: {{names}}"),
        "push it for one branch only: `if: github.ref == 'refs/heads/main'`",
    );
    let told = branches.iter().filter(|branch| !branch.starts_with(OTHERS));
    let names = told.map(|branch| workflows.symbols.show(branch)).collect();
    let at = moved.push.reference.at;
    out.report_leg(out.severity(), (moved.run, moved.leg), at, problem.naming(names));
}
