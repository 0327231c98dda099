//! The rule `duplicate-tag`: one step pushes a reference twice.

use std::collections::HashMap;

use super::missing_latest_tag::missing;
use super::push_group::push_groups;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{Leg, Push, Workflows};
use crate::lint::finding::{Fix, Severity};
use crate::lint::images;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-tag",
    severity: Severity::Error,
    applies: Applies::MilderWithoutPolicy,
    summary: "one step pushes a reference twice",
    why: "
        A line was copied and its tag was not changed: one tag is pushed twice and the other never.
        The push succeeds, and the missing tag is noticed only by a later deploy. That is an error
        where the image has a moving tag elsewhere and none here; otherwise, without a policy, it is a
        warning. Retries of one push, and pushes in different branches of a script, are not reported.",
    bad: include_str!("duplicate_tag.bad.yml"),
    good: include_str!("duplicate_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        let mut firsts = HashMap::new();
        for push in &leg.pushes {
            let reference = &push.reference;
            if images::is_exempt(reference, workflows.conventions) {
                continue;
            }
            let text = (reference.text(), reference.kind);
            let key = (push.step, text, push.branch.as_slice(), &push.origin, push.certain);
            let first = *firsts.entry(key).or_insert(push);
            if std::ptr::eq(first, push) {
                continue;
            }
            let displaced = displaced(workflows, leg, push);
            let severity = if displaced { Severity::Error } else { out.severity() };
            let text = workflows.show(reference);
            let line = first.reference.at.line;
            let twice = if line == reference.at.line {
                format!("`{text}` is pushed twice by this line")
            } else {
                format!("`{text}` is pushed twice; the first time in line {line}")
            };
            let problem = Problem::new(
                text.clone(),
                twice,
                "write the other tag here, such as `<env>-latest`, or remove the line",
            );
            let fix = if displaced { latest_instead(workflows, leg, push) } else { None };
            out.report_leg(severity, (run, leg), reference.at, problem.fixed_by(fix));
        }
    }
}

/// The latest tag that the second of two lines should have pushed, where only one is missing.
fn latest_instead(workflows: &Workflows<'_>, leg: &Leg, push: &Push) -> Option<Fix> {
    let reference = &push.reference;
    let of_step = leg.pushes.iter().filter(|other| other.step == push.step);
    let twice = of_step.filter(|other| other.reference.equals(reference)).count() == 2;
    if !twice || !reference.kind.names_commit() {
        return None;
    }
    let groups = push_groups(workflows);
    let group = groups.iter().find(|group| {
        std::ptr::eq(group.leg, leg)
            && group.repository == reference.repository()
            && group.pushes.iter().any(|other| std::ptr::eq(*other, push))
    })?;
    match missing(workflows, group).as_slice() {
        [(tag, _)] => Some(Fix::LatestForSha(tag.clone())),
        _ => None,
    }
}

/// Whether the second line should have a moving tag: the step pushes none to the repository,
/// while the image has one in another registry, step or workflow.
fn displaced(workflows: &Workflows<'_>, leg: &Leg, push: &Push) -> bool {
    let reference = &push.reference;
    let moves = |other: &Push| {
        workflows.conventions.kind(&other.reference, workflows.symbols) == TagKind::Moving
    };
    let here = |other: &&Push| {
        other.step == push.step && other.reference.repository() == reference.repository()
    };
    !leg.pushes.iter().filter(here).any(moves)
        && workflows
            .pushes()
            .any(|(_, other)| moves(other) && other.reference.image() == reference.image())
}
