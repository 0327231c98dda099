//! The rule `duplicate-key`: a key twice in one mapping.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::yaml::DefectKind;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-key",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a key twice in one mapping",
    why: "
        GitHub refuses a workflow with a second `migrate:` under `jobs`, and other readers of YAML
        silently keep only the last one. It often comes from a careless merge. No other rule checks
        such a file.",
    bad: include_str!("duplicate_key.bad.yml"),
    good: include_str!("duplicate_key.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &workflows.defects {
        let DefectKind::Duplicate { key, first } = &defect.kind else { continue };
        let problem = Problem::new(
            key,
            format!("the key `{key}` is given twice; the first time in line {}", first.line),
            "keep one of the two, or rename this one",
        );
        out.report_in(file, defect.at, problem);
    }
}
