//! The rule `duplicate-tag`: one reference twice in one push set.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-tag",
    severity: Severity::Error,
    summary: "one reference twice in one push set",
    why: "
        Whoever copies a line and forgets to change its tag pushes one tag twice and the other never. The
        push succeeds, and the tag that is missing is noticed by whoever deploys it. Retries of one push are
        no duplicates, and neither are pushes in different branches of a script.",
    bad: include_str!("duplicate_tag.bad.yml"),
    good: include_str!("duplicate_tag.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            let mut firsts = HashMap::new();
            for push in &leg.pushes {
                let reference = &push.reference;
                let text = (reference.text(), reference.kind);
                let key = (push.step, text, push.branch.as_slice(), &push.origin, push.certain);
                let first = *firsts.entry(key).or_insert(push);
                if std::ptr::eq(first, push) {
                    continue;
                }
                let text = set.symbols.show(&push.reference.text());
                let line = first.reference.at.line;
                let say = Say::new(
                    text.clone(),
                    format!("`{text}` is pushed twice; the first time in line {line}"),
                    "write the other tag here, such as `<env>-latest`, or take the line out",
                );
                out.at(task, push.reference.at, say);
            }
        }
    }
}
