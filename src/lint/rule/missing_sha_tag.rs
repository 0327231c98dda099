//! The rule `missing-sha-tag`: no tag with the commit's SHA is pushed to a repository.

use super::push_group::push_groups;
use super::report::{Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "missing-sha-tag",
    severity: Severity::Error,
    summary: "no tag with the commit's SHA is pushed to a repository",
    why: "
        A rollback needs a tag that never moves. An image that is pushed only as `prod-latest`
        cannot be found any more after the next build. Copies of an image that already has its SHA
        tag need no second one.",
    bad: include_str!("missing_sha_tag.bad.yml"),
    good: include_str!("missing_sha_tag.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for group in push_groups(workflows) {
        if group.has(|kind| kind.names_commit() || kind.is_open())
            || group.copies_a_release(workflows)
            || group.has_elsewhere(workflows, TagKind::names_commit)
        {
            continue;
        }
        let repository = workflows.symbols.show(&group.repository);
        let problem = Problem::new(
            repository.clone(),
            format!("no tag with the commit's SHA is pushed to `{repository}`"),
            format!("add `{repository}:<env>-${{{{ github.sha }}}}`"),
        );
        out.report(group.run, group.anchor, problem);
    }
}
