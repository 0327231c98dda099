//! The rule `missing-latest-tag`: no latest tag is pushed to a repository.

use super::push_group::push_groups;
use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-latest-tag",
    severity: Severity::Error,
    summary: "no latest tag is pushed to a repository",
    why: "
        Whatever uses a moving tag (a droplet that restarts, a cache, `tags rollback-target`) stays
        at the previous build. A policy names the latest tag of each environment; with `latest-
        required = false` this is a warning. Without a policy, any tag `latest` or `<env>-latest` of
        the same environment is enough.",
    bad: include_str!("missing_latest_tag.bad.yml"),
    good: include_str!("missing_latest_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for group in push_groups(workflows) {
        let Some(missing) = group.missing_latest(workflows) else { continue };
        let repository = workflows.symbols.show(&group.repository);
        let severity = if missing.required { Severity::Error } else { Severity::Warning };
        let problem = Problem::new(
            repository.clone(),
            format!("`{}` is not pushed to `{repository}`", missing.tag),
            format!("add `{repository}:{}`", missing.tag),
        );
        out.report_as(severity, group.run, group.anchor, problem);
    }
}
