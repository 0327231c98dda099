//! The rule `mutable-deploy`: an own image is deployed by a tag that moves.

use super::own_image::is_own;
use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, Workflows};
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "mutable-deploy",
    severity: Severity::Error,
    summary: "an own image is deployed by a tag that moves",
    why: "
        `prod-latest` is whatever was pushed last, perhaps another commit than the one that was
        tested and migrated for. An error in deploy and migrate jobs, elsewhere a warning. An image
        that the job has built itself, and images of others, are not reported.",
    bad: include_str!("mutable_deploy.bad.yml"),
    good: include_str!("mutable_deploy.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, used) in workflows.uses() {
        let reference = &used.reference;
        let kind = workflows.conventions.kind(reference, workflows.symbols);
        if kind != TagKind::Mutable || !is_own(workflows, reference) {
            continue;
        }
        let severity = match run.kind {
            JobKind::Deploy | JobKind::Migrate => Severity::Error,
            JobKind::Other => Severity::Warning,
        };
        let text = workflows.show(reference);
        let problem = Problem::new(
            text.clone(),
            format!("`{text}` is {} by a tag that moves", used.how.as_str()),
            "use the tag with the SHA, `<env>-${{ github.sha }}`, or a digest",
        );
        out.report_as(severity, run, reference.at, problem);
    }
}
