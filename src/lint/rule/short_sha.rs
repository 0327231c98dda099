//! The rule `short-sha`: a short SHA in a pushed tag.

use super::push_group::is_covered;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "short-sha",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "a short SHA in a pushed tag",
    why: "
        Seven digits are unique today and may be ambiguous in a year, and a search for the whole SHA
        does not find them. `docker/metadata-action` writes seven digits unless its rule says
        `format=long`.",
    bad: include_str!("short_sha.bad.yml"),
    good: include_str!("short_sha.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for push in &leg.pushes {
            if push.reference.kind != TagKind::ShortSha || !is_covered(workflows, run, push) {
                continue;
            }
            let text = workflows.show(&push.reference);
            let problem = Problem::new(
                text.clone(),
                format!("`{text}` has a shortened SHA"),
                "use the whole SHA: `${{ github.sha }}`, or `type=sha,format=long`",
            );
            out.report_leg(out.severity(), (run, leg), push.reference.at, problem);
        }
    }
}
