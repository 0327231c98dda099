//! The rule `duplicate-key`: a key twice in one mapping.

use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::yaml::DefectKind;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "a key twice in one mapping",
    why: "
        A second `migrate:` under `jobs` makes GitHub refuse the workflow, and other readers of YAML keep
        silently only the last one. It is what a careless merge leaves behind. Nothing else is claimed of
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
