//! The rule `duplicate-tag`: one step pushes a reference twice.

use std::collections::HashMap;

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-tag",
    severity: Severity::Error,
    summary: "one step pushes a reference twice",
    why: "
        A line was copied and its tag was not changed: one tag is pushed twice and the other never.
        The push succeeds, and the missing tag is noticed only by a later deploy. Retries of one
        push, and pushes in different branches of a script, are not reported.",
    bad: include_str!("duplicate_tag.bad.yml"),
    good: include_str!("duplicate_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        let mut firsts = HashMap::new();
        for push in &leg.pushes {
            let reference = &push.reference;
            let text = (reference.text(), reference.kind);
            let key = (push.step, text, push.branch.as_slice(), &push.origin, push.certain);
            let first = *firsts.entry(key).or_insert(push);
            if std::ptr::eq(first, push) {
                continue;
            }
            let text = workflows.show(reference);
            let line = first.reference.at.line;
            let problem = Problem::new(
                text.clone(),
                format!("`{text}` is pushed twice; the first time in line {line}"),
                "write the other tag here, such as `<env>-latest`, or remove the line",
            );
            out.report(run, reference.at, problem);
        }
    }
}
