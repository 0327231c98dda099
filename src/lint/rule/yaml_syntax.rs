//! The rule `yaml-syntax`: a file that is not YAML, for example because of conflict markers.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::yaml::DefectKind;

pub(super) const RULE: Rule = Rule {
    name: "yaml-syntax",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a file that is not YAML, for example because of conflict markers",
    why: "
        GitHub does not start a workflow that it cannot read, and the error is shown where few
        people look: the release is missing, and nothing has failed. Conflict markers, tabs and
        unclosed quotes are the usual causes. No other rule checks such a file.",
    bad: include_str!("yaml_syntax.bad.yml"),
    good: include_str!("yaml_syntax.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &workflows.defects {
        let DefectKind::Syntax(why) = &defect.kind else { continue };
        let problem = Problem::new(
            file,
            format!("this file is not valid YAML: {why}"),
            "GitHub does not run the workflow until it can read the file",
        );
        out.report_in(file, defect.at, problem);
    }
}
