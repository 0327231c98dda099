//! The rule `mutable-deploy`: an own image is deployed by a tag that moves.

use super::about::{Reporter, Rule, Say};
use super::deploy::is_own;
use crate::lint::evaluate::{JobKind, Set};
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "mutable-deploy",
    severity: Severity::Error,
    summary: "an own image is deployed by a tag that moves",
    why: "
        `prod-latest` is whatever was pushed last, which may be another commit than the one that was tested
        and migrated for. Error in deploy and migrate jobs, else a warning. An image that the job has built
        itself, and images of others, are left alone.",
    bad: include_str!("mutable_deploy.bad.yml"),
    good: include_str!("mutable_deploy.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for used in task.legs.iter().flat_map(|leg| &leg.uses) {
            let reference = &used.reference;
            if set.setup.kind(reference, set.symbols) != TagKind::Mutable || !is_own(set, reference)
            {
                continue;
            }
            let severity = match task.kind {
                JobKind::Deploy | JobKind::Migrate => Severity::Error,
                JobKind::Other => Severity::Warning,
            };
            let text = set.symbols.show(&reference.text());
            let say = Say::new(
                text.clone(),
                format!("`{text}` is {} by a tag that moves", used.verb.done()),
                "use the tag with the SHA, `<env>-${{ github.sha }}`, or a digest",
            );
            out.with(severity, task, reference.at, say);
        }
    }
}
