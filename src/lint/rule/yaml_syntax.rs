//! The rule `yaml-syntax`: not YAML, conflict markers included.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::Set;
use crate::lint::finding::Severity;
use crate::lint::yaml::DefectKind;

pub(super) const RULE: Rule = Rule {
    name: "yaml-syntax",
    severity: Severity::Error,
    summary: "not YAML, conflict markers included",
    why: "
        GitHub does not start a workflow that it cannot read, and says so in a place where nobody looks:
        the release is then missing without a failure. Conflict markers, tabs and unclosed quotes are the
        usual causes. Nothing else is claimed of such a file.",
    bad: include_str!("yaml_syntax.bad.yml"),
    good: include_str!("yaml_syntax.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &set.defects {
        let DefectKind::Syntax(why) = &defect.kind else { continue };
        let say = Say::new(
            file,
            format!("this is not YAML: {why}"),
            "GitHub does not run the workflow until it can be read",
        );
        out.report(file, defect.at, say);
    }
}
